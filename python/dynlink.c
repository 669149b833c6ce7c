// Dynamic linkage: caps of the plan through the host's compose:dynlink (wit/compose-dynlink), by
// the canonical ABI.
#include <stdlib.h>
#include <string.h>

#include "binding/dynamic.h"
#include "binding/pylon_cap.h"
#include "pylon.h"

typedef struct {
  const char* data;
  size_t size;
} wit_bytes;

typedef struct {
  uint8_t kind;
  wit_bytes message;
} wit_failure;

typedef struct {
  uint8_t is_error;
  union {
    uint32_t instance;
    wit_bytes bytes;
    wit_failure failure;
  };
} wit_resolved;

// result<list<u8>, error>, where error is variant { returned(list<u8>), failed(failure) }
typedef struct {
  uint8_t is_error;
  union {
    wit_bytes bytes;
    struct {
      uint8_t is_failure;
      union {
        wit_bytes returned;
        wit_failure failure;
      };
    } error;
  };
} wit_invoked;

#define LINKER "compose:dynlink/linker@0.1.0"

__attribute__((import_module(LINKER),
               import_name("resolve-by-id"))) void linker_resolve_by_id(const char* id, size_t size,
                                                                        wit_resolved* out);
__attribute__((import_module(LINKER), import_name("[method]instance.schema"))) void linker_schema(
    uint32_t instance, wit_resolved* out);
__attribute__((import_module(LINKER), import_name("[method]instance.invoke"))) void linker_invoke(
    uint32_t instance, const char* method, size_t method_size, const uint8_t* payload,
    size_t payload_size, wit_invoked* out);
__attribute__((import_module(LINKER), import_name("[resource-drop]instance"))) void linker_drop(
    uint32_t instance);

// ---- what the host hands over

// While a call of the linker is under way, what the host asks memory for is what the call hands
// over: it goes straight into bytes objects.
static bool receiving;

bool pylon_is_receiving(void) {
  return receiving;
}

void* pylon_receive(size_t size) {
  char* room = malloc(sizeof(PyBytesObject) + size);
  if (!room) abort();
  return room + offsetof(PyBytesObject, ob_sval);
}

// Whether Python's objects come from malloc as they are: not with tracemalloc, PYTHONMALLOC=debug
// or =mimalloc.
static bool objects_are_malloced(void) {
  PyMemAllocatorEx raw, objects;
  PyMem_GetAllocator(PYMEM_DOMAIN_RAW, &raw);
  PyMem_GetAllocator(PYMEM_DOMAIN_OBJ, &objects);
  return raw.malloc == objects.malloc && raw.ctx == objects.ctx;
}

// The bytes object that the data lies in, or where that may not be, a copy.
static PyObject* received(wit_bytes bytes) {
  if (bytes.size == 0) return PyBytes_FromStringAndSize(NULL, 0);
  PyBytesObject* object = (PyBytesObject*)(bytes.data - offsetof(PyBytesObject, ob_sval));
  if (!objects_are_malloced()) {
    PyObject* copy = PyBytes_FromStringAndSize(bytes.data, (Py_ssize_t)bytes.size);
    if (!copy) abort();
    free(object);
    return copy;
  }
  PyObject_InitVar((PyVarObject*)object, &PyBytes_Type, (Py_ssize_t)bytes.size);
  _Py_COMP_DIAG_PUSH
  _Py_COMP_DIAG_IGNORE_DEPR_DECLS
  object->ob_shash = -1;
  _Py_COMP_DIAG_POP
  object->ob_sval[bytes.size] = 0;
  return (PyObject*)object;
}

static PyObject* raise_failure(wit_failure failure) {
  PyObject* message = received(failure.message);
  pylon_cap_raise((pylon_cap_failure)failure.kind, PyBytes_AS_STRING(message),
                  (size_t)PyBytes_GET_SIZE(message), 1);
  Py_DECREF(message);
  return NULL;
}

static struct {
  wit_invoked result;
  PyObject* owner;
} answered;  // the host reads it before anything else runs; released by the next answer or the end
             // of the call

// ---- providers

typedef struct {
  char* id;
  uint32_t instance;
  bool lost;  // the instance trapped; the next call resolves a new one
} provider;

static wit_resolved resolve(const char* id) {
  wit_resolved resolved;
  receiving = true;
  linker_resolve_by_id(id, strlen(id), &resolved);
  receiving = false;
  return resolved;
}

static void answer_failure(pylon_cap_answer* answer, wit_failure failure) {
  answer->status = PYLON_CAP_FAILED;
  answer->kind = (pylon_cap_failure)failure.kind;
  answer->object = received(failure.message);
}

static bool renew(provider* self, pylon_cap_answer* answer) {
  wit_resolved resolved = resolve(self->id);
  if (resolved.is_error) {
    answer_failure(answer, resolved.failure);
    return false;
  }
  linker_drop(self->instance);
  self->instance = resolved.instance;
  self->lost = false;
  return true;
}

static void provider_call(void* state, uint32_t function, const char* method, size_t method_size,
                          const uint8_t* payload, size_t payload_size, pylon_cap_answer* answer) {
  provider* self = state;
  (void)function;
  if (self->lost && !renew(self, answer)) return;
  wit_invoked invoked;
  receiving = true;
  linker_invoke(self->instance, method, method_size, payload, payload_size, &invoked);
  receiving = false;
  Py_CLEAR(answered.owner);
  if (!invoked.is_error) {
    answer->object = received(invoked.bytes);
  } else if (!invoked.error.is_failure) {
    answer->status = PYLON_CAP_RETURNED;
    answer->object = received(invoked.error.returned);
  } else {
    answer_failure(answer, invoked.error.failure);
    // A provider that ran into a limit may be gone too; resolving one that is not gives the same
    // instance.
    self->lost = answer->kind == PYLON_CAP_TRAPPED || answer->kind == PYLON_CAP_LIMIT;
  }
}

