// Names of hosts, services and protocols: getaddrinfo() and its kin. libc knows how to ask the host
// for the addresses of a name and little else. The linker puts these in front of libc's own
// (`--wrap`).
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "pylon.h"
#include "sockets.h"

int __real_getaddrinfo(const char* host, const char* service, const struct addrinfo* hints,
                       struct addrinfo** result);

// libc's has no thread's own copy, whatever its header says.
extern int pylon_h_errno __asm__("h_errno");

// ---- services and protocols

typedef struct {
  const char* name;
  int port;
  const char* protocols;  // "t", "u" or both
} service;

// Of Debian's /etc/services, those that programs ask for by name.
static const service kServices[] = {
    {"echo", 7, "tu"},        {"discard", 9, "tu"},      {"daytime", 13, "tu"},
    {"ftp-data", 20, "t"},    {"ftp", 21, "t"},          {"ssh", 22, "t"},
    {"telnet", 23, "t"},      {"smtp", 25, "t"},         {"time", 37, "tu"},
    {"whois", 43, "t"},       {"domain", 53, "tu"},      {"tftp", 69, "u"},
    {"gopher", 70, "t"},      {"finger", 79, "t"},       {"http", 80, "t"},
    {"kerberos", 88, "tu"},   {"pop3", 110, "t"},        {"sunrpc", 111, "tu"},
    {"nntp", 119, "t"},       {"ntp", 123, "u"},         {"imap2", 143, "t"},
    {"imap", 143, "t"},       {"snmp", 161, "tu"},       {"ldap", 389, "tu"},
    {"https", 443, "tu"},     {"submissions", 465, "t"}, {"syslog", 514, "u"},
    {"submission", 587, "t"}, {"ldaps", 636, "tu"},      {"ftps-data", 989, "t"},
    {"ftps", 990, "t"},       {"imaps", 993, "t"},       {"pop3s", 995, "t"},
    {"socks", 1080, "t"},     {"mysql", 3306, "t"},      {"postgresql", 5432, "t"},
    {"http-alt", 8080, "tu"},
};

static const struct {
  const char* name;
  int number;
} kProtocols[] = {{"ip", 0}, {"icmp", 1}, {"tcp", 6}, {"udp", 17}, {"ipv6", 41}, {"ipv6-icmp", 58}};

static char* no_aliases[] = {NULL};

static char letter_of(const char* protocol) {
  return protocol && (!strcmp(protocol, "tcp") || !strcmp(protocol, "udp")) ? protocol[0] : 0;
}

// The first service with that name, or that port if there is no name, over `protocol` if there is
// one.
static struct servent* find_service(const char* name, int port, const char* protocol) {
  static struct servent found;
  const char letter = letter_of(protocol);
  if (protocol && !letter) return NULL;
  for (size_t i = 0; i < sizeof kServices / sizeof *kServices; i++) {
    const service* one = &kServices[i];
    if (name ? strcmp(one->name, name) != 0 : one->port != port) continue;
    if (letter && !strchr(one->protocols, letter)) continue;
    found = (struct servent){.s_name = (char*)one->name,
                             .s_aliases = no_aliases,
                             .s_port = htons((uint16_t)one->port),
                             .s_proto = one->protocols[0] == 'u' || letter == 'u' ? "udp" : "tcp"};
    return &found;
  }
  return NULL;
}

PYLON_EXPORT("__wrap_getservbyname")
struct servent* __wrap_getservbyname(const char* name, const char* protocol) {
  return find_service(name, 0, protocol);
}

PYLON_EXPORT("__wrap_getservbyport")
struct servent* __wrap_getservbyport(int port, const char* protocol) {
  return find_service(NULL, ntohs((uint16_t)port), protocol);
}

PYLON_EXPORT("__wrap_getprotobyname")
struct protoent* __wrap_getprotobyname(const char* name) {
  static struct protoent found;
  for (size_t i = 0; i < sizeof kProtocols / sizeof *kProtocols; i++) {
    if (strcmp(kProtocols[i].name, name) != 0) continue;
    found = (struct protoent){.p_name = (char*)name, .p_aliases = no_aliases};
    found.p_proto = kProtocols[i].number;
    return &found;
  }
  return NULL;
}

// ---- getaddrinfo

// What is asked for: the kinds of socket, and the port.
typedef struct {
  struct {
    int type, protocol;
  } kinds[2];
  int count;
  int port;
  int flags;
  int family;
} question;

