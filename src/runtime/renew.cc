#include "runtime/renew.hh"

#include "base/directory_lock.hh"
#include "engine/engine.hh"
#include "runtime/facades.hh"
#include "runtime/plan_gate.hh"
#include "snapshot/snapshot.hh"

namespace pylon::runtime {

namespace {

Result<void> make(Install& install) {
  PYLON_TRY(cold, install.checked_image(Image::kCold));
  PYLON_TRY(engine, engine::Engine::create());
  const std::filesystem::path facades = installed_facades(install.directory());
  PYLON_TRY(modules, builtin_modules(facades));
  PYLON_CHECK(snapshot::make_snapshot(engine, cold, {install.library(), facades},
                                      install.image_path(Image::kSnapshot),
                                      plan_environment(modules)));
  return install.record_snapshot();
}

Result<DirectoryLock> lock(const Install& install) {
  return DirectoryLock::take(install.directory(), DirectoryLock::Kind::kExclusive);
}

}  // namespace

Result<void> renew_snapshot(Install& install) {
  const Result<DirectoryLock> held = lock(install);
  if (!held) return fail(held.error());
  return make(install);
}

Result<void> ensure_snapshot(Install& install) {
  const Result<DirectoryLock> held = lock(install);
  if (!held) return fail(held.error());
  PYLON_TRY(now, Install::at(install.root()));
  install = std::move(now);
  if (install.has(Image::kSnapshot)) return {};
  return make(install);
}

}  // namespace pylon::runtime
