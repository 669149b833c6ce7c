// Pipes, which WASI does not have: inside of the interpreter, between its threads, or for one that
// tells itself something.
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "scheduler.h"
#include "sockets.h"

// As on Linux: what fits in, and what is written in one piece or not at all.
enum { kCapacity = 65536, kAtomic = 4096 };

typedef struct {
  size_t begin, size;
  unsigned readers, writers;  // ends that are open
  unsigned users;             // ends, and operations under way
  uint8_t data[kCapacity];
} channel;

struct pylon_pipe_end {
  pylon_pipe_end* next;
  channel* at;
  bool writes, fails_at_once;
};

static pylon_pipe_end* ends;
static pylon_queue changed;

pylon_queue* pylon_pipe_queue(void) {
  return &changed;
}

static void let_go(channel* at) {
  if (--at->users == 0) free(at);
}

static void free_end(void* data) {
  pylon_pipe_end** link = &ends;
  while (*link != data) link = &(*link)->next;
  pylon_pipe_end* end = *link;
  *link = end->next;
  --*(end->writes ? &end->at->writers : &end->at->readers);
  let_go(end->at);
  free(end);
  pylon_wake_all(&changed);
}

// What libc itself can do with one: let it go.
static void (*functions[PYLON_DESCRIPTOR_FUNCTIONS])(void*) = {free_end};

pylon_pipe_end* pylon_pipe_end_of(int fd) {
  if (!ends) return NULL;
  const int before = errno;
  const pylon_descriptor* entry = descriptor_table_get_ref(fd);
  errno = before;
  pylon_pipe_end* end = entry ? ends : NULL;
  while (end && end != entry->data) end = end->next;
  return end;
}

static int open_end(channel* at, bool writes) {
  pylon_pipe_end* end = malloc(sizeof *end);
  if (!end) {
    errno = ENOMEM;
    return -1;
  }
  *end = (pylon_pipe_end){ends, at, writes, false};
  ends = end;
  at->users++;
  ++*(writes ? &at->writers : &at->readers);
  const int fd = descriptor_table_insert((pylon_descriptor){end, functions});
  if (fd < 0 && ends == end) free_end(end);
  return fd;
}

int pylon_make_pipe(int descriptors[2]) {
  channel* at = malloc(sizeof *at);
  if (!at) {
    errno = ENOMEM;
    return -1;
  }
  at->begin = at->size = 0;
  at->readers = at->writers = 0;
  at->users = 1;
  descriptors[0] = open_end(at, false);
  descriptors[1] = descriptors[0] < 0 ? -1 : open_end(at, true);
  let_go(at);
  if (descriptors[1] >= 0) return 0;
  const int error = errno;
  if (descriptors[0] >= 0) close(descriptors[0]);
  errno = error;
  return -1;
}

bool pylon_wait_for_pipes(int64_t deadline) {
  if (PyThreadState_GetUnchecked()) {
    errno = EAGAIN;  // nobody else can run
    return false;
  }
  const pylon_reason reason = pylon_suspend(&changed, deadline, NULL, 0);
  if (reason == PYLON_WOKEN) return true;
  errno = reason == PYLON_TIMED_OUT ? ETIMEDOUT : EINTR;
  return false;
}

// Waits unless that is not wanted; false with errno.
static bool wait_at(channel* at, bool fails_at_once) {
  if (fails_at_once) {
    errno = EAGAIN;
    return false;
  }
  at->users++;
  const bool came = pylon_wait_for_pipes(PYLON_NEVER);
  const int error = errno;
  let_go(at);
  errno = error;
  return came;
}

// ---- reading and writing

static void take(channel* at, uint8_t* to, size_t size) {
  const size_t first = size < kCapacity - at->begin ? size : kCapacity - at->begin;
  memcpy(to, at->data + at->begin, first);
  memcpy(to + first, at->data, size - first);
  at->begin = (at->begin + size) % kCapacity;
  at->size -= size;
  pylon_wake_all(&changed);
}

static void put(channel* at, const uint8_t* from, size_t size) {
  const size_t place = (at->begin + at->size) % kCapacity;
  const size_t first = size < kCapacity - place ? size : kCapacity - place;
  memcpy(at->data + place, from, first);
  memcpy(at->data, from + first, size - first);
  at->size += size;
  pylon_wake_all(&changed);
}

ssize_t pylon_pipe_read(pylon_pipe_end* end, void* buffer, size_t size) {
  channel* at = end->at;
  const bool fails_at_once = end->fails_at_once;
  if (end->writes) {
    errno = EBADF;
    return -1;
  }
  if (size == 0) return 0;
  at->users++;
  bool good = true;
  while (good && at->size == 0 && at->writers) good = wait_at(at, fails_at_once);
  const size_t count = at->size < size ? at->size : size;
  if (good && count) take(at, buffer, count);
  let_go(at);
  return good ? (ssize_t)count : -1;
}

// Writes what there is room for, at least one byte; -1 with errno.
static ssize_t write_some(channel* at, const uint8_t* data, size_t size, bool fails_at_once) {
  const size_t wanted = size <= kAtomic ? size : 1;
  while (at->readers && kCapacity - at->size < wanted)
    if (!wait_at(at, fails_at_once)) return -1;
  if (!at->readers) {
    errno = EPIPE;
    return -1;
  }
  const size_t room = kCapacity - at->size, count = room < size ? room : size;
  put(at, data, count);
  return (ssize_t)count;
}

ssize_t pylon_pipe_write(pylon_pipe_end* end, const void* data, size_t size) {
  channel* at = end->at;
  const bool fails_at_once = end->fails_at_once;
  if (!end->writes) {
    errno = EBADF;
    return -1;
  }
  at->users++;
  size_t done = 0;
  ssize_t count = 0;
  while (done < size && count >= 0) {
    count = write_some(at, (const uint8_t*)data + done, size - done, fails_at_once);
    if (count > 0) done += (size_t)count;
    if (fails_at_once) break;
  }
  let_go(at);
  return done || count >= 0 ? (ssize_t)done : -1;
}

// ---- what it is and how it stands

int pylon_pipe_flags(const pylon_pipe_end* end) {
  return (end->writes ? O_WRONLY : O_RDONLY) | (end->fails_at_once ? O_NONBLOCK : 0);
}

void pylon_pipe_set_flags(pylon_pipe_end* end, int flags) {
  end->fails_at_once = flags & O_NONBLOCK;
}

int pylon_pipe_size(const pylon_pipe_end* end) {
  return (int)end->at->size;
}

short pylon_pipe_state(const pylon_pipe_end* end, short events) {
  const channel* at = end->at;
  short state = 0;
  if (end->writes) {
    if (!at->readers) state |= POLLERR;
    if (kCapacity - at->size >= kAtomic) state |= POLLOUT;
  } else {
    if (!at->writers) state |= POLLHUP;
    if (at->size) state |= POLLIN;
  }
  return (short)(state & (events | POLLERR | POLLHUP));
}
