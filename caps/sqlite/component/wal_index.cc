// WASI shares no memory between processes. So this component keeps the index in its own, for all of
// its connections, and keeps other processes away while it does: it holds, exclusively, the byte of
// the file "-shm" by which SQLite's processes tell each other that the index is in use. They find
// the database locked, and so does a connection here that comes when others use it.
#include "wal_index.hh"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "file_lock.hh"

namespace cap {
namespace {

constexpr std::uint64_t kInUse = 128;  // that byte: UNIX_SHM_DMS of os_unix.c

// One database's index.
struct Index {
  ~Index() {
    for (void* region : regions) std::free(region);
  }

  std::string path;
  std::unique_ptr<file_lock> claim;
  std::vector<void*> regions;
  std::array<int, SQLITE_SHM_NLOCK> holders{};  // of each lock; -1: one, exclusively
};

// What one connection has of it.
struct Share {
  std::shared_ptr<Index> index;
  unsigned shared = 0, exclusive = 0;  // locks it holds, a bit each
};

std::map<std::string, std::weak_ptr<Index>>& indexes() {
  static std::map<std::string, std::weak_ptr<Index>> all;
  return all;
}

std::map<sqlite3_file*, Share>& shares() {
  static std::map<sqlite3_file*, Share> all;
  return all;
}

std::map<sqlite3_file*, std::string>& databases() {
  static std::map<sqlite3_file*, std::string> all;
  return all;
}

// The index of a database, made if nobody here has it.
int index_of(const std::string& database, std::shared_ptr<Index>& out) {
  out = indexes()[database].lock();
  if (out) return SQLITE_OK;
  auto made = std::make_shared<Index>();
  made->path = database + "-shm";
  const int number = open(made->path.c_str(), O_RDWR | O_CREAT, 0644);
  if (number < 0) return SQLITE_READONLY_CANTINIT;
  close(number);
  auto claim = file_lock::open(made->path);
  if (!claim) return SQLITE_IOERR_SHMLOCK;
  auto held = (*claim)->lock(lock_access::exclusive, kInUse, 1);
  if (!held) return SQLITE_IOERR_SHMLOCK;
  if (!*held) return SQLITE_BUSY;
  made->claim = std::move(*claim);
  indexes()[database] = out = std::move(made);
  return SQLITE_OK;
}

int map_region(sqlite3_file* file, int region, int size, int extend, void volatile** out) {
  *out = nullptr;
  Share& share = shares()[file];
  if (!share.index)
    if (int code = index_of(databases()[file], share.index); code != SQLITE_OK) return code;
  auto& regions = share.index->regions;
  const auto wanted = static_cast<std::size_t>(region);
  while (regions.size() <= wanted) {
    if (!extend) return SQLITE_OK;
    void* made = std::calloc(1, static_cast<std::size_t>(size));
    if (!made) return SQLITE_IOERR_NOMEM;
    regions.push_back(made);
  }
  *out = regions[wanted];
  return SQLITE_OK;
}

void unlock(Share& share, int number) {
  const unsigned bit = 1u << number;
  int& holders = share.index->holders[static_cast<std::size_t>(number)];
  if (share.exclusive & bit) holders = 0;
  if (share.shared & bit) --holders;
  share.exclusive &= ~bit;
  share.shared &= ~bit;
}

bool is_free(const Share& share, int number, bool exclusive) {
  const unsigned bit = 1u << number;
  const int holders = share.index->holders[static_cast<std::size_t>(number)];
  if (share.exclusive & bit) return true;
  return exclusive ? holders == ((share.shared & bit) ? 1 : 0) : holders >= 0;
}

void lock(Share& share, int number, bool exclusive) {
  const unsigned bit = 1u << number;
  int& holders = share.index->holders[static_cast<std::size_t>(number)];
  if (exclusive) {
    unlock(share, number);
    holders = -1;
    share.exclusive |= bit;
  } else if (!((share.shared | share.exclusive) & bit)) {
    ++holders;
    share.shared |= bit;
  }
}

int lock_range(sqlite3_file* file, int first, int count, int flags) {
  const auto found = shares().find(file);
  if (found == shares().end() || !found->second.index) return SQLITE_IOERR_SHMLOCK;
  Share& share = found->second;
  const bool exclusive = flags & SQLITE_SHM_EXCLUSIVE;
  for (int i = first; !(flags & SQLITE_SHM_UNLOCK) && i < first + count; ++i)
    if (!is_free(share, i, exclusive)) return SQLITE_BUSY;
  for (int i = first; i < first + count; ++i)
    if (flags & SQLITE_SHM_UNLOCK)
      unlock(share, i);
    else
      lock(share, i, exclusive);
  return SQLITE_OK;
}

void barrier(sqlite3_file*) {}

int unmap(sqlite3_file* file, int remove) {
  const auto found = shares().find(file);
  if (found == shares().end()) return SQLITE_OK;
  Share share = std::move(found->second);
  shares().erase(found);
  if (!share.index) return SQLITE_OK;
  for (int i = 0; i < SQLITE_SHM_NLOCK; ++i) unlock(share, i);
  if (remove && share.index.use_count() == 1) unlink(share.index->path.c_str());
  return SQLITE_OK;
}

struct Original {
  int (*open)(sqlite3_vfs*, const char*, sqlite3_file*, int, int*);
  const sqlite3_io_methods* methods;
};

Original& original() {
  static Original the;
  return the;
}

int close_database(sqlite3_file* file) {
  unmap(file, 0);
  databases().erase(file);
  return original().methods->xClose(file);
}

const sqlite3_io_methods* methods_with_index() {
  static sqlite3_io_methods methods = [] {
    sqlite3_io_methods made = *original().methods;
    made.iVersion = 2;
    made.xShmMap = map_region;
    made.xShmLock = lock_range;
    made.xShmBarrier = barrier;
    made.xShmUnmap = unmap;
    made.xClose = close_database;
    return made;
  }();
  return &methods;
}

// Databases that others may use, too, have their locks; only they can have an index.
int open_file(sqlite3_vfs* vfs, const char* path, sqlite3_file* file, int flags, int* out) {
  const int code = original().open(vfs, path, file, flags, out);
  if (code != SQLITE_OK || !path || !(flags & SQLITE_OPEN_MAIN_DB)) return code;
  if (!original().methods && !sqlite3_uri_boolean(path, "nolock", 0))
    original().methods = file->pMethods;
  if (file->pMethods != original().methods) return code;
  databases()[file] = path;
  file->pMethods = methods_with_index();
  return code;
}

}  // namespace

void keep_wal_indexes(sqlite3_vfs* vfs) {
  original().open = vfs->xOpen;
  vfs->xOpen = open_file;
}

}  // namespace cap
