// Exceptions: CapError for calls that came to no result, and a class for each error type of a
// contract.
#include <structmember.h>

#include "binding/contract.h"

// ---- failures

static const char* const kinds[] = {"not-found",       "denied",      "corrupt",
                                    "schema-mismatch", "bad-payload", "limit",
                                    "trapped",         "raised",      "internal"};

typedef struct {
  PyObject *error, *import_error, *permission_error, *memory_error;
} error_classes;

static PyObject* derived_error(const char* name, const char* docs, PyObject* first,
                               PyObject* second) {
  PyObject* bases = second ? PyTuple_Pack(2, first, second) : Py_NewRef(first);
  PyObject* class = bases ? PyErr_NewExceptionWithDoc(name, docs, bases, NULL) : NULL;
  Py_XDECREF(bases);
  return class;
}

static const error_classes* classes(void) {
  static error_classes made;
  if (made.memory_error) return &made;
  made.error = derived_error(
      "_pylon_caps.CapError",
      "A call of a cap came to no result of its own.\n\n"
      "kind is one of 'not-found', 'denied', 'corrupt', 'schema-mismatch', 'bad-payload',\n"
      "'limit', 'trapped', 'raised', 'internal'.",
      PyExc_RuntimeError, NULL);
  if (!made.error || PyObject_SetAttrString(made.error, "kind", Py_None) < 0) return NULL;
  made.import_error = derived_error("_pylon_caps.CapImportError", "A cap could not be imported.",
                                    made.error, PyExc_ImportError);
  made.permission_error = derived_error("_pylon_caps.CapPermissionError",
                                        "The plan, the trust store or a grant refuses.", made.error,
                                        PyExc_PermissionError);
  made.memory_error =
      derived_error("_pylon_caps.CapLimitError", "A limit of the run was reached in a cap.",
                    made.error, PyExc_MemoryError);
  return made.import_error && made.permission_error && made.memory_error ? &made : NULL;
}

static PyObject* class_for(const error_classes* known, pylon_cap_failure kind, int importing) {
  if (importing) return known->import_error;
  if (kind == PYLON_CAP_DENIED) return known->permission_error;
  return kind == PYLON_CAP_LIMIT ? known->memory_error : known->error;
}

PyObject* pylon_cap_raise(pylon_cap_failure kind, const char* message, size_t size, int importing) {
  const error_classes* known = classes();
  if (!known) return NULL;
  if ((unsigned)kind > PYLON_CAP_INTERNAL) kind = PYLON_CAP_INTERNAL;
  PyObject* text = PyUnicode_DecodeUTF8(message ? message : "", (Py_ssize_t)size, "replace");
  PyObject* exception = text ? PyObject_CallOneArg(class_for(known, kind, importing), text) : NULL;
  PyObject* name = exception ? PyUnicode_FromString(kinds[kind]) : NULL;
  if (name && PyObject_SetAttrString(exception, "kind", name) == 0)
    PyErr_SetObject((PyObject*)Py_TYPE(exception), exception);
  Py_XDECREF(name);
  Py_XDECREF(exception);
  Py_XDECREF(text);
  return NULL;
}

int pylon_cap_add_errors(PyObject* module) {
  const error_classes* known = classes();
  if (!known) return -1;
  return PyModule_AddObjectRef(module, "CapError", known->error) |
         PyModule_AddObjectRef(module, "CapImportError", known->import_error) |
         PyModule_AddObjectRef(module, "CapPermissionError", known->permission_error) |
         PyModule_AddObjectRef(module, "CapLimitError", known->memory_error);
}

// ---- a contract's own errors

typedef struct {
  PyBaseExceptionObject base;
  PyObject* value;
} value_error;

static int value_error_init(PyObject* self, PyObject* arguments, PyObject* keywords) {
  if (((PyTypeObject*)PyExc_Exception)->tp_init(self, arguments, keywords) < 0) return -1;
  PyObject* value = PyTuple_GET_SIZE(arguments) ? PyTuple_GET_ITEM(arguments, 0) : Py_None;
  Py_XSETREF(((value_error*)self)->value, Py_NewRef(value));
  return 0;
}

