// The commands about the install itself: info, doctor, renew; and the choice of the image.
#pragma once

#include "base/error.hh"
#include "runtime/install.hh"

namespace pylon::launcher {

/// The image for a run. A missing snapshot is made first if the install can be written.
runtime::Image choose_image(runtime::Install& install, bool cold);

/// `pylon --version`.
Result<int> print_version(bool json);

/// `pylon info`: versions, paths, sizes and digests as the manifest has them.
Result<int> print_info(bool json);

/// `pylon doctor`: reads everything and compares it with the manifest; the exit code is 0 if all is
/// well, else 125.
Result<int> run_doctor(bool repair, bool json);

/// `pylon renew`: a new snapshot with a new hash secret.
Result<int> renew(bool json);

}  // namespace pylon::launcher