static void add_kind(question* asked, int type, int protocol) {
  asked->kinds[asked->count].type = type;
  asked->kinds[asked->count++].protocol = protocol;
}

static int read_hints(const struct addrinfo* hints, question* asked) {
  const int type = hints ? hints->ai_socktype : 0, protocol = hints ? hints->ai_protocol : 0;
  asked->flags = hints ? hints->ai_flags : 0;
  asked->family = hints ? hints->ai_family : AF_UNSPEC;
  if (asked->family != AF_UNSPEC && asked->family != AF_INET && asked->family != AF_INET6)
    return EAI_FAMILY;
  if ((type == 0 || type == SOCK_STREAM) && (protocol == 0 || protocol == IPPROTO_TCP))
    add_kind(asked, SOCK_STREAM, IPPROTO_TCP);
  if ((type == 0 || type == SOCK_DGRAM) && (protocol == 0 || protocol == IPPROTO_UDP))
    add_kind(asked, SOCK_DGRAM, IPPROTO_UDP);
  if (asked->count) return 0;
  return type == SOCK_STREAM || type == SOCK_DGRAM ? EAI_SERVICE : EAI_SOCKTYPE;
}

// Leaves the kinds of socket over which there is the service.
static int read_service(const char* name, question* asked) {
  if (!name || !*name) return 0;
  char* end;
  const long number = strtol(name, &end, 10);
  if (!*end && number >= 0 && number <= 65535) {
    asked->port = (int)number;
    return 0;
  }
  if (!*end || (asked->flags & AI_NUMERICSERV)) return EAI_NONAME;
  question left = *asked;
  left.count = 0;
  for (int i = 0; i < asked->count; i++) {
    const bool datagram = asked->kinds[i].type == SOCK_DGRAM;
    const struct servent* found = find_service(name, 0, datagram ? "udp" : "tcp");
    if (!found) continue;
    left.port = ntohs((uint16_t)found->s_port);
    add_kind(&left, asked->kinds[i].type, asked->kinds[i].protocol);
  }
  *asked = left;
  return left.count ? 0 : EAI_SERVICE;
}

// Where the answer's list ends.
typedef struct {
  struct addrinfo* first;
  struct addrinfo** end;
} answers;

// One allocation each, in the form in which libc's freeaddrinfo() takes them apart.
static int add_answer(answers* out, const question* asked, int family, const void* bytes,
                      uint32_t scope, const char* canonical) {
  if (asked->family != AF_UNSPEC && asked->family != family) return 0;
  for (int i = 0; i < asked->count; i++) {
    struct addrinfo* made = calloc(1, sizeof *made);
    struct sockaddr_in6* address = calloc(1, sizeof *address);
    if (!made || !address) {
      free(made);
      free(address);
      return EAI_MEMORY;
    }
    address->sin6_family = (sa_family_t)family;
    address->sin6_port = htons((uint16_t)asked->port);
    if (family == AF_INET)
      memcpy(&((struct sockaddr_in*)address)->sin_addr, bytes, 4);
    else
      memcpy(&address->sin6_addr, bytes, 16);
    if (family == AF_INET6) address->sin6_scope_id = scope;
    made->ai_family = family;
    made->ai_socktype = asked->kinds[i].type;
    made->ai_protocol = asked->kinds[i].protocol;
    made->ai_addrlen = family == AF_INET ? sizeof(struct sockaddr_in) : sizeof *address;
    made->ai_addr = (struct sockaddr*)address;
    if (canonical && !out->first) made->ai_canonname = strdup(canonical);
    *out->end = made;
    out->end = &made->ai_next;
  }
  return 0;
}

static int add_local(answers* out, const question* asked) {
  const bool passive = asked->flags & AI_PASSIVE;
  const struct in_addr four = {htonl(passive ? INADDR_ANY : INADDR_LOOPBACK)};
  const struct in6_addr six = passive ? in6addr_any : in6addr_loopback;
  const int failed = add_answer(out, asked, AF_INET, &four, 0, NULL);
  return failed ? failed : add_answer(out, asked, AF_INET6, &six, 0, NULL);
}

