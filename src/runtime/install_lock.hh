// Keeps two processes from changing an install at once.
#pragma once

#include <filesystem>

#include "base/error.hh"

namespace pylon::runtime {

/// An advisory lock on lib/pylon, held as long as this object lives; it goes with the process, too.
class InstallLock {
 public:
  enum class Kind { kShared, kExclusive };

  /// Waits for the lock. kIo if the directory cannot be opened.
  static Result<InstallLock> take(const std::filesystem::path& directory, Kind kind);

  InstallLock(InstallLock&& other) noexcept;
  InstallLock& operator=(InstallLock&&) = delete;
  ~InstallLock();

 private:
  explicit InstallLock(int descriptor) : descriptor_(descriptor) {}

  int descriptor_;
};

}  // namespace pylon::runtime
