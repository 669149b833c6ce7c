// Removing a file where nothing may be changed. The host refuses before it looks whether there is
// one; a program that only wants it gone (pathlib's missing_ok) expects to hear that it is not
// there, as on a read-only file system.
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "pylon.h"

int __real_unlink(const char* path);
int __real_rmdir(const char* path);

// Below the prefix there is the library, and nothing that a flag could grant.
static bool is_virtual(const char* path) {
  return strncmp(path, "/pylon/", strlen("/pylon/")) == 0;
}

static int refused_or_absent(int result, const char* path) {
  if (result == 0 || errno != EPERM) return result;
  struct stat found;
  bool absent = lstat(path, &found) != 0 && (errno == ENOENT || is_virtual(path));
  errno = absent ? ENOENT : EPERM;
  return result;
}

PYLON_EXPORT("__wrap_unlink") int __wrap_unlink(const char* path) {
  return refused_or_absent(__real_unlink(path), path);
}

PYLON_EXPORT("__wrap_rmdir") int __wrap_rmdir(const char* path) {
  return refused_or_absent(__real_rmdir(path), path);
}