// An address as it is written, also in the old ways (127.1) and with a zone (fe80::1%2); false if
// it is none.
static bool add_written(answers* out, const question* asked, const char* host, int* failed) {
  struct in_addr four;
  struct in6_addr six;
  char text[INET6_ADDRSTRLEN];
  const char* canonical = asked->flags & AI_CANONNAME ? host : NULL;
  const char* zone = strchr(host, '%');
  const size_t length = zone ? (size_t)(zone - host) : strlen(host);
  if (!zone && inet_aton(host, &four)) {
    *failed = add_answer(out, asked, AF_INET, &four, 0, canonical);
    return true;
  }
  if (length >= sizeof text) return false;
  memcpy(text, host, length);
  text[length] = 0;
  if (inet_pton(AF_INET6, text, &six) != 1) return false;
  const uint32_t scope = zone ? (uint32_t)strtoul(zone + 1, NULL, 10) : 0;
  *failed = add_answer(out, asked, AF_INET6, &six, scope, canonical);
  return true;
}

static int add_found(answers* out, const question* asked, const char* host) {
  if (!*host || strpbrk(host, ":/[]% ")) return EAI_NONAME;  // a name that cannot be
  struct addrinfo* found = NULL;
  const struct addrinfo one = {.ai_family = asked->family, .ai_socktype = SOCK_STREAM};
  pylon_forget_refusal();
  int failed = __real_getaddrinfo(host, NULL, &one, &found);
  if (failed == EAI_SYSTEM && errno == EINVAL) failed = EAI_NONAME;  // no name that could exist
  if (failed == EAI_SYSTEM && errno == EACCES) {
    pylon_note_refusal(host, 0);
    errno = EACCES;
  }
  const char* canonical = asked->flags & AI_CANONNAME ? host : NULL;
  for (struct addrinfo* at = failed ? NULL : found; at && !failed; at = at->ai_next) {
    const struct sockaddr* address = at->ai_addr;
    const void* bytes = address->sa_family == AF_INET
                            ? (const void*)&((const struct sockaddr_in*)address)->sin_addr
                            : (const void*)&((const struct sockaddr_in6*)address)->sin6_addr;
    failed = add_answer(out, asked, at->ai_family, bytes, 0, canonical);
  }
  if (found) freeaddrinfo(found);
  return failed;
}

PYLON_EXPORT("__wrap_getaddrinfo")
int __wrap_getaddrinfo(const char* host, const char* port, const struct addrinfo* hints,
                       struct addrinfo** result) {
  question asked = {.count = 0};
  answers out = {.first = NULL, .end = NULL};
  out.end = &out.first;
  int failed = !host && !port ? EAI_NONAME : read_hints(hints, &asked);
  if (!failed) failed = read_service(port, &asked);
  if (!failed) {
    if (!host)
      failed = add_local(&out, &asked);
    else if (!add_written(&out, &asked, host, &failed))
      failed = asked.flags & AI_NUMERICHOST ? EAI_NONAME : add_found(&out, &asked, host);
  }
  if (!failed && !out.first) failed = host ? EAI_ADDRFAMILY : EAI_NONAME;
  if (failed && out.first) freeaddrinfo(out.first);
  if (!failed) *result = out.first;
  return failed;
}

// ---- the other way round

static bool is_loopback(const struct sockaddr* address) {
  if (address->sa_family == AF_INET) {
    const uint32_t bits = ntohl(((const struct sockaddr_in*)address)->sin_addr.s_addr);
    return bits >> 24 == 127;
  }
  return IN6_IS_ADDR_LOOPBACK(&((const struct sockaddr_in6*)address)->sin6_addr);
}

static int put(const char* text, char* out, socklen_t size) {
  if (!out || !size) return 0;
  if (strlen(text) >= size) return EAI_OVERFLOW;
  strcpy(out, text);
  return 0;
}

static int put_host(const struct sockaddr* address, char* host, socklen_t size, int flags) {
  char text[INET6_ADDRSTRLEN + 16];
  if (!(flags & NI_NUMERICHOST) && is_loopback(address)) return put("localhost", host, size);
  if (flags & NI_NAMEREQD) return EAI_NONAME;  // WASI finds no names of addresses
  const struct sockaddr_in6* six = (const struct sockaddr_in6*)address;
  const void* bytes = address->sa_family == AF_INET
                          ? (const void*)&((const struct sockaddr_in*)address)->sin_addr
                          : (const void*)&six->sin6_addr;
  if (!inet_ntop(address->sa_family, bytes, text, sizeof text)) return EAI_FAMILY;
  if (address->sa_family == AF_INET6 && six->sin6_scope_id)
    snprintf(text + strlen(text), 12, "%%%u", (unsigned)six->sin6_scope_id);
  return put(text, host, size);
}

