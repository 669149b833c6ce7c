// The C border of the crate pylon-shim; its src/lib.rs says why each function is there.
// Every function that can fail returns a failure that the caller deletes, or null. No exception and
// no panic crosses.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// Borrowed bytes.
typedef struct {
  const char* data;
  size_t size;
} pylon_text;

typedef struct pylon_failure pylon_failure;
typedef struct pylon_engine pylon_engine;
typedef struct pylon_component pylon_component;
typedef struct pylon_shared pylon_shared;
typedef struct pylon_session pylon_session;
typedef struct pylon_caller pylon_caller;
typedef struct pylon_options pylon_options;

enum {
  PYLON_FAILURE_INPUT,
  PYLON_FAILURE_CORRUPT,
  PYLON_FAILURE_IO,
  PYLON_FAILURE_TRAP,
  PYLON_FAILURE_LIMIT,
  PYLON_FAILURE_INTERNAL,
};

typedef struct {
  pylon_text name;
  pylon_text value;
} pylon_variable;

typedef struct {
  pylon_text name;
  bool write;
} pylon_file_grant;

typedef struct {
  pylon_text guest;
  pylon_text host;
  bool read;
  bool write;
  const pylon_file_grant* files;
  size_t file_count;
} pylon_preopen;

// Each callback gets `user`, on the session's thread.
typedef struct {
  void* user;
  bool (*is_terminal)(void* user);
  int32_t (*descriptor)(void* user);  // -1: always ready
  int64_t (*read)(void* user, uint8_t* buffer,
                  size_t size);  // bytes, 0 at the end, or a negative errno
  int32_t (*write)(void* user, const uint8_t* data, size_t size);  // 0 or an errno
} pylon_stream;

// A null callback allows nothing; without allow_address there are no sockets at all. `found` gets
// each address that an allowed name was found to have.
typedef struct {
  void* user;
  bool (*allow_address)(void* user, pylon_text address, uint16_t port, bool bind);
  bool (*allow_lookup)(void* user, pylon_text host);
  void (*found)(void* user, pylon_text host, pylon_text address);
} pylon_network;

// A component that others of the run may call. What it points to lives as long as the session.
typedef struct {
  uint64_t key;     // not 0; who resolves the same key shares the instance
  pylon_text name;  // for messages
  const pylon_component* component;
  const pylon_options* options;  // max_memory and providers are the session's
  pylon_text schema;
  const uint8_t* schema_digest;  // 32 bytes; null: there is no schema
} pylon_provider;

// Why there is none: a kind of compose:dynlink/types.failure-kind. The message lives until the next
// call.
typedef struct {
  uint8_t kind;
  pylon_text message;
} pylon_refusal;

// `loader` is the key of the provider that asks, 0 for the program; `name` is an id, or a digest.
typedef struct {
  void* user;
  bool (*resolve)(void* user, uint64_t loader, pylon_text name, bool digest,
                  pylon_provider* provider, pylon_refusal* refusal);
} pylon_source;

// The code behind a gate: lets it go on, or call an export, in the memory at `memory`. Answers what
// it wants, or PYLON_NATIVE_TRAPPED; `reason` then says why and lives as long as `user`.
#define PYLON_NATIVE_TRAPPED UINT32_MAX
typedef struct {
  void* user;
  uint32_t (*change)(void* user, uint8_t* memory, uint32_t message);
  pylon_text (*reason)(void* user);
} pylon_native;

// Read while the session is made; `user` pointers and callbacks live as long as it.
struct pylon_options {
  const pylon_text* arguments;
  size_t argument_count;
  const pylon_variable* environment;
  size_t environment_count;
  pylon_text directory;
  const pylon_preopen* preopens;
  size_t preopen_count;
  pylon_network network;
  uint64_t max_memory;              // 0: no limit
  const pylon_stream* standard[3];  // input, output, error; null: empty
  const pylon_source* providers;    // null: none
  const pylon_native* native;       // null: the component is no gate
};

void pylon_failure_read(const pylon_failure* failure, uint8_t* kind, pylon_text* message,
                        pylon_text* detail);
void pylon_failure_delete(pylon_failure* failure);

pylon_failure* pylon_engine_new(pylon_engine** out);
void pylon_engine_delete(pylon_engine* engine);
pylon_text pylon_engine_version(void);

// Only in builds with the feature `compile`.
pylon_failure* pylon_compile(const pylon_engine* engine, pylon_text wasm, void* user,
                             void (*give)(void* user, pylon_text code));

pylon_failure* pylon_component_open(const pylon_engine* engine, pylon_text path,
                                    pylon_component** out);
void pylon_component_delete(pylon_component* component);

const pylon_shared* pylon_shared_new(void);
void pylon_shared_delete(const pylon_shared* shared);
void pylon_shared_interrupt(const pylon_shared* shared);
bool pylon_shared_limit_hit(const pylon_shared* shared);
void pylon_shared_refusals(const pylon_shared* shared, void* user,
                           void (*each)(void* user, uint8_t kind, pylon_text target));

void pylon_shared_uses(const pylon_shared* shared, void* user,
                       void (*each)(void* user, uint8_t kind, pylon_text target));

pylon_failure* pylon_session_new(const pylon_engine* engine, const pylon_component* component,
                                 const pylon_options* options, const pylon_shared* shared,
                                 pylon_session** out);
void pylon_session_delete(pylon_session* session);
pylon_failure* pylon_session_run(pylon_session* session, int32_t* status);
pylon_failure* pylon_session_call(pylon_session* session, pylon_text name, uint32_t* value);
pylon_failure* pylon_session_view(pylon_session* session, pylon_text name, const uint8_t** data,
                                  size_t* size);

// Of the options, only max_memory and providers count. `give` gets the answer, or the bytes of the
// provider's own error, or a failure's kind and message.
pylon_failure* pylon_caller_new(const pylon_engine* engine, const pylon_options* options,
                                const pylon_shared* shared, pylon_caller** out);
void pylon_caller_delete(pylon_caller* caller);
pylon_failure* pylon_caller_invoke(pylon_caller* caller, pylon_text id, pylon_text method,
                                   pylon_text payload, void* user,
                                   void (*give)(void* user, bool good, const uint8_t* failure_kind,
                                                pylon_text bytes));

#ifdef __cplusplus
}
#endif
