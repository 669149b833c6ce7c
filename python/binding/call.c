// Functions of a contract as Python callables.
#include <structmember.h>

#include "binding/values.h"

#define MOST_NESTED_CALLS 64  // through callbacks; each level also lies on the machine's stack

typedef struct {
  PyObject head;
  vectorcallfunc vectorcall;
  cap_contract* contract;
  const cap_function* function;
  PyObject* module_name;
  PyObject* scope;  // the class, or NULL
} cap_callable;

// ---- calling

// Decides what a finished call comes to; false with an exception. `raised` is what a callback
// raised meanwhile, consumed.
static bool settle(cap_contract* contract, pylon_cap_answer* answer, PyObject* raised,
                   PyObject** cause) {
  bool failed = answer->status == PYLON_CAP_FAILED;
  if (failed && answer->kind == PYLON_CAP_TRAPPED) contract->generation++;
  bool own = raised && ((failed && answer->kind == PYLON_CAP_RAISED) ||
                        !PyErr_GivenExceptionMatches(raised, PyExc_Exception));
  if (own) {
    PyErr_SetRaisedException(raised);
    return false;
  }
  if (!failed) {
    if (answer->status == PYLON_CAP_RETURNED && cause)
      *cause = raised;
    else
      Py_XDECREF(raised);
    return true;
  }
  if (PyErr_CheckSignals() == 0) {
    const char* message = answer->object ? PyBytes_AS_STRING(answer->object) : answer->data;
    size_t size = answer->object ? (size_t)PyBytes_GET_SIZE(answer->object) : answer->size;
    pylon_cap_raise(answer->kind, message, size, 0);
  }
  if (raised) {
    PyObject* failure = PyErr_GetRaisedException();
    PyException_SetCause(failure, raised);
    PyErr_SetRaisedException(failure);
  }
  return false;
}

bool cap_invoke(cap_contract* contract, uint32_t number, cap_text method, const uint8_t* payload,
                size_t size, pylon_cap_answer* answer, PyObject** cause) {
  static unsigned depth;
  *answer = (pylon_cap_answer){.status = PYLON_CAP_FAILED, .kind = PYLON_CAP_LIMIT};
  if (depth >= MOST_NESTED_CALLS) {
    PyErr_SetString(PyExc_RecursionError, "too many nested calls between a cap and its callbacks");
    return false;
  }
  if (contract->calls_back && !pylon_cap_begin_call()) return false;
  *answer = (pylon_cap_answer){0};
  depth++;
  cap_frame frame = {cap_innermost, contract, NULL};
  cap_innermost = &frame;
  contract->backend.call(contract->backend.state, number, method.data, method.size, payload, size,
                         answer);
  cap_innermost = frame.outer;
  depth--;
  if (contract->calls_back) pylon_cap_end_call();
  return settle(contract, answer, frame.raised, cause);
}

void pylon_cap_answer_clear(pylon_cap_answer* answer) {
  free(answer->data);
  Py_XDECREF(answer->object);
  *answer = (pylon_cap_answer){0};
}

static cbor_reader answer_reader(const pylon_cap_answer* answer) {
  const uint8_t* data =
      answer->object ? (const uint8_t*)PyBytes_AS_STRING(answer->object) : answer->data;
  size_t size = answer->object ? (size_t)PyBytes_GET_SIZE(answer->object) : answer->size;
  return (cbor_reader){data, data + size};
}

static PyObject* refuse_answer(const cap_function* function) {
  PyObject* message = PyUnicode_FromFormat(
      "the provider's answer to %U() is not what the contract says", function->python_name);
  Py_ssize_t size = 0;
  const char* text = message ? PyUnicode_AsUTF8AndSize(message, &size) : NULL;
  if (text) pylon_cap_raise(PYLON_CAP_BAD_PAYLOAD, text, (size_t)size, 0);
  Py_XDECREF(message);
  return NULL;
}

