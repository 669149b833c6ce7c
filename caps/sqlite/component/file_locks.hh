// SQLite's locks on files by the locks of the host.
#pragma once

#include <sqlite3.h>

namespace cap {

/// Makes the file system `vfs` lock through pylon:files/locks.
int lock_files_by_host(sqlite3_vfs* vfs);

}  // namespace cap
