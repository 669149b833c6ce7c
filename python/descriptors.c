// Second descriptors for what a descriptor stands for, which libc does not have: what stands behind
// several is let go with the last of them. The linker puts these in front of libc's and CPython's
// own
// (`--wrap`).
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "pylon.h"
#include "sockets.h"

int __real_close(int fd);
int __real_fcntl(int fd, int command, const int* arguments);
int __real_ioctl(int fd, int request, int* const* arguments);
off_t __real_lseek(int fd, off_t offset, int whence);

// Something behind several descriptors: its functions, of which `free` counts.
typedef struct shared {
  struct shared* next;
  void* data;
  unsigned count;
  void (*free)(void*);
  void (*functions[PYLON_DESCRIPTOR_FUNCTIONS])(void*);
} shared;

static shared* all_shared;

static shared** find_shared(const void* data) {
  shared** at = &all_shared;
  while (*at && (*at)->data != data) at = &(*at)->next;
  return at;
}

static void release(void* data) {
  shared** at = find_shared(data);
  shared* here = *at;
  if (--here->count > 0) return;
  *at = here->next;
  here->free(data);
  free(here);
}

// What stands behind the descriptor, able to be counted; NULL with errno.
static shared* share(pylon_descriptor* entry) {
  shared* here = *find_shared(entry->data);
  if (here) return here;
  here = malloc(sizeof *here);
  if (!here) {
    errno = ENOMEM;
    return NULL;
  }
  *here = (shared){.next = all_shared, .data = entry->data, .count = 1};
  here->free = entry->functions[0];
  memcpy(here->functions, entry->functions, sizeof here->functions);
  here->functions[0] = release;
  entry->functions = here->functions;
  all_shared = here;
  return here;
}

int pylon_duplicate(int fd) {
  pylon_descriptor* entry = descriptor_table_get_ref(fd);
  shared* here = entry ? share(entry) : NULL;
  if (!here) return -1;
  const int made = descriptor_table_insert(*entry);
  if (made >= 0) here->count++;
  return made;
}

// Makes `target` a second descriptor, where it was none: libc gives out those that were used
// before, then the next ones, so what comes before it is taken meanwhile.
static int duplicate_until(int fd, int target) {
  const int made = pylon_duplicate(fd);
  if (made < 0 || made == target) return made;
  const int found = duplicate_until(fd, target);
  const int error = errno;
  close(made);
  errno = error;
  return found;
}

int pylon_duplicate_to(int fd, int target) {
  enum { kMostDescriptors = 4096 };
  pylon_descriptor* entry = descriptor_table_get_ref(fd);
  if (!entry || target < 0 || target >= kMostDescriptors) {
    errno = EBADF;
    return -1;
  }
  if (fd == target) return target;
  pylon_descriptor* there = descriptor_table_get_ref(target);
  if (!there) return duplicate_until(fd, target);
  shared* here = share(entry);
  if (!here) return -1;
  here->count++;
  pylon_forget_peeked(target);
  const pylon_descriptor before = *there;
  *there = *entry;
  before.functions[0](before.data);
  return target;
}

// CPython finds no dup() and F_DUPFD in libc's headers and gives up.
PYLON_EXPORT("__wrap__Py_dup") int __wrap__Py_dup(int fd) {
  const int made = pylon_duplicate(fd);
  if (made < 0) PyErr_SetFromErrno(PyExc_OSError);
  return made;
}

PYLON_EXPORT("__wrap_close") int __wrap_close(int fd) {
  pylon_forget_peeked(fd);
  return __real_close(fd);
}

// ---- pipes among descriptors

// The linker puts a function of three parameters in front of one with `...`, which is the same to
// WebAssembly: the third points to the arguments.
PYLON_EXPORT("__wrap_fcntl") int __wrap_fcntl(int fd, int command, const int* arguments) {
  pylon_pipe_end* end = pylon_pipe_end_of(fd);
  if (!end || (command != F_GETFL && command != F_SETFL))
    return __real_fcntl(fd, command, arguments);
  if (command == F_GETFL) return pylon_pipe_flags(end);
  pylon_pipe_set_flags(end, *arguments);
  return 0;
}

// Of the same kind; what is asked for lies where the argument points to.
PYLON_EXPORT("__wrap_ioctl") int __wrap_ioctl(int fd, int request, int* const* arguments) {
  pylon_pipe_end* end = pylon_pipe_end_of(fd);
  if (!end || (request != FIONBIO && request != FIONREAD))
    return __real_ioctl(fd, request, arguments);
  if (request == FIONREAD)
    **arguments = pylon_pipe_size(end);
  else
    pylon_pipe_set_flags(end, **arguments ? O_NONBLOCK : 0);
  return 0;
}

PYLON_EXPORT("__wrap_lseek") off_t __wrap_lseek(int fd, off_t offset, int whence) {
  if (!pylon_pipe_end_of(fd)) return __real_lseek(fd, offset, whence);
  errno = ESPIPE;
  return -1;
}
