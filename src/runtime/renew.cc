#include "runtime/renew.hh"

#include "engine/engine.hh"
#include "snapshot/snapshot.hh"

namespace pylon::runtime {

Result<void> renew_snapshot(Install& install) {
  PYLON_TRY(cold, install.checked_image(Image::kCold));
  PYLON_TRY(engine, engine::Engine::create());
  PYLON_CHECK(snapshot::make_snapshot(engine, cold, install.library(),
                                      install.image_path(Image::kSnapshot)));
  return install.record_snapshot();
}

}  // namespace pylon::runtime
