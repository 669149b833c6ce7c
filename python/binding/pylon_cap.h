// The Python side of a cap: a module made from the cap's schema (docs/bindings.md) over any way of
// calling its functions. The dynamic linkage (python/dynlink.c) is one such way; the extensions
// that pylon-bindgen writes are another.
#pragma once

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <stdbool.h>

#include "binding/backend.h"

/// The module `name` for a schema, which must stay in memory as the module does: for the whole run.
/// A new reference, or NULL with an exception set.
PyObject* pylon_cap_module_new(const char* name, const uint8_t* schema, size_t schema_size,
                               const pylon_cap_backend* backend);

/// Runs a callback of the cap whose function is being called: the Python object's method that
/// set_callbacks() named.
void pylon_cap_callback(const char* method, size_t method_size, const uint8_t* payload,
                        size_t payload_size, pylon_cap_answer* answer);

/// Begins a call of a cap that may call back; it waits while another thread is in one. Such calls,
/// of whatever cap, have to end in the opposite order of their beginnings, as what they leave
/// behind lies on one stack, and a callback may let other threads run. False with an exception of
/// an interrupt. Who makes modules with this binding defines both (python/scheduler.c).
bool pylon_cap_begin_call(void);
void pylon_cap_end_call(void);

/// Releases what an answer holds.
void pylon_cap_answer_clear(pylon_cap_answer* answer);

/// Sets the exception for a failure with this UTF-8 message; NULL. `importing` makes it an
/// ImportError.
PyObject* pylon_cap_raise(pylon_cap_failure kind, const char* message, size_t size, int importing);

/// CapError and its subclasses, as attributes of `module`; 0, or -1 with an exception set.
int pylon_cap_add_errors(PyObject* module);
