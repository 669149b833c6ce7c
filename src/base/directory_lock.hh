// Keeps two processes from changing a directory at once.
#pragma once

#include <filesystem>

#include "base/descriptor.hh"
#include "base/error.hh"

namespace pylon {

/// An advisory lock on a directory, held as long as this object lives; it goes with the process,
/// too.
class DirectoryLock {
 public:
  enum class Kind { kShared, kExclusive };

  /// Waits for the lock. kIo if the directory cannot be opened.
  static Result<DirectoryLock> take(const std::filesystem::path& directory, Kind kind);

 private:
  explicit DirectoryLock(Descriptor descriptor) : descriptor_(std::move(descriptor)) {}

  Descriptor descriptor_;
};

}  // namespace pylon
