#include "base/directory_lock.hh"

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>

#include "base/file.hh"

namespace pylon {

Result<DirectoryLock> DirectoryLock::take(const std::filesystem::path& directory, Kind kind) {
  Descriptor descriptor(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!descriptor) return fail(io_error("cannot open", directory, errno));
  while (::flock(descriptor.get(), kind == Kind::kShared ? LOCK_SH : LOCK_EX) != 0)
    if (errno != EINTR) return fail(io_error("cannot lock", directory, errno));
  return DirectoryLock(std::move(descriptor));
}

}  // namespace pylon
