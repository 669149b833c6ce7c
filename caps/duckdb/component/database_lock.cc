// The locks that keep a database from being opened for writing twice (patches/file-locks.patch), by
// the host's.
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <memory>
#include <string>
#include <unordered_map>

#include "file_lock.hh"

namespace {

std::unordered_map<int, std::unique_ptr<cap::file_lock>>& held() {
  static auto* locks = new std::unordered_map<int, std::unique_ptr<cap::file_lock>>();
  return *locks;
}

int errno_of(cap::lock_failure failure) {
  switch (failure) {
    case cap::lock_failure::not_permitted:
      return EPERM;
    case cap::lock_failure::missing:
      return ENOENT;
    case cap::lock_failure::not_a_file:
      return EINVAL;
    case cap::lock_failure::unsupported:
      return ENOTSUP;
    case cap::lock_failure::io:
      return EIO;
  }
  return EIO;
}

}  // namespace

extern "C" int component_lock_file(const char* path, int fd, bool exclusive) {
  char absolute[PATH_MAX];
  if (!realpath(path, absolute)) return errno;
  auto lock = cap::file_lock::open(absolute);
  if (!lock)
    return !exclusive && lock.error() == cap::lock_failure::unsupported ? 0
                                                                        : errno_of(lock.error());
  const auto locked =
      (*lock)->lock(exclusive ? cap::lock_access::exclusive : cap::lock_access::shared, 0, 0);
  if (!locked)
    return !exclusive && locked.error() == cap::lock_failure::unsupported
               ? 0
               : errno_of(locked.error());
  if (!*locked) return EWOULDBLOCK;
  held()[fd] = std::move(*lock);
  return 0;
}

extern "C" void component_unlock_file(int fd) {
  held().erase(fd);
}