// The schema, kept for the whole run as the module is; NULL with an exception.
static PyObject* schema_of(uint32_t instance) {
  wit_resolved schema;
  receiving = true;
  linker_schema(instance, &schema);
  receiving = false;
  return schema.is_error ? raise_failure(schema.failure) : received(schema.bytes);
}

static PyObject* module_for(const char* name, const char* id, uint32_t instance) {
  PyObject* schema = schema_of(instance);
  provider* state = schema ? calloc(1, sizeof *state) : NULL;
  char* kept_id = state ? strdup(id) : NULL;
  if (!kept_id) {
    free(state);
    Py_XDECREF(schema);
    return schema ? PyErr_NoMemory() : NULL;
  }
  *state = (provider){kept_id, instance, false};
  pylon_cap_backend backend = {provider_call, state};
  return pylon_cap_module_new(name, (const uint8_t*)PyBytes_AS_STRING(schema),
                              (size_t)PyBytes_GET_SIZE(schema), &backend);
}

// ---- the export through which providers call back

PYLON_EXPORT("compose:dynlink/callback@0.1.0#call")
wit_invoked* pylon_export_callback(const char* method, size_t method_size, const uint8_t* payload,
                                   size_t payload_size) {
  bool outer = receiving;
  receiving = false;
  pylon_cap_answer answer = {0};
  pylon_cap_callback(method, method_size, payload, payload_size, &answer);
  Py_DECREF(received((wit_bytes){method, method_size}));
  Py_DECREF(received((wit_bytes){(const char*)payload, payload_size}));
  wit_bytes bytes = answer.object ? (wit_bytes){PyBytes_AS_STRING(answer.object),
                                                (size_t)PyBytes_GET_SIZE(answer.object)}
                                  : (wit_bytes){"", 0};
  Py_XSETREF(answered.owner, answer.object);
  answered.result = (wit_invoked){.is_error = answer.status != PYLON_CAP_OK};
  if (answer.status == PYLON_CAP_OK)
    answered.result.bytes = bytes;
  else
    answered.result.error.is_failure = answer.status == PYLON_CAP_FAILED;
  if (answer.status == PYLON_CAP_RETURNED) answered.result.error.returned = bytes;
  if (answer.status == PYLON_CAP_FAILED)
    answered.result.error.failure = (wit_failure){(uint8_t)answer.kind, bytes};
  receiving = outer;
  return &answered.result;
}

// ---- the built-in module

static PyObject* load(PyObject* self, PyObject* const* arguments, Py_ssize_t given) {
  (void)self;
  if (given != 2)
    return PyErr_Format(PyExc_TypeError, "load() takes 2 arguments but %zd were given", given);
  const char* name = PyUnicode_AsUTF8(arguments[0]);
  const char* id = name ? PyUnicode_AsUTF8(arguments[1]) : NULL;
  if (!id) return NULL;
  const pylon_extension* linked = pylon_find_extension(id);
  if (linked)
    return pylon_cap_module_new(name, linked->schema, linked->schema_size, &linked->backend);
  wit_resolved resolved = resolve(id);
  return resolved.is_error ? raise_failure(resolved.failure)
                           : module_for(name, id, resolved.instance);
}

// Types of facades stand for types in C, whose attributes nobody sets.
static PyObject* seal(PyObject* self, PyObject* type) {
  (void)self;
  if (!PyType_Check(type)) return PyErr_Format(PyExc_TypeError, "expected a type, not %T", type);
  ((PyTypeObject*)type)->tp_flags |= Py_TPFLAGS_IMMUTABLETYPE;
  PyType_Modified((PyTypeObject*)type);
  return Py_NewRef(type);
}

static int execute(PyObject* module) {
  return pylon_cap_add_errors(module) | pylon_handler_add(module);
}

PyMODINIT_FUNC pylon_init_caps(void) {
  static PyMethodDef methods[] = {
      {"load", (PyCFunction)(void (*)(void))load, METH_FASTCALL,
       "load(name, id, /)\n--\n\nThe module `name` of the plan's cap `id`."},
      {"seal", seal, METH_O,
       "seal(type, /)\n--\n\n"
       "Makes a type's attributes unsettable, as those of types in C are; returns the type."},
      {"module", pylon_handler_module, METH_VARARGS,
       "module(name, schema, handler, /)\n--\n\n"
       "A module of this schema whose provider is handler(method, payload)."},
      {"dumps", cap_document_dumps, METH_O,
       "dumps(value, /)\n--\n\n"
       "A document of None, bool, int, float, str, buffers, lists and tuples."},
      {"loads", cap_document_loads, METH_O,
       "loads(document, /)\n--\n\n"
       "The value of a document: a list at its top, tuples inside, bytes for buffers."},
      {"callback", pylon_handler_callback, METH_VARARGS,
       "callback(method, payload, /)\n--\n\nCalls the consumer back from a handler."},
      {0}};
  static PyModuleDef_Slot slots[] = {{Py_mod_exec, (void*)execute}, {0, NULL}};
  static PyModuleDef definition = {PyModuleDef_HEAD_INIT, .m_name = "_pylon_caps",
                                   .m_doc = "Caps of the plan, called through the host.",
                                   .m_methods = methods, .m_slots = slots};
  return PyModuleDef_Init(&definition);
}

bool pylon_add_modules(void) {
  return PyImport_AppendInittab("_pylon_caps", pylon_init_caps) == 0 &&
         PyImport_AppendInittab("_pylon_archive", pylon_init_archive) == 0 &&
         pylon_supplement_modules();
}
