// What stat() tells of files. WASI has no permission bits, and 0 would be passed on: nobody could
// read what tarfile or zipfile has packed here. So a file has the bits that a new one usually gets.
#include <sys/stat.h>

#include "pylon.h"
#include "sockets.h"

int __real_fstat(int fd, struct stat* out);
int __real___wasilibc_nocwd_fstatat(int fd, const char* path, struct stat* out, int flags);

// What tells one machine's copy of a file from another's, and stays behind in memory.
static void forget_identity(struct stat* out) {
  out->st_dev = 0;
  out->st_ino = 0;
  out->st_atim = out->st_mtim = out->st_ctim = (struct timespec){0};
}

static int with_mode(int result, struct stat* out) {
  if (result == 0 && pylon_randomness_is_fixed()) forget_identity(out);
  if (result != 0 || (out->st_mode & ~S_IFMT) != 0) return result;
  out->st_mode |= S_ISDIR(out->st_mode) ? 0755 : S_ISLNK(out->st_mode) ? 0777 : 0644;
  return result;
}

PYLON_EXPORT("__wrap_fstat") int __wrap_fstat(int fd, struct stat* out) {
  if (pylon_pipe_end_of(fd)) {
    *out = (struct stat){.st_mode = S_IFIFO | 0600, .st_nlink = 1};
    return 0;
  }
  return with_mode(__real_fstat(fd, out), out);
}

PYLON_EXPORT("__wrap___wasilibc_nocwd_fstatat")
int __wrap___wasilibc_nocwd_fstatat(int fd, const char* path, struct stat* out, int flags) {
  return with_mode(__real___wasilibc_nocwd_fstatat(fd, path, out, flags), out);
}
