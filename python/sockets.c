// Sockets as programs know them, over libc's, which are close to WASI's: a connection that is on
// its way is looked at before anything is said about it, states have Linux's answers, data can be
// looked at before it is taken (MSG_PEEK), and what the host refused says so. The linker puts these
// in front of libc's own (`--wrap`).
#include "sockets.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pylon.h"

typedef struct sockaddr sockaddr;

int __real___wasilibc_map_socket_error(const uint8_t* code);
int __real_bind(int fd, const sockaddr* address, socklen_t size);
int __real_connect(int fd, const sockaddr* address, socklen_t size);
int __real_getpeername(int fd, sockaddr* address, socklen_t* size);
int __real_getsockname(int fd, sockaddr* address, socklen_t* size);
int __real_getsockopt(int fd, int level, int option, void* value, socklen_t* size);
int __real_listen(int fd, int backlog);
int __real_poll(struct pollfd* entries, nfds_t count, int timeout);
ssize_t __real_recv(int fd, void* buffer, size_t size, int flags);
ssize_t __real_recvfrom(int fd, void* buffer, size_t size, int flags, sockaddr* from,
                        socklen_t* from_size);
ssize_t __real_send(int fd, const void* data, size_t size, int flags);
ssize_t __real_sendto(int fd, const void* data, size_t size, int flags, const sockaddr* to,
                      socklen_t to_size);
int __real_setsockopt(int fd, int level, int option, const void* value, socklen_t size);
int __real_shutdown(int fd, int how);
char* __real_strerror(int number);

// ---- errors

enum { kUnknown = 0, kInvalidState = 9, kNotInProgress = 7 };

// libc ends the program for what it thinks it has ruled out.
PYLON_EXPORT("__wrap___wasilibc_map_socket_error")
int __wrap___wasilibc_map_socket_error(const uint8_t* code) {
  if (*code == kInvalidState || *code == kNotInProgress) return EINVAL;
  return *code == kUnknown ? EIO : __real___wasilibc_map_socket_error(code);
}

// What the host refused last, for the message of the exception that is about to be made of it.
static char refused[320];

void pylon_note_refusal(const char* host, int port) {
  const bool brackets = strchr(host, ':') != NULL;
  const int length = snprintf(refused, sizeof refused, brackets ? "[%s]" : "%s", host);
  if (port > 0 && length > 0 && (size_t)length < sizeof refused)
    snprintf(refused + length, sizeof refused - (size_t)length, ":%d", port);
}

void pylon_forget_refusal(void) {
  refused[0] = 0;
}

static int port_of(const sockaddr* address) {
  return address->sa_family == AF_INET ? ntohs(((const struct sockaddr_in*)address)->sin_port)
                                       : ntohs(((const struct sockaddr_in6*)address)->sin6_port);
}

static const void* bytes_of(const sockaddr* address) {
  return address->sa_family == AF_INET
             ? (const void*)&((const struct sockaddr_in*)address)->sin_addr
             : (const void*)&((const struct sockaddr_in6*)address)->sin6_addr;
}

// Passes on the outcome of an operation with an address.
static ssize_t judged(ssize_t outcome, const sockaddr* address) {
  char host[INET6_ADDRSTRLEN];
  if (outcome < 0 && errno == EACCES && address &&
      inet_ntop(address->sa_family, bytes_of(address), host, sizeof host)) {
    pylon_note_refusal(host, port_of(address));
    errno = EACCES;
  }
  return outcome;
}

// The flag is the launcher's; other hosts have their own.
PYLON_EXPORT("__wrap_strerror") char* __wrap_strerror(int number) {
  static char message[sizeof refused + 64];
  if (number != EACCES || !refused[0] || pylon_library_is_inside()) return __real_strerror(number);
  snprintf(message, sizeof message, "%s; allow it with --allow-net=%s", __real_strerror(number),
           refused);
  pylon_forget_refusal();
  return message;
}

// ---- states

static bool option(int fd, int level, int name, int* value) {
  socklen_t size = sizeof *value;
  return __real_getsockopt(fd, level, name, value, &size) == 0;
}

static bool is_stream(int fd) {
  int type = 0;
  return option(fd, SOL_SOCKET, SO_TYPE, &type) && type == SOCK_STREAM;
}

static bool is_connecting(int fd) {
  int error = 0;
  return option(fd, SOL_SOCKET, SO_ERROR, &error) && error == EINPROGRESS;
}

