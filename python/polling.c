// Waiting for several descriptors: libc's poll() for sockets, with what it does not know: pipes,
// data that was looked at, and descriptors that it will not wait for. select() is made of that. The
// linker puts these in front of libc's own (`--wrap`).
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <sys/time.h>

#include "scheduler.h"
#include "sockets.h"

int __real_poll(struct pollfd* entries, nfds_t count, int timeout);

// ---- sockets and files

// What can be said of a descriptor that libc will not wait for: one that is not open, or a socket
// that is neither connected nor listening, of which Linux says that it hangs up and takes data.
static short standing(const struct pollfd* entry) {
  struct pollfd alone = {.fd = entry->fd, .events = entry->events};
  if (__real_poll(&alone, 1, 0) >= 0) return 0;
  if (errno == EBADF) return POLLNVAL;
  return (short)((POLLHUP | POLLOUT | POLLWRNORM) & (entry->events | POLLHUP));
}

// Marks what is ready without waiting, and takes it out of `rest`; how many.
static int mark(struct pollfd* entries, struct pollfd* rest, nfds_t count, bool strays) {
  int ready = 0;
  for (nfds_t i = 0; i < count; i++) {
    entries[i].revents = 0;
    if (entries[i].fd < 0) continue;
    if (strays) entries[i].revents = standing(&entries[i]);
    if (!entries[i].revents && (entries[i].events & POLLIN) && pylon_is_peeked(entries[i].fd))
      entries[i].revents = POLLIN & entries[i].events;
    if (entries[i].revents) {
      rest[i].fd = -1;
      ready++;
    }
  }
  return ready;
}

// Waits for what libc can wait for among `entries`, less those that are ready as they stand.
static int poll_rest(struct pollfd* entries, nfds_t count, int timeout, bool strays) {
  struct pollfd* rest = malloc(count * 2 * sizeof *rest);
  if (!rest) {
    errno = ENOMEM;
    return -1;
  }
  memcpy(rest, entries, count * sizeof *rest);
  int ready = mark(entries, rest, count, strays);
  struct pollfd* waiting = rest + count;
  nfds_t number = 0;
  for (nfds_t i = 0; i < count; i++)
    if (rest[i].fd >= 0) waiting[number++] = rest[i];
  const int more = number || !ready ? __real_poll(waiting, number, ready ? 0 : timeout) : 0;
  for (nfds_t i = 0, next = 0; i < count && more > 0; i++)
    if (rest[i].fd >= 0) entries[i].revents = waiting[next++].revents;
  free(rest);
  if (more > 0) ready += more;
  return more < 0 && !ready ? more : ready;
}

static int poll_sockets(struct pollfd* entries, nfds_t count, int timeout) {
  bool plain = !pylon_any_peeked();
  for (nfds_t i = 0; i < count && plain; i++) plain = entries[i].fd >= 0;
  if (!plain && count) return poll_rest(entries, count, timeout, true);
  const int ready = __real_poll(entries, count, timeout);
  const bool stray = ready < 0 && (errno == ENOTSUP || errno == EOPNOTSUPP || errno == EBADF);
  return stray && count ? poll_rest(entries, count, timeout, true) : ready;
}
// ---- pipes among them

static int milliseconds_until(int64_t deadline) {
  if (deadline == PYLON_NEVER) return -1;
  const int64_t left = deadline - pylon_monotonic_now();
  if (left <= 0) return 0;
  const int64_t rounded = (left + 999999) / 1000000;
  return rounded > INT_MAX ? INT_MAX : (int)rounded;
}

// Marks the pipes that are ready, and puts what is no pipe into `rest`, with its place in `places`.
static int mark_pipes(struct pollfd* entries, nfds_t count, struct pollfd* rest, nfds_t* places,
                      nfds_t* rest_count) {
  int ready = 0;
  *rest_count = 0;
  for (nfds_t i = 0; i < count; i++) {
    entries[i].revents = 0;
    const pylon_pipe_end* end = entries[i].fd < 0 ? NULL : pylon_pipe_end_of(entries[i].fd);
    if (end) {
      entries[i].revents = pylon_pipe_state(end, entries[i].events);
      ready += entries[i].revents != 0;
    } else if (entries[i].fd >= 0) {
      places[*rest_count] = i;
      rest[(*rest_count)++] = entries[i];
    }
  }
  return ready;
}

