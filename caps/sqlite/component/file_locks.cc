// SQLite locks ranges of bytes of a database by fcntl(), which WASI lacks. Its locks are those of a
// process, for a file, through whichever descriptor: here a file that is open has one opening at
// the host that holds them all, from its first lock on, until its last descriptor is closed.
#include "file_locks.hh"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdarg>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "file_lock.hh"

namespace cap {
namespace {

using FileId = std::pair<dev_t, ino_t>;

struct LockedFile {
  explicit LockedFile(std::string where) : path(std::move(where)) {}

  std::string path;
  std::unique_ptr<file_lock> locks;
};

struct Descriptor {
  FileId id;
  std::shared_ptr<LockedFile> file;
};

std::map<int, Descriptor>& descriptors() {
  static std::map<int, Descriptor> all;
  return all;
}

std::shared_ptr<LockedFile> file_of(const FileId& id, const char* path) {
  for (const auto& [number, one] : descriptors())
    if (one.id == id) return one.file;
  return std::make_shared<LockedFile>(path);
}

int open_noted(const char* path, int flags, int mode) {
  const int number = open(path, flags, mode);
  struct stat status;
  if (number < 0 || fstat(number, &status) != 0 || !S_ISREG(status.st_mode)) return number;
  const FileId id(status.st_dev, status.st_ino);
  descriptors()[number] = {id, file_of(id, path)};
  return number;
}

int close_noted(int number) {
  descriptors().erase(number);
  return close(number);
}

int error_of(lock_failure failure) {
  switch (failure) {
    case lock_failure::not_permitted:
      return EACCES;
    case lock_failure::missing:
      return ENOENT;
    case lock_failure::unsupported:
      return ENOLCK;
    default:
      return EIO;
  }
}

int failed(int error) {
  errno = error;
  return -1;
}

int take(file_lock& locks, const struct flock& wanted, lock_access access) {
  auto taken = locks.lock(access, static_cast<std::uint64_t>(wanted.l_start),
                          static_cast<std::uint64_t>(wanted.l_len));
  if (!taken) return failed(error_of(taken.error()));
  return *taken ? 0 : failed(EAGAIN);
}

int give_back(file_lock& locks, const struct flock& wanted) {
  auto done = locks.unlock(static_cast<std::uint64_t>(wanted.l_start),
                           static_cast<std::uint64_t>(wanted.l_len));
  return done ? 0 : failed(error_of(done.error()));
}

int ask(file_lock& locks, struct flock& wanted, lock_access access) {
  auto held = locks.is_locked(access, static_cast<std::uint64_t>(wanted.l_start),
                              static_cast<std::uint64_t>(wanted.l_len));
  if (!held) return failed(error_of(held.error()));
  if (!*held) wanted.l_type = F_UNLCK;
  return 0;
}

int lock_by_host(int number, int command, struct flock* wanted) {
  const auto found = descriptors().find(number);
  if (found == descriptors().end()) return failed(EBADF);
  LockedFile& file = *found->second.file;
  if (!file.locks) {
    auto opened = file_lock::open(file.path);
    if (!opened) return failed(error_of(opened.error()));
    file.locks = std::move(*opened);
  }
  const auto access = wanted->l_type == F_WRLCK ? lock_access::exclusive : lock_access::shared;
  if (command == F_GETLK) return ask(*file.locks, *wanted, access);
  if (wanted->l_type == F_UNLCK) return give_back(*file.locks, *wanted);
  return take(*file.locks, *wanted, access);
}

// What SQLite asks of descriptors beside locks is not to be inherited, which they never are here.
int control(int number, int command, ...) {
  if (command == F_GETFD || command == F_SETFD) return 0;
  if (command != F_GETLK && command != F_SETLK) return failed(EINVAL);
  va_list arguments;
  va_start(arguments, command);
  auto* wanted = va_arg(arguments, struct flock*);
  va_end(arguments);
  return lock_by_host(number, command, wanted);
}

template <typename Function>
int replace(sqlite3_vfs* vfs, const char* name, Function* function) {
  return vfs->xSetSystemCall(vfs, name, reinterpret_cast<sqlite3_syscall_ptr>(function));
}

}  // namespace

int lock_files_by_host(sqlite3_vfs* vfs) {
  int code = replace(vfs, "open", open_noted);
  if (code == SQLITE_OK) code = replace(vfs, "close", close_noted);
  if (code == SQLITE_OK) code = replace(vfs, "fcntl", control);
  return code;
}

}  // namespace cap