// Finishes a connection that is on its way, if it is there by now or, with a timeout of -1, once it
// is. libc does so only when somebody polls. True if there was one; errno stays.
static bool settle(int fd, int timeout) {
  const int before = errno;
  const bool connecting = is_connecting(fd);
  struct pollfd entry = {.fd = fd, .events = POLLOUT};
  if (connecting) __real_poll(&entry, 1, timeout);
  errno = before;
  return connecting;
}

// True if an operation that said the socket is not connected is worth another try. A socket that
// blocks waits for its connection.
static bool may_retry(int fd, int flags) {
  if (errno != ENOTCONN) return false;
  const bool blocks = !(flags & MSG_DONTWAIT) && !(fcntl(fd, F_GETFL) & O_NONBLOCK);
  errno = ENOTCONN;
  if (!settle(fd, blocks ? -1 : 0)) return false;
  if (!is_connecting(fd)) return true;
  errno = EAGAIN;
  return false;
}

PYLON_EXPORT("__wrap_bind")
int __wrap_bind(int fd, const sockaddr* address, socklen_t size) {
  pylon_forget_refusal();
  return (int)judged(__real_bind(fd, address, size), address);
}

PYLON_EXPORT("__wrap_listen") int __wrap_listen(int fd, int backlog) {
  pylon_forget_refusal();
  struct sockaddr_storage address;
  socklen_t size = sizeof address;
  // WASI wants a queue of one at least.
  const int outcome = __real_listen(fd, backlog < 1 ? 1 : backlog);
  if (outcome == 0 || errno != EACCES) return outcome;
  if (__real_getsockname(fd, (sockaddr*)&address, &size) != 0) size = 0;
  errno = EACCES;
  return (int)judged(outcome, size ? (sockaddr*)&address : NULL);
}

static bool is_loopback(const sockaddr* address) {
  const uint8_t* bytes = bytes_of(address);
  return address->sa_family == AF_INET
             ? bytes[0] == 127
             : IN6_IS_ADDR_LOOPBACK(&((const struct sockaddr_in6*)address)->sin6_addr);
}

// Milliseconds in which a host has noticed a connection within the machine.
enum { kAtOnce = 20 };

PYLON_EXPORT("__wrap_connect")
int __wrap_connect(int fd, const sockaddr* address, socklen_t size) {
  pylon_forget_refusal();
  const bool arrives = settle(fd, 0);
  const int outcome = (int)judged(__real_connect(fd, address, size), address);
  // The first call after the connection came is told so.
  if (outcome != 0 && errno == EISCONN && arrives) return 0;
  // Within a machine a connection is there at once, though one that does not wait is not told.
  if (outcome != 0 && errno == EINPROGRESS && is_loopback(address)) settle(fd, kAtOnce);
  return outcome;
}

static int unspecified(int fd, sockaddr* address, socklen_t* size) {
  int family = AF_INET;
  if (!option(fd, SOL_SOCKET, SO_DOMAIN, &family)) return -1;
  const socklen_t whole =
      family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6);
  struct sockaddr_storage none;
  memset(&none, 0, sizeof none);
  none.ss_family = (sa_family_t)family;
  memcpy(address, &none, *size < whole ? *size : whole);
  *size = whole;
  return 0;
}

PYLON_EXPORT("__wrap_getsockname")
int __wrap_getsockname(int fd, sockaddr* address, socklen_t* size) {
  const int outcome = __real_getsockname(fd, address, size);
  return outcome != 0 && errno == EINVAL ? unspecified(fd, address, size) : outcome;
}

PYLON_EXPORT("__wrap_getpeername")
int __wrap_getpeername(int fd, sockaddr* address, socklen_t* size) {
  int outcome = __real_getpeername(fd, address, size);
  if (outcome != 0 && errno == ENOTCONN && settle(fd, 0))
    outcome = __real_getpeername(fd, address, size);
  if (outcome != 0 && errno == EINVAL) errno = ENOTCONN;
  return outcome;
}

PYLON_EXPORT("__wrap_shutdown") int __wrap_shutdown(int fd, int how) {
  int outcome = __real_shutdown(fd, how);
  if (outcome != 0 && errno == ENOTCONN && settle(fd, 0)) outcome = __real_shutdown(fd, how);
  if (outcome != 0 && errno == EINVAL && how >= SHUT_RD && how <= SHUT_RDWR) errno = ENOTCONN;
  return outcome;
}