// Waits for any of them; what `rest` and `places` point to is room for `count` of each.
static int poll_all(struct pollfd* entries, nfds_t count, int64_t deadline, struct pollfd* rest,
                    nfds_t* places) {
  while (true) {
    nfds_t rest_count;
    const int ready = mark_pipes(entries, count, rest, places, &rest_count);
    const int timeout = ready ? 0 : milliseconds_until(deadline);
    int more = 0;
    if (rest_count) {
      pylon_watch_pipes(timeout != 0);
      more = poll_sockets(rest, rest_count, timeout);
      pylon_watch_pipes(false);
    } else if (timeout != 0 && !pylon_wait_for_pipes(deadline) && errno != ETIMEDOUT) {
      return -1;
    }
    for (nfds_t i = 0; i < rest_count && more > 0; i++)
      entries[places[i]].revents = rest[i].revents;
    if (more < 0 && !ready) return -1;
    if (ready || more > 0 || timeout == 0) return ready + (more > 0 ? more : 0);
    if (pylon_interrupt_is_pending()) {
      errno = EINTR;
      return -1;
    }
  }
}

static int poll_with_pipes(struct pollfd* entries, nfds_t count, int timeout) {
  struct pollfd* rest = malloc(count * sizeof *rest);
  nfds_t* places = malloc(count * sizeof *places);
  int outcome = -1;
  errno = ENOMEM;
  if (rest && places) {
    const int64_t deadline =
        timeout < 0 ? PYLON_NEVER : pylon_monotonic_now() + (int64_t)timeout * 1000000;
    outcome = poll_all(entries, count, deadline, rest, places);
  }
  const int error = errno;
  free(places);
  free(rest);
  errno = error;
  return outcome;
}

PYLON_EXPORT("__wrap_poll")
int __wrap_poll(struct pollfd* entries, nfds_t count, int timeout) {
  for (nfds_t i = 0; i < count; i++)
    if (entries[i].fd >= 0 && pylon_pipe_end_of(entries[i].fd))
      return poll_with_pipes(entries, count, timeout);
  return poll_sockets(entries, count, timeout);
}

// ---- select()

// Adds what a set asks for to the entries, of which there are `count`; how many there are then.
static nfds_t add_set(struct pollfd* entries, nfds_t count, const fd_set* set, short events) {
  for (size_t i = 0; set && i < set->__nfds; i++) {
    nfds_t at = 0;
    while (at < count && entries[at].fd != set->__fds[i]) at++;
    if (at == count) entries[count++] = (struct pollfd){.fd = set->__fds[i]};
    entries[at].events |= events;
  }
  return count;
}

// Leaves in a set what has one of the states; how many.
static int keep_in_set(const struct pollfd* entries, nfds_t count, fd_set* set, short asked,
                       short states) {
  if (!set) return 0;
  FD_ZERO(set);
  for (nfds_t i = 0; i < count; i++)
    if ((entries[i].events & asked) && (entries[i].revents & states)) FD_SET(entries[i].fd, set);
  return (int)set->__nfds;
}

// No descriptor here ever has anything exceptional to tell.
static int select_among(struct pollfd* entries, fd_set* reads, fd_set* writes, fd_set* exceptions,
                        int timeout) {
  nfds_t count = add_set(entries, 0, reads, POLLIN);
  count = add_set(entries, count, writes, POLLOUT);
  count = add_set(entries, count, exceptions, 0);
  if (poll(entries, count, timeout) < 0) return -1;
  for (nfds_t i = 0; i < count; i++) {
    if (!(entries[i].revents & POLLNVAL)) continue;
    errno = EBADF;
    return -1;
  }
  if (exceptions) FD_ZERO(exceptions);
  return keep_in_set(entries, count, reads, POLLIN, POLLIN | POLLHUP | POLLERR) +
         keep_in_set(entries, count, writes, POLLOUT, POLLOUT | POLLERR);
}

PYLON_EXPORT("__wrap_select")
int __wrap_select(int most, fd_set* restrict reads, fd_set* restrict writes,
                  fd_set* restrict exceptions, struct timeval* restrict time) {
  const size_t asked = (reads ? reads->__nfds : 0) + (writes ? writes->__nfds : 0) +
                       (exceptions ? exceptions->__nfds : 0);
  int64_t timeout = -1;
  if (time) timeout = (int64_t)time->tv_sec * 1000 + (time->tv_usec + 999) / 1000;
  if (most < 0 || (time && (time->tv_sec < 0 || time->tv_usec < 0))) {
    errno = EINVAL;
    return -1;
  }
  struct pollfd* entries = malloc((asked + 1) * sizeof *entries);
  if (!entries) {
    errno = ENOMEM;
    return -1;
  }
  const int outcome =
      select_among(entries, reads, writes, exceptions, timeout > INT_MAX ? INT_MAX : (int)timeout);
  const int error = errno;
  free(entries);
  errno = error;
  return outcome;
}
