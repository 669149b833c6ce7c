// A cap's contract as the schema describes it, with the Python classes that stand for its types.
#pragma once

#include "binding/pylon_cap.h"

/// Text inside the schema: UTF-8, not terminated.
typedef struct {
  const char* data;
  size_t size;
} cap_text;

/// Numbered as `ref` and `type` in the schema, the latter from CAP_LIST on.
typedef enum {
  CAP_BOOL,
  CAP_U8,
  CAP_U16,
  CAP_U32,
  CAP_U64,
  CAP_S8,
  CAP_S16,
  CAP_S32,
  CAP_S64,
  CAP_F32,
  CAP_F64,
  CAP_CHAR,
  CAP_STRING,
  CAP_BYTES,
  CAP_PRIMITIVES,
  CAP_LIST = 16,
  CAP_OPTION,
  CAP_RESULT,
  CAP_TUPLE,
  CAP_RECORD,
  CAP_VARIANT,
  CAP_ENUM,
  CAP_FLAGS,
  CAP_RESOURCE,
  CAP_OWN,
  CAP_BORROW,
  CAP_KINDS_END,
} cap_kind;

typedef struct cap_type cap_type;

/// A field, a case or a flag; a tuple's fields have no name.
typedef struct {
  cap_text name, docs;
  const cap_type* type;  ///< NULL for an enum's case, a flag, or a variant's case without payload
  PyObject* object;      ///< the class of a variant's case, or the member of an enum
} cap_item;

typedef struct {
  cap_text name;
  const cap_type* type;
  PyObject* python_name;
} cap_parameter;

#define CAP_MOST_PARAMETERS 255

typedef enum { CAP_FUNCTION, CAP_CONSTRUCTOR, CAP_METHOD, CAP_STATIC } cap_function_kind;

typedef struct {
  cap_function_kind kind;
  cap_text name, method, docs;
  uint32_t number;  ///< in the order of the schema
  size_t count;
  cap_parameter* parameters;
  size_t required;        ///< parameters before the trailing options, which may be left out
  const cap_type* value;  ///< of the result, or its ok; may be NULL
  const cap_type* error;  ///< of the result, may be NULL even if it is a result<>
  bool fallible;          ///< the result is a result<>
  bool raw_request, raw_response;
  PyObject* python_name;
} cap_function;

struct cap_type {
  cap_kind kind;
  unsigned depth;
  size_t interface;  ///< that defines it
  cap_text name, docs;
  const cap_type*
      element;  ///< of a list or option; the ok of a result; the resource of own and borrow
  const cap_type* error;  ///< of a result
  size_t count;
  cap_item* items;
  cap_text drop;  ///< method of a resource, and its number
  uint32_t drop_number;
  cap_function* functions;  ///< of a resource
  size_t function_count;
  PyObject* object;     ///< the class
  PyObject* exception;  ///< for a type that is the E of a result<T, E>
};

typedef enum { CAP_TYPES_ONLY, CAP_EXPORTED, CAP_CALLBACKS } cap_role;

typedef struct {
  cap_role role;
  cap_text name, id, docs;
  size_t named_count, function_count;
  cap_item* named;
  cap_function* functions;
  PyObject* space;      ///< the module that holds its names
  PyObject* callbacks;  ///< the object that set_callbacks() gave, or NULL
} cap_interface;

/// Lives as long as the process, as extension modules do.
typedef struct {
  pylon_cap_backend backend;
  bool calls_back;      ///< it has callback interfaces
  uint32_t generation;  ///< counts the provider's instances: a resource of an earlier one is lost
  cap_text package, docs;
  size_t interface_count, type_count;
  cap_interface* interfaces;
  cap_type* types;
  const char* module_name;
  PyObject* module;
  PyObject* unnamed_error;  ///< the exception for an E that has no name
  PyObject *ok, *err;       ///< the classes of a result inside a value
  struct cap_block* blocks;
} cap_contract;

