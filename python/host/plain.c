// A component between python.wasm and a host that knows nothing but WASI 0.2: exit codes become
// success or failure, which is all that wasi:cli/exit 0.2.0 can say, and there is no component to
// load.
#include <stddef.h>
#include <stdint.h>

#define EXPORT(name) __attribute__((export_name(name)))

__attribute__((import_module("wasi:cli/exit@0.2.0"), import_name("exit"))) void host_exit(
    int32_t failed);

EXPORT("wasi:cli/exit@0.2.0#exit") void plain_exit(int32_t failed) {
  host_exit(failed);
}

EXPORT("wasi:cli/exit@0.2.0#exit-with-code") void plain_exit_with_code(int32_t code) {
  host_exit(code != 0);
}

// result<instance, failure>
typedef struct {
  uint8_t is_error;
  struct {
    uint8_t kind;
    const char* message;
    size_t size;
  } failure;
} resolved;

// result<list<u8>, error>
typedef struct {
  uint8_t is_error;
  struct {
    uint8_t which;
    struct {
      uint8_t kind;
      const char* message;
      size_t size;
    } failure;
  } error;
} answered;

enum { not_found = 0, failed = 1 };

static const char nothing[] = "this file was composed without it, and its host loads no components";

static resolved* refuse(void) {
  static resolved answer;
  answer = (resolved){1, {not_found, nothing, sizeof nothing - 1}};
  return &answer;
}

EXPORT("compose:dynlink/linker@0.1.0#resolve-by-id")
void* plain_resolve_by_id(char* id, size_t size) {
  (void)id, (void)size;
  return refuse();
}

EXPORT("compose:dynlink/linker@0.1.0#resolve-by-digest")
void* plain_resolve_by_digest(char* digest, size_t size) {
  (void)digest, (void)size;
  return refuse();
}

// Nobody has an instance to ask these of.
EXPORT("compose:dynlink/linker@0.1.0#[method]instance.schema") void* plain_schema(void* self) {
  (void)self;
  return refuse();
}

EXPORT("compose:dynlink/linker@0.1.0#[method]instance.invoke")
void* plain_invoke(void* self, char* method, size_t method_size, uint8_t* payload, size_t size) {
  (void)self, (void)method, (void)method_size, (void)payload, (void)size;
  static answered answer;
  answer = (answered){1, {failed, {not_found, nothing, sizeof nothing - 1}}};
  return &answer;
}

// What a call brings with it is looked at by nobody and is gone with the call.
EXPORT("cabi_realloc")
void* plain_realloc(void* old, size_t old_size, size_t alignment, size_t size) {
  (void)old, (void)old_size, (void)alignment;
  static _Alignas(8) char room[65536];
  if (size > sizeof room) __builtin_trap();
  return room;
}
