#include "runtime/renew.hh"

#include "engine/engine.hh"
#include "runtime/install_lock.hh"
#include "snapshot/snapshot.hh"

namespace pylon::runtime {

Result<void> renew_snapshot(Install& install) {
  const Result<InstallLock> lock =
      InstallLock::take(install.directory(), InstallLock::Kind::kExclusive);
  if (!lock) return fail(lock.error());
  PYLON_TRY(cold, install.checked_image(Image::kCold));
  PYLON_TRY(engine, engine::Engine::create());
  PYLON_CHECK(snapshot::make_snapshot(engine, cold, install.library(),
                                      install.image_path(Image::kSnapshot)));
  return install.record_snapshot();
}

}  // namespace pylon::runtime