// How a connection ends when it is closed is the host's: it sends what is left, and nobody waits
// for that. Lingering may be asked for all the same, and is never on.
static bool is_linger(int level, int name) {
  return level == SOL_SOCKET && name == PYLON_SO_LINGER;
}

PYLON_EXPORT("__wrap_getsockopt")
int __wrap_getsockopt(int fd, int level, int name, void* value, socklen_t* size) {
  if (level == SOL_SOCKET && name == SO_ERROR) settle(fd, 0);
  const int outcome = __real_getsockopt(fd, level, name, value, size);
  if (outcome == 0 && level == SOL_SOCKET && name == SO_ERROR && *size >= sizeof(int) &&
      *(int*)value == EINPROGRESS)
    *(int*)value = 0;
  if (outcome != 0 && is_linger(level, name) && *size >= PYLON_LINGER_SIZE) {
    memset(value, 0, PYLON_LINGER_SIZE);
    *size = PYLON_LINGER_SIZE;
    return 0;
  }
  const bool only_v6 = level == IPPROTO_IPV6 && name == IPV6_V6ONLY;
  const bool reuse = level == SOL_SOCKET && name == SO_REUSEADDR;
  if (outcome == 0 || errno != ENOPROTOOPT || !(only_v6 || reuse) || *size < sizeof(int))
    return outcome;
  *(int*)value = only_v6;
  *size = sizeof(int);
  return 0;
}

// A socket of WASI's for IPv6 is for IPv6 only, and a datagram socket shares its address with
// nobody.
PYLON_EXPORT("__wrap_setsockopt")
int __wrap_setsockopt(int fd, int level, int name, const void* value, socklen_t size) {
  const int outcome = __real_setsockopt(fd, level, name, value, size);
  if (outcome == 0 || errno != ENOPROTOOPT || size < sizeof(int)) return outcome;
  if (is_linger(level, name)) return size == PYLON_LINGER_SIZE ? 0 : outcome;
  if (level == IPPROTO_IPV6 && name == IPV6_V6ONLY && *(const int*)value) return 0;
  return level == SOL_SOCKET && name == SO_REUSEADDR && !is_stream(fd) ? 0 : outcome;
}

// ---- data that was looked at

// What MSG_PEEK read, until it is taken.
typedef struct peek {
  struct peek* next;
  int fd;
  size_t begin, end;
  struct sockaddr_storage from;
  socklen_t from_size;
  uint8_t data[];
} peek;

static peek* peeks;

static peek** find_peek(int fd) {
  peek** at = &peeks;
  while (*at && (*at)->fd != fd) at = &(*at)->next;
  return at;
}

static void drop_peek(peek** at) {
  peek* gone = *at;
  *at = gone->next;
  free(gone);
}

// What libc knows only as a failed stream: the peer has broken it off.
static ssize_t received(ssize_t count) {
  if (count >= 0 || errno != EIO) return count;
  const int met = pylon_take_stream_errno();
  errno = met == EIO ? ECONNRESET : met;
  return count;
}

static ssize_t receive_some(int fd, void* buffer, size_t size, int flags, sockaddr* from,
                            socklen_t* from_size) {
  if (!from && !from_size) return __real_recv(fd, buffer, size, flags);
  if (!is_stream(fd)) return __real_recvfrom(fd, buffer, size, flags, from, from_size);
  const ssize_t count = __real_recv(fd, buffer, size, flags);
  if (from_size && count >= 0) *from_size = 0;  // a stream's data has no address
  return count;
}

static ssize_t receive(int fd, void* buffer, size_t size, int flags, sockaddr* from,
                       socklen_t* from_size) {
  ssize_t count = receive_some(fd, buffer, size, flags, from, from_size);
  if (count < 0 && may_retry(fd, flags))
    count = receive_some(fd, buffer, size, flags, from, from_size);
  return received(count);
}

// Reads what there is into a new peek; 0 at the end of a stream, which leaves none.
static ssize_t look(int fd, size_t size, int flags) {
  peek* made = malloc(sizeof *made + size);
  if (!made) {
    errno = ENOMEM;
    return -1;
  }
  *made = (peek){.fd = fd, .from_size = sizeof made->from};
  const ssize_t count =
      receive(fd, made->data, size, flags, (sockaddr*)&made->from, &made->from_size);
  if (count <= 0) {
    free(made);
    return count;
  }
  made->end = (size_t)count;
  made->next = peeks;  // whatever other threads did meanwhile
  peeks = made;
  return count;
}

