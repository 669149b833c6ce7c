// SQLite on this host: one thread, a working directory that the program names.
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "database.hh"
#include "file_locks.hh"
#include "wal_index.hh"

namespace cap {
namespace {

std::string& directory() {
  static std::string path = "/";
  return path;
}

char* current_directory(char* buffer, std::size_t size) {
  if (directory().size() >= size) {
    errno = ERANGE;
    return nullptr;
  }
  std::memcpy(buffer, directory().c_str(), directory().size() + 1);
  return buffer;
}

// There is no /dev/urandom.
int random_bytes(sqlite3_vfs*, int size, char* out) {
  constexpr int kAtOnce = 256;
  for (int done = 0; done < size; done += kAtOnce)
    if (getentropy(out + done, static_cast<std::size_t>(std::min(size - done, kAtOnce))) != 0)
      return done;
  return size;
}

int replace_system_calls() {
  sqlite3_vfs* vfs = sqlite3_vfs_find("unix");
  if (!vfs) return SQLITE_ERROR;
  vfs->xRandomness = random_bytes;
  keep_wal_indexes(vfs);
  const int code =
      vfs->xSetSystemCall(vfs, "getcwd", reinterpret_cast<sqlite3_syscall_ptr>(current_directory));
  return code == SQLITE_OK ? lock_files_by_host(vfs) : code;
}

}  // namespace

int start_sqlite() {
  static const int code = [] {
    sqlite3_config(SQLITE_CONFIG_SINGLETHREAD);
    const int started = sqlite3_initialize();
    return started == SQLITE_OK ? replace_system_calls() : started;
  }();
  return code;
}

namespace engine {

void set_directory(std::string_view path) {
  directory() = path;
}

}  // namespace engine
}  // namespace cap