/// Memory that lives as long as the contract, zeroed; NULL with MemoryError.
void* cap_allocate(cap_contract* contract, size_t size);
void cap_contract_free(cap_contract* contract);

/// Reads a schema; NULL if it is malformed or memory is short (then with an exception).
cap_contract* cap_contract_read(const uint8_t* schema, size_t size);

extern const cap_type cap_primitives[CAP_PRIMITIVES];

/// True if the E of a result has a class of its own, with its own name.
static inline bool cap_is_named(const cap_type* type) {
  return type->kind >= CAP_RECORD && type->kind <= CAP_FLAGS;
}

// ---- names.c: names in Python, new references

PyObject* cap_text_string(cap_text text);
PyObject* cap_snake_case(cap_text name);
PyObject* cap_camel_case(cap_text name);
PyObject* cap_upper_case(cap_text name);
/// The exception's name for an error type, and whether the type itself has to give way.
PyObject* cap_exception_name(cap_text name, bool* takes_name);

// ---- classes.c: what types are in Python

/// A variant's case, or Ok or Err.
typedef struct {
  PyObject head;
  PyObject* value;
} cap_case;

PyObject* cap_case_new(PyObject* class, PyObject* value);

typedef enum { CAP_NO_PAYLOAD, CAP_PAYLOAD, CAP_OPTIONAL_PAYLOAD } cap_payload;

/// New classes; names and docs are str.
PyObject* cap_make_variant_class(PyObject* module_name, PyObject* name, PyObject* docs);
PyObject* cap_make_case_class(PyObject* module_name, PyObject* variant, PyObject* name,
                              PyObject* tag, PyObject* docs, cap_payload payload);
PyObject* cap_make_record_class(cap_contract* contract, const cap_type* type, PyObject* module_name,
                                PyObject* name);
PyObject* cap_make_error_class(PyObject* module_name, PyObject* name, PyObject* docs);

/// Makes the classes of the contract's types and puts them into the interfaces' modules; -1 with an
/// exception.
int cap_make_classes(cap_contract* contract);

/// Sets an exception of the class for E that carries `value`, which is consumed, as is `cause` (may
/// be NULL).
void cap_raise_value(PyObject* class, PyObject* value, PyObject* cause);

/// The exception class for a function's error.
PyObject* cap_error_class(const cap_contract* contract, const cap_function* function);

// ---- resource.c

typedef struct {
  PyObject head;
  cap_contract* contract;
  const cap_type* type;
  uint32_t handle;  ///< 0 once closed or given away
  uint32_t generation;
  uint32_t busy;  ///< calls under way that use it
  bool owned;     ///< to be dropped
  PyObject* weak_references;
} cap_resource;

PyObject* cap_make_resource_class(cap_contract* contract, cap_type* type, PyObject* module_name,
                                  PyObject* name);
PyObject* cap_resource_new(cap_contract* contract, const cap_type* type, PyTypeObject* class,
                           uint32_t handle, bool owned);
/// The handle, or 0 with an exception if the object is closed or lost.
uint32_t cap_resource_handle(cap_resource* resource);

// ---- call.c

/// A Python callable for a function; `scope` is the class it belongs to, or NULL.
PyObject* cap_function_new(cap_contract* contract, const cap_function* function,
                           PyObject* module_name, PyObject* scope);
/// Calls a function with a request; false with the exception of a failure set. What a callback
/// raised meanwhile is that exception, or its cause; if the function returned an error of its own,
/// it is put into `cause` (a new reference).
bool cap_invoke(cap_contract* contract, uint32_t number, cap_text method, const uint8_t* payload,
                size_t size, pylon_cap_answer* answer, PyObject** cause);

// ---- callback.c

/// A call under way: a callback meanwhile is one of this contract, and what it raised is kept here.
typedef struct cap_frame {
  struct cap_frame* outer;
  cap_contract* contract;
  PyObject* raised;
} cap_frame;

extern cap_frame* cap_innermost;

/// Adds set_callbacks() if the contract has callbacks; -1 with an exception.
int cap_add_set_callbacks(cap_contract* contract);