static PyObject* text_attribute(PyObject* value, const char* name) {
  PyObject* text = PyObject_GetAttrString(value, name);
  if (text && !PyUnicode_Check(text)) Py_CLEAR(text);
  PyErr_Clear();
  return text;
}

// Text is itself, a record with a message says it, an enum's member its name, a variant's case its
// tag and payload.
static PyObject* describe(PyObject* value) {
  if (PyUnicode_Check(value)) return Py_NewRef(value);
  PyObject* text = PyTuple_Check(value) ? text_attribute(value, "message") : NULL;
  if (!text && PyLong_Check(value)) text = text_attribute(value, "name");
  if (text) return text;
  PyObject* tag = text_attribute(value, "tag");
  if (!tag) return value == Py_None ? PyUnicode_FromString("") : PyObject_Repr(value);
  PyObject* payload = ((cap_case*)value)->value;
  PyObject* rest = payload && payload != Py_None ? describe(payload) : NULL;
  if (rest) Py_SETREF(tag, PyUnicode_FromFormat("%U: %U", tag, rest));
  Py_XDECREF(rest);
  return tag;
}

static PyObject* value_error_text(PyObject* self) {
  PyObject* value = ((value_error*)self)->value;
  return describe(value ? value : Py_None);
}

static int value_error_traverse(PyObject* self, visitproc visit, void* arg) {
  Py_VISIT(Py_TYPE(self));
  Py_VISIT(((value_error*)self)->value);
  return ((PyTypeObject*)PyExc_Exception)->tp_traverse(self, visit, arg);
}

static int value_error_clear(PyObject* self) {
  Py_CLEAR(((value_error*)self)->value);
  return ((PyTypeObject*)PyExc_Exception)->tp_clear(self);
}

static void value_error_dealloc(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  PyObject_GC_UnTrack(self);
  Py_CLEAR(((value_error*)self)->value);
  PyObject_GC_Track(self);
  ((PyTypeObject*)PyExc_Exception)->tp_dealloc(self);
  Py_DECREF(type);
}

PyObject* cap_make_error_class(PyObject* module_name, PyObject* name, PyObject* docs) {
  static PyMemberDef members[] = {
      {"value", T_OBJECT, offsetof(value_error, value), 0, "The error as the contract has it."},
      {0}};
  PyType_Slot slots[] = {
      {Py_tp_init, value_error_init},
      {Py_tp_str, value_error_text},
      {Py_tp_traverse, value_error_traverse},
      {Py_tp_clear, value_error_clear},
      {Py_tp_dealloc, value_error_dealloc},
      {Py_tp_members, members},
      {Py_tp_doc, docs && PyUnicode_GET_LENGTH(docs) ? (void*)PyUnicode_AsUTF8(docs) : NULL},
      {0, NULL}};
  PyObject* full_name = PyUnicode_FromFormat("%U.%U", module_name, name);
  PyType_Spec spec = {full_name ? PyUnicode_AsUTF8(full_name) : NULL, sizeof(value_error), 0,
                      Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC, slots};
  PyObject* class = full_name ? PyType_FromSpecWithBases(&spec, PyExc_Exception) : NULL;
  Py_XDECREF(full_name);
  return class;
}

PyObject* cap_error_class(const cap_contract* contract, const cap_function* function) {
  return function->error && function->error->exception ? function->error->exception
                                                       : contract->unnamed_error;
}

void cap_raise_value(PyObject* class, PyObject* value, PyObject* cause) {
  PyObject* exception = PyObject_CallOneArg(class, value);
  Py_DECREF(value);
  if (!exception) {
    Py_XDECREF(cause);
    return;
  }
  if (cause) PyException_SetCause(exception, cause);
  PyErr_SetObject(class, exception);
  Py_DECREF(exception);
}