// Adds to the peek of a stream what has come meanwhile, up to `size` bytes in all; errno stays.
static void look_further(peek** at, size_t size, int flags) {
  peek* have = *at;
  const size_t left = have->end - have->begin;
  if (left >= size) return;
  const int before = errno;
  have = realloc(have, sizeof *have + have->begin + size);
  if (have) {
    *at = have;
    const ssize_t count =
        receive(have->fd, have->data + have->end, size - left, flags | MSG_DONTWAIT, NULL, NULL);
    if (count > 0) have->end += (size_t)count;
  }
  errno = before;
}

// Answers from the peek at `at`; takes it unless `stays`. A datagram is taken whole.
static ssize_t answer(peek** at, void* buffer, size_t size, bool stays, sockaddr* from,
                      socklen_t* from_size) {
  peek* have = *at;
  const size_t left = have->end - have->begin, count = left < size ? left : size;
  memcpy(buffer, have->data + have->begin, count);
  if (from && from_size) {
    memcpy(from, &have->from, *from_size < have->from_size ? *from_size : have->from_size);
    *from_size = have->from_size;
  }
  if (stays) return (ssize_t)count;
  have->begin += count;
  if (have->begin == have->end || !is_stream(have->fd)) drop_peek(at);
  return (ssize_t)count;
}

bool pylon_is_peeked(int fd) {
  return peeks && *find_peek(fd);
}

bool pylon_any_peeked(void) {
  return peeks;
}

void pylon_forget_peeked(int fd) {
  peek** at = peeks ? find_peek(fd) : NULL;
  if (at && *at) drop_peek(at);
}

// Goes on until `size` bytes are there, the stream ends or fails.
static ssize_t receive_all(int fd, void* buffer, size_t size, int flags) {
  size_t have = 0;
  while (have < size) {
    const ssize_t count = recv(fd, (uint8_t*)buffer + have, size - have, flags);
    if (count < 0 && have == 0) return -1;
    if (count <= 0) break;
    have += (size_t)count;
  }
  return (ssize_t)have;
}

PYLON_EXPORT("__wrap_recvfrom")
ssize_t __wrap_recvfrom(int fd, void* buffer, size_t size, int flags, sockaddr* from,
                        socklen_t* from_size) {
  const bool looks = flags & MSG_PEEK, all = flags & MSG_WAITALL;
  flags &= ~(MSG_PEEK | MSG_WAITALL);
  if (all && !looks && size > 0 && is_stream(fd)) {
    if (from_size) *from_size = 0;
    return receive_all(fd, buffer, size, flags);
  }
  peek** at = peeks || looks ? find_peek(fd) : NULL;
  if (looks && *at && is_stream(fd)) look_further(at, size, flags);
  if (looks && !*at && size > 0) {
    const ssize_t count = look(fd, size, flags);
    if (count <= 0) return count;
    at = &peeks;
  }
  if (at && *at) return answer(at, buffer, size, looks, from, from_size);
  return receive(fd, buffer, size, flags, from, from_size);
}

PYLON_EXPORT("__wrap_recv") ssize_t __wrap_recv(int fd, void* buffer, size_t size, int flags) {
  if (!peeks && !(flags & (MSG_PEEK | MSG_WAITALL)))
    return receive(fd, buffer, size, flags, NULL, NULL);
  return __wrap_recvfrom(fd, buffer, size, flags, NULL, NULL);
}

PYLON_EXPORT("__wrap_send")
ssize_t __wrap_send(int fd, const void* data, size_t size, int flags) {
  ssize_t count = __real_send(fd, data, size, flags);
  if (count < 0 && may_retry(fd, flags)) count = __real_send(fd, data, size, flags);
  return received(count);
}

PYLON_EXPORT("__wrap_sendto")
ssize_t __wrap_sendto(int fd, const void* data, size_t size, int flags, const sockaddr* to,
                      socklen_t to_size) {
  if (!to) return __wrap_send(fd, data, size, flags);
  pylon_forget_refusal();
  return judged(received(__real_sendto(fd, data, size, flags, to, to_size)), to);
}