// The value of type `type` (NULL: none) that is the whole answer; NULL with an exception.
static PyObject* answer_value(cap_contract* contract, const cap_function* function,
                              const cap_type* type, const pylon_cap_answer* answer) {
  cbor_reader in = answer_reader(answer);
  PyObject* value = type ? cap_read(contract, &in, type) : Py_NewRef(Py_None);
  if (value && cbor_left(&in) > 0) Py_CLEAR(value);
  return value || PyErr_Occurred() ? value : refuse_answer(function);
}

static PyObject* raise_returned(cap_contract* contract, const cap_function* function,
                                const pylon_cap_answer* answer, PyObject* cause) {
  PyObject* value = function->fallible ? answer_value(contract, function, function->error, answer)
                                       : refuse_answer(function);
  if (value)
    cap_raise_value(cap_error_class(contract, function), value, cause);
  else
    Py_XDECREF(cause);
  return NULL;
}

static PyObject* take_raw(pylon_cap_answer* answer) {
  PyObject* bytes = answer->object;
  answer->object = NULL;
  return bytes ? bytes : PyBytes_FromStringAndSize(answer->data, (Py_ssize_t)answer->size);
}

// Whether the provider has taken what was given to it.
static bool was_accepted(const pylon_cap_answer* answer) {
  if (answer->status != PYLON_CAP_FAILED) return true;
  return answer->kind == PYLON_CAP_TRAPPED || answer->kind == PYLON_CAP_RAISED ||
         answer->kind == PYLON_CAP_INTERNAL;
}

// Calls with a request and makes its answer a Python object.
static PyObject* call_with(const cap_callable* self, const uint8_t* payload, size_t size,
                           bool* accepted) {
  const cap_function* function = self->function;
  pylon_cap_answer answer;
  PyObject* result = NULL;
  PyObject* cause = NULL;
  bool done = cap_invoke(self->contract, function->number, function->method, payload, size, &answer,
                         &cause);
  *accepted = done || was_accepted(&answer);
  if (done && answer.status == PYLON_CAP_RETURNED)
    raise_returned(self->contract, function, &answer, cause);
  else if (done && function->raw_response)
    result = take_raw(&answer);
  else if (done)
    result = answer_value(self->contract, function, function->value, &answer);
  pylon_cap_answer_clear(&answer);
  return result;
}

static PyObject* call_raw(const cap_callable* self, PyObject* argument) {
  cap_writer out;
  Py_buffer view;
  bool accepted;
  cap_writer_open(&out, self->contract, self->function);
  out.parameter = self->function->parameters[0].python_name;
  if (!cap_view(&out, argument, &view)) return NULL;
  PyObject* result = call_with(self, view.buf, (size_t)view.len, &accepted);
  PyBuffer_Release(&view);
  return result;
}

static PyObject* call_encoded(const cap_callable* self, PyObject* const* arguments) {
  const cap_function* function = self->function;
  cap_writer out;
  bool accepted = false;
  cap_writer_open(&out, self->contract, function);
  bool good = cap_write_array(&out, function->count);
  for (size_t i = 0; good && i < function->count; i++) {
    out.parameter = function->parameters[i].python_name;
    good = cap_write(&out, function->parameters[i].type, arguments[i]);
  }
  PyObject* result = good ? call_with(self, out.data, out.size, &accepted) : NULL;
  cap_writer_close(&out, accepted);
  return result;
}

// ---- arguments

static bool refuse_count(const cap_function* function, size_t given) {
  size_t own = function->kind == CAP_METHOD;
  PyErr_Format(PyExc_TypeError, "%U() takes %s%zu positional argument%s but %zu %s given",
               function->python_name, function->required < function->count ? "at most " : "",
               function->count - own, function->count - own == 1 ? "" : "s", given - own,
               given - own == 1 ? "was" : "were");
  return false;
}

