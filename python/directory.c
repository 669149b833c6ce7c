// The working directory, which libc keeps as a text in the guest.
#include <stdlib.h>
#include <string.h>

#include "pylon.h"

extern char* __wasilibc_cwd;

int __real_chdir(const char* path);

void pylon_set_directory(const char* directory) {
  if (directory && directory[0] == '/') __wasilibc_cwd = strdup(directory);
}

// Removes "." and ".." components from an absolute path, in place.
static void normalise(char* path) {
  char* end = path;
  for (const char* at = path; *at;) {
    while (*at == '/') at++;
    size_t length = strcspn(at, "/");
    if (length == 2 && at[0] == '.' && at[1] == '.') {
      while (end > path && *--end != '/') continue;
    } else if (length > 0 && !(length == 1 && at[0] == '.')) {
      *end++ = '/';
      memmove(end, at, length);
      end += length;
    }
    at += length;
  }
  if (end == path) *end++ = '/';
  *end = 0;
}

// libc appends what it is given; getcwd() must name the directory as the system would: without
// links and dots, or, where a link on the way may not be looked at, at least without dots.
PYLON_EXPORT("__wrap_chdir") int __wrap_chdir(const char* path) {
  int result = __real_chdir(path);
  if (result != 0) return result;
  char* real = realpath(__wasilibc_cwd, NULL);
  if (real) {
    free(__wasilibc_cwd);  // libc's own chdir() has just allocated it
    __wasilibc_cwd = real;
  } else {
    normalise(__wasilibc_cwd);
  }
  return 0;
}
