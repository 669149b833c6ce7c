// How the Python module of a cap calls the cap's functions. Knows nothing of Python's API, so that
// extensions can be compiled without it.
#pragma once

#include <stddef.h>
#include <stdint.h>

/// How a call ended: the function's value, the function's own error, or no result at all.
typedef enum { PYLON_CAP_OK, PYLON_CAP_RETURNED, PYLON_CAP_FAILED } pylon_cap_status;

/// Why there is no result: compose:dynlink/types.failure-kind.
typedef enum {
  PYLON_CAP_NOT_FOUND,
  PYLON_CAP_DENIED,
  PYLON_CAP_CORRUPT,
  PYLON_CAP_SCHEMA_MISMATCH,
  PYLON_CAP_BAD_PAYLOAD,
  PYLON_CAP_LIMIT,
  PYLON_CAP_TRAPPED,
  PYLON_CAP_RAISED,
  PYLON_CAP_INTERNAL,
} pylon_cap_failure;

/// What comes back from a call: bytes in the wire format, or a message. They are either in
/// `object`, a bytes object, or in a block from malloc().
typedef struct {
  pylon_cap_status status;
  pylon_cap_failure kind;
  void* data;
  size_t size;
  struct _object* object;
} pylon_cap_answer;

/// The way to call a cap's functions. `function` counts them in the order of the schema's bytes, a
/// resource's drop being one, before the resource's functions; `method` is the same function's name
/// on the wire.
typedef struct {
  void (*call)(void* state, uint32_t function, const char* method, size_t method_size,
               const uint8_t* payload, size_t payload_size, pylon_cap_answer* answer);
  void* state;
} pylon_cap_backend;

/// A cap whose calls are linked into this component (src/link/extension.hh): its id, its schema and
/// the way to call it.
typedef struct pylon_extension {
  const char* id;
  const uint8_t* schema;
  size_t schema_size;
  pylon_cap_backend backend;
  const struct pylon_extension* next;
} pylon_extension;