static bool bind_keyword(const cap_function* function, PyObject* name, PyObject* value,
                         PyObject** bound) {
  for (size_t i = function->kind == CAP_METHOD; i < function->count; i++) {
    if (PyUnicode_Compare(function->parameters[i].python_name, name) != 0) continue;
    if (bound[i]) {
      PyErr_Format(PyExc_TypeError, "%U() got multiple values for argument '%U'",
                   function->python_name, name);
      return false;
    }
    bound[i] = value;
    return true;
  }
  PyErr_Format(PyExc_TypeError, "%U() got an unexpected keyword argument '%U'",
               function->python_name, name);
  return false;
}

// Lays arguments out by parameter; trailing options that are missing are None. Borrowed references.
static bool bind(const cap_function* function, PyObject* const* arguments, size_t given,
                 PyObject* names, PyObject** bound) {
  if (given > function->count) return refuse_count(function, given);
  for (size_t i = 0; i < function->count; i++) bound[i] = i < given ? arguments[i] : NULL;
  for (Py_ssize_t i = 0; names && i < PyTuple_GET_SIZE(names); i++)
    if (!bind_keyword(function, PyTuple_GET_ITEM(names, i), arguments[given + (size_t)i], bound))
      return false;
  for (size_t i = given; i < function->count; i++) {
    if (bound[i]) continue;
    if (i < function->required) {
      PyErr_Format(PyExc_TypeError, "%U() missing required argument: '%U'", function->python_name,
                   function->parameters[i].python_name);
      return false;
    }
    bound[i] = Py_None;
  }
  return true;
}

static PyObject* call_bound(const cap_callable* self, PyObject* const* arguments, size_t given,
                            PyObject* names) {
  const cap_function* function = self->function;
  PyObject* bound[CAP_MOST_PARAMETERS];
  if (given != function->count || names) {
    if (!bind(function, arguments, given, names, bound)) return NULL;
    arguments = bound;
  }
  return function->raw_request ? call_raw(self, arguments[0]) : call_encoded(self, arguments);
}

// A new object by the constructor, as the class or subclass that is being called.
static PyObject* construct(const cap_callable* self, PyObject* const* arguments, size_t given,
                           PyObject* names) {
  PyTypeObject* base = (PyTypeObject*)self->scope;
  if (given == 0 || !PyType_Check(arguments[0]) ||
      !PyType_IsSubtype((PyTypeObject*)arguments[0], base))
    return PyErr_Format(PyExc_TypeError, "%N.__new__() needs a subclass of it", self->scope);
  PyObject* made = call_bound(self, arguments + 1, given - 1, names);
  if (!made || arguments[0] == self->scope) return made;
  cap_resource* plain = (cap_resource*)made;
  PyObject* derived = cap_resource_new(plain->contract, plain->type, (PyTypeObject*)arguments[0],
                                       plain->handle, true);
  if (derived) plain->handle = 0;
  Py_DECREF(made);
  return derived;
}

static PyObject* callable_call(PyObject* callable, PyObject* const* arguments, size_t flags,
                               PyObject* names) {
  const cap_callable* self = (const cap_callable*)callable;
  size_t given = (size_t)PyVectorcall_NARGS(flags);
  if (names && PyTuple_GET_SIZE(names) == 0) names = NULL;
  if (self->function->kind == CAP_CONSTRUCTOR) return construct(self, arguments, given, names);
  return call_bound(self, arguments, given, names);
}

// ---- the callable as an object

static PyObject* get_name(PyObject* self, void* Py_UNUSED(closure)) {
  const cap_callable* callable = (cap_callable*)self;
  return callable->function->kind == CAP_CONSTRUCTOR ? PyUnicode_FromString("__new__")
                                                     : Py_NewRef(callable->function->python_name);
}

static PyObject* get_qualified_name(PyObject* self, void* closure) {
  PyObject* name = get_name(self, closure);
  PyObject* scope = ((cap_callable*)self)->scope;
  if (!scope || !name) return name;
  PyObject* scope_name = PyType_GetQualName((PyTypeObject*)scope);
  PyObject* whole = scope_name ? PyUnicode_FromFormat("%U.%U", scope_name, name) : NULL;
  Py_XDECREF(scope_name);
  Py_DECREF(name);
  return whole;
}

