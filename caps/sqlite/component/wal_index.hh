// The index of a write-ahead log, which SQLite keeps in memory that connections share.
#pragma once

#include <sqlite3.h>

namespace cap {

/// Gives the databases that `vfs` opens memory for it.
void keep_wal_indexes(sqlite3_vfs* vfs);

}  // namespace cap
