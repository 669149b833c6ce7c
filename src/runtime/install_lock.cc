#include "runtime/install_lock.hh"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "base/file.hh"

namespace pylon::runtime {

Result<InstallLock> InstallLock::take(const std::filesystem::path& directory, Kind kind) {
  const int descriptor = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return fail(io_error("cannot open", directory, errno));
  InstallLock lock(descriptor);
  while (::flock(descriptor, kind == Kind::kShared ? LOCK_SH : LOCK_EX) != 0)
    if (errno != EINTR) return fail(io_error("cannot lock", directory, errno));
  return lock;
}

InstallLock::InstallLock(InstallLock&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)) {}

InstallLock::~InstallLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace pylon::runtime