PYLON_EXPORT("__wrap_getnameinfo")
int __wrap_getnameinfo(const struct sockaddr* address, socklen_t size, char* host,
                       socklen_t host_size, char* name, socklen_t name_size, int flags) {
  if (address->sa_family != AF_INET && address->sa_family != AF_INET6) return EAI_FAMILY;
  const bool four = address->sa_family == AF_INET;
  if (size < (four ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6))) return EAI_FAMILY;
  const int failed = put_host(address, host, host_size, flags);
  if (failed) return failed;
  const uint16_t port = four ? ((const struct sockaddr_in*)address)->sin_port
                             : ((const struct sockaddr_in6*)address)->sin6_port;
  const struct servent* found =
      flags & NI_NUMERICSERV ? NULL : __wrap_getservbyport(port, flags & NI_DGRAM ? "udp" : "tcp");
  char number[8];
  snprintf(number, sizeof number, "%u", ntohs(port));
  return put(found ? found->s_name : number, name, name_size);
}

// The most addresses of a host that the old functions tell of.
enum { kMostAddresses = 16 };

static struct hostent* host_entry(const char* name, int family, const void* addresses,
                                  size_t count) {
  static struct hostent entry;
  static char known[256];
  static uint8_t bytes[kMostAddresses][16];
  static char* list[kMostAddresses + 1];
  const size_t size = family == AF_INET ? 4 : 16;
  snprintf(known, sizeof known, "%s", name);
  for (size_t i = 0; i < count; i++) {
    memcpy(bytes[i], (const uint8_t*)addresses + i * size, size);
    list[i] = (char*)bytes[i];
  }
  list[count] = NULL;
  entry = (struct hostent){.h_name = known,
                           .h_aliases = no_aliases,
                           .h_addrtype = family,
                           .h_length = (int)size,
                           .h_addr_list = list};
  return &entry;
}

PYLON_EXPORT("__wrap_gethostbyname")
struct hostent* __wrap_gethostbyname(const char* name) {
  const struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM};
  struct addrinfo* found = NULL;
  const int failed = __wrap_getaddrinfo(name, NULL, &hints, &found);
  if (failed) {
    pylon_h_errno = failed == EAI_AGAIN  ? TRY_AGAIN
                    : failed == EAI_FAIL ? NO_RECOVERY
                                         : HOST_NOT_FOUND;
    return NULL;
  }
  struct in_addr addresses[kMostAddresses];
  size_t count = 0;
  for (struct addrinfo* at = found; at && count < kMostAddresses; at = at->ai_next)
    addresses[count++] = ((const struct sockaddr_in*)at->ai_addr)->sin_addr;
  freeaddrinfo(found);
  return host_entry(name, AF_INET, addresses, count);
}

PYLON_EXPORT("__wrap_gethostbyaddr")
struct hostent* __wrap_gethostbyaddr(const void* address, socklen_t size, int family) {
  struct sockaddr_in6 whole = {.sin6_family = (sa_family_t)family};
  if (family == AF_INET && size == 4)
    memcpy(&((struct sockaddr_in*)&whole)->sin_addr, address, 4);
  else if (family == AF_INET6 && size == 16)
    memcpy(&whole.sin6_addr, address, 16);
  else
    return NULL;
  if (!is_loopback((struct sockaddr*)&whole)) {
    pylon_h_errno = HOST_NOT_FOUND;
    return NULL;
  }
  return host_entry("localhost", family, address, 1);
}

PYLON_EXPORT("__wrap_hstrerror")
const char* __wrap_hstrerror(int error) {
  switch (error) {
    case HOST_NOT_FOUND:
      return "Unknown host";
    case TRY_AGAIN:
      return "Host name lookup failure";
    case NO_RECOVERY:
      return "Unknown server error";
    case NO_DATA:
      return "No address associated with name";
    default:
      return "Resolver error";
  }
}

// A sandbox has no name of its own, and its host's is none of its business.
PYLON_EXPORT("__wrap_gethostname")
int __wrap_gethostname(char* name, size_t size) {
  if (size <= strlen("localhost")) {
    errno = ENAMETOOLONG;
    return -1;
  }
  strcpy(name, "localhost");
  return 0;
}