static PyObject* get_docs(PyObject* self, void* Py_UNUSED(closure)) {
  cap_text docs = ((cap_callable*)self)->function->docs;
  return docs.size ? cap_text_string(docs) : Py_NewRef(Py_None);
}

static PyObject* get_signature(PyObject* self, void* Py_UNUSED(closure)) {
  const cap_function* function = ((cap_callable*)self)->function;
  PyObject* text = PyUnicode_FromString(function->kind == CAP_CONSTRUCTOR ? "($cls" : "(");
  for (size_t i = 0; text && i < function->count; i++) {
    const char* before = PyUnicode_GET_LENGTH(text) > 1           ? ", "
                         : i == 0 && function->kind == CAP_METHOD ? "$"
                                                                  : "";
    Py_SETREF(text,
              PyUnicode_FromFormat("%U%s%U%s", text, before, function->parameters[i].python_name,
                                   i >= function->required ? "=None" : ""));
  }
  if (text) Py_SETREF(text, PyUnicode_FromFormat("%U)", text));
  return text;
}

static PyObject* callable_repr(PyObject* self) {
  PyObject* name = get_qualified_name(self, NULL);
  PyObject* text =
      name ? PyUnicode_FromFormat("<function %U of %U>", name, ((cap_callable*)self)->module_name)
           : NULL;
  Py_XDECREF(name);
  return text;
}

static PyObject* callable_bind(PyObject* self, PyObject* object, PyObject* Py_UNUSED(type)) {
  return object && object != Py_None ? PyMethod_New(self, object) : Py_NewRef(self);
}

static PyObject* callable_reduce(PyObject* self, PyObject* Py_UNUSED(nothing)) {
  return get_qualified_name(self, NULL);
}

static void callable_dealloc(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  Py_XDECREF(((cap_callable*)self)->module_name);
  type->tp_free(self);
  Py_DECREF(type);
}

static PyTypeObject* callable_type(void) {
  static PyGetSetDef attributes[] = {{"__name__", get_name, NULL, NULL, NULL},
                                     {"__qualname__", get_qualified_name, NULL, NULL, NULL},
                                     {"__doc__", get_docs, NULL, NULL, NULL},
                                     {"__text_signature__", get_signature, NULL, NULL, NULL},
                                     {0}};
  static PyMemberDef members[] = {
      {"__vectorcalloffset__", T_PYSSIZET, offsetof(cap_callable, vectorcall), READONLY, NULL},
      {"__module__", T_OBJECT, offsetof(cap_callable, module_name), READONLY, NULL},
      {0}};
  static PyMethodDef methods[] = {{"__reduce__", callable_reduce, METH_NOARGS, NULL}, {0}};
  static PyType_Slot slots[] = {{Py_tp_call, PyVectorcall_Call},  {Py_tp_repr, callable_repr},
                                {Py_tp_descr_get, callable_bind}, {Py_tp_dealloc, callable_dealloc},
                                {Py_tp_getset, attributes},       {Py_tp_members, members},
                                {Py_tp_methods, methods},         {0, NULL}};
  static PyType_Spec spec = {"_pylon_caps.function", sizeof(cap_callable), 0,
                             Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_VECTORCALL |
                                 Py_TPFLAGS_METHOD_DESCRIPTOR | Py_TPFLAGS_DISALLOW_INSTANTIATION,
                             slots};
  static PyObject* type;
  if (!type) type = PyType_FromSpec(&spec);
  return (PyTypeObject*)type;
}

PyObject* cap_function_new(cap_contract* contract, const cap_function* function,
                           PyObject* module_name, PyObject* scope) {
  PyTypeObject* type = callable_type();
  cap_callable* callable = type ? (cap_callable*)type->tp_alloc(type, 0) : NULL;
  if (!callable) return NULL;
  callable->vectorcall = callable_call;
  callable->contract = contract;
  callable->function = function;
  callable->module_name = Py_NewRef(module_name);
  callable->scope = scope;  // lives as long as the contract
  return (PyObject*)callable;
}
