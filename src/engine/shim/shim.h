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

// A null callback allows nothing. Without grants_any both refuse everything, and nothing is made ready for sockets.
typedef struct {
  void* user;
  bool (*allow_address)(void* user, pylon_text address, uint16_t port, bool bind);
  bool (*allow_lookup)(void* user, pylon_text host);
  bool grants_any;
} pylon_network;

// Read while the session is made; `user` pointers and callbacks live as long as it.
typedef struct {
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
} pylon_options;

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

pylon_failure* pylon_session_new(const pylon_engine* engine, const pylon_component* component,
                                 const pylon_options* options, const pylon_shared* shared,
                                 pylon_session** out);
void pylon_session_delete(pylon_session* session);
pylon_failure* pylon_session_run(pylon_session* session, int32_t* status);
pylon_failure* pylon_session_call(pylon_session* session, pylon_text name, uint32_t* value);
pylon_failure* pylon_session_view(pylon_session* session, pylon_text name, const uint8_t** data,
                                  size_t* size);

#ifdef __cplusplus
}
#endif
