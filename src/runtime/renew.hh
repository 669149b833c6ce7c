// Makes a new snapshot of the initialised interpreter, with a new random secret for string hashes.
#pragma once

#include "base/error.hh"
#include "runtime/install.hh"

namespace pylon::runtime {

/// Makes lib/pylon/python.snapshot.cwasm anew from the cold image and notes it in the manifest.
/// Either the old or the new snapshot is there at any time, and only one process at a time makes
/// one. The install has to be writable.
Result<void> renew_snapshot(Install& install);

/// Makes the snapshot if there is none, even after another process that was making one is done.
Result<void> ensure_snapshot(Install& install);

}  // namespace pylon::runtime
