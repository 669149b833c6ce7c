// Calls from a provider back into Python, while a call of the provider is under way.
#include <stdlib.h>

#include "binding/values.h"

cap_frame* cap_innermost;

static void fail(pylon_cap_answer* answer, pylon_cap_failure kind, PyObject* message) {
  *answer = (pylon_cap_answer){.status = PYLON_CAP_FAILED, .kind = kind};
  answer->object = message ? PyUnicode_AsEncodedString(message, "utf-8", "backslashreplace") : NULL;
  Py_XDECREF(message);
  PyErr_Clear();
}

// "Type: text" as the last line of a traceback says it.
static PyObject* describe(PyObject* exception) {
  PyObject* text = PyObject_Str(exception);
  if (!text) {
    PyErr_Clear();
    return PyUnicode_FromFormat("%s", Py_TYPE(exception)->tp_name);
  }
  const char* between = PyUnicode_GET_LENGTH(text) ? ": " : "";
  PyObject* name = PyType_GetName(Py_TYPE(exception));
  PyObject* whole = name ? PyUnicode_FromFormat("%U%s%U", name, between, text) : NULL;
  Py_XDECREF(name);
  Py_DECREF(text);
  return whole;
}

// The exception stays with the call under way, which raises it again if the provider gives up.
static void keep_raised(pylon_cap_answer* answer) {
  PyObject* exception = PyErr_GetRaisedException();
  fail(answer, PYLON_CAP_RAISED, describe(exception));
  if (cap_innermost)
    Py_XSETREF(cap_innermost->raised, exception);
  else
    Py_DECREF(exception);
}

// ---- finding the function

static const cap_function* find(const cap_contract* contract, const char* method, size_t size,
                                const cap_interface** found) {
  for (size_t i = 0; i < contract->interface_count; i++) {
    const cap_interface* interface = &contract->interfaces[i];
    for (size_t k = 0; interface->role == CAP_CALLBACKS && k < interface->function_count; k++) {
      const cap_function* function = &interface->functions[k];
      *found = interface;
      if (function->method.size == size && memcmp(function->method.data, method, size) == 0)
        return function;
    }
  }
  return NULL;
}

// ---- arguments and results

// What the provider lent is no longer valid when the callback ends.
static void expire_borrowed(const cap_function* function, PyObject** arguments) {
  for (size_t i = 0; i < function->count; i++) {
    if (!arguments[i]) continue;
    if (function->parameters[i].type->kind == CAP_BORROW) ((cap_resource*)arguments[i])->handle = 0;
    Py_DECREF(arguments[i]);
  }
}

static bool read_arguments(cap_contract* contract, const cap_function* function,
                           const uint8_t* payload, size_t size, PyObject** arguments) {
  if (function->raw_request) {
    arguments[0] = PyBytes_FromStringAndSize((const char*)payload, (Py_ssize_t)size);
    return arguments[0];
  }
  cbor_reader in = {payload, payload + size};
  size_t count;
  if (!cbor_array(&in, &count) || count != function->count) return false;
  for (size_t i = 0; i < count; i++)
    if (!(arguments[i] = cap_read(contract, &in, function->parameters[i].type))) return false;
  return cbor_left(&in) == 0;
}

// Encodes a value as the answer; false with an exception.
static bool answer_with(const cap_contract* contract, const cap_function* function,
                        pylon_cap_status status, const cap_type* type, PyObject* value,
                        pylon_cap_answer* answer) {
  *answer = (pylon_cap_answer){.status = status};
  if (!type) return true;
  cap_writer out;
  cap_writer_open(&out, contract, function);
  bool raw = status == PYLON_CAP_OK && function->raw_response;
  if (raw && PyBytes_CheckExact(value)) {
    answer->object = Py_NewRef(value);
    return true;
  }
  Py_buffer view;
  if (raw) {
    if (!cap_view(&out, value, &view)) return false;
    answer->object = PyBytes_FromStringAndSize(view.buf, view.len);
    PyBuffer_Release(&view);
    return answer->object;
  }
  if (cap_write(&out, type, value))
    answer->object = PyBytes_FromStringAndSize((const char*)out.data, (Py_ssize_t)out.size);
  cap_writer_close(&out, answer->object);
  return answer->object;
}

// The callback raised: its own error, if the contract knows it, else an exception to be kept.
static void answer_exception(cap_contract* contract, const cap_function* function,
                             pylon_cap_answer* answer) {
  PyObject* class = function->fallible ? cap_error_class(contract, function) : NULL;
  if (class && PyErr_ExceptionMatches(class)) {
    PyObject* exception = PyErr_GetRaisedException();
    PyObject* value = PyObject_GetAttrString(exception, "value");
    bool good = value &&
                answer_with(contract, function, PYLON_CAP_RETURNED, function->error, value, answer);
    Py_XDECREF(value);
    Py_DECREF(exception);
    if (good) return;
  }
  keep_raised(answer);
}

static void call_object(cap_contract* contract, const cap_function* function, PyObject* object,
                        PyObject** arguments, pylon_cap_answer* answer) {
  PyObject* method = PyObject_GetAttr(object, function->python_name);
  PyObject* value = method ? PyObject_Vectorcall(method, arguments, function->count, NULL) : NULL;
  if (!value || !answer_with(contract, function, PYLON_CAP_OK, function->value, value, answer))
    answer_exception(contract, function, answer);
  Py_XDECREF(value);
  Py_XDECREF(method);
}

static void call_function(cap_contract* contract, const cap_function* function,
                          const cap_interface* interface, const uint8_t* payload, size_t size,
                          pylon_cap_answer* answer) {
  PyObject* arguments[CAP_MOST_PARAMETERS + 1] = {0};
  if (!interface->callbacks) {
    PyObject* name = cap_text_string(interface->name);
    fail(answer, PYLON_CAP_NOT_FOUND,
         name ? PyUnicode_FromFormat(
                    "no object serves the callbacks of '%U': call %s.set_callbacks('%U', object)",
                    name, contract->module_name, name)
              : NULL);
    Py_XDECREF(name);
  } else if (read_arguments(contract, function, payload, size, arguments)) {
    PyObject* object = Py_NewRef(interface->callbacks);
    call_object(contract, function, object, arguments, answer);
    Py_DECREF(object);
  } else if (PyErr_Occurred()) {
    keep_raised(answer);
  } else {
    fail(answer, PYLON_CAP_BAD_PAYLOAD,
         PyUnicode_FromFormat("the arguments of the callback %U() are not what the contract says",
                              function->python_name));
  }
  expire_borrowed(function, arguments);
}

void pylon_cap_callback(const char* method, size_t method_size, const uint8_t* payload,
                        size_t payload_size, pylon_cap_answer* answer) {
  const cap_interface* interface = NULL;
  cap_contract* contract = cap_innermost ? cap_innermost->contract : NULL;
  const cap_function* function = contract ? find(contract, method, method_size, &interface) : NULL;
  if (function)
    call_function(contract, function, interface, payload, payload_size, answer);
  else
    fail(answer, PYLON_CAP_NOT_FOUND, PyUnicode_FromString("the contract has no such callback"));
}

// ---- set_callbacks()

static cap_interface* find_interface(cap_contract* contract, PyObject* name) {
  for (size_t i = 0; i < contract->interface_count; i++) {
    cap_interface* interface = &contract->interfaces[i];
    if (interface->role != CAP_CALLBACKS) continue;
    PyObject* snake = cap_snake_case(interface->name);
    PyObject* kebab = cap_text_string(interface->name);
    bool found = snake && kebab &&
                 (PyUnicode_Compare(name, snake) == 0 || PyUnicode_Compare(name, kebab) == 0);
    Py_XDECREF(snake);
    Py_XDECREF(kebab);
    if (found || PyErr_Occurred()) return found ? interface : NULL;
  }
  PyErr_Format(PyExc_ValueError, "%s has no callback interface %R", contract->module_name, name);
  return NULL;
}

static PyObject* set_callbacks(PyObject* self, PyObject* const* arguments, Py_ssize_t given) {
  cap_contract* contract = PyCapsule_GetPointer(self, NULL);
  if (!contract) return NULL;
  if (given != 2)
    return PyErr_Format(PyExc_TypeError, "set_callbacks() takes 2 arguments but %zd were given",
                        given);
  if (!PyUnicode_Check(arguments[0]))
    return PyErr_Format(PyExc_TypeError,
                        "set_callbacks() argument 'interface': expected a str, not %T",
                        arguments[0]);
  cap_interface* interface = find_interface(contract, arguments[0]);
  if (!interface) return NULL;
  PyObject* before = interface->callbacks;
  interface->callbacks = arguments[1] == Py_None ? NULL : Py_NewRef(arguments[1]);
  return before ? before : Py_NewRef(Py_None);
}

static PyMethodDef set_callbacks_definition = {
    "set_callbacks", (PyCFunction)(void (*)(void))set_callbacks, METH_FASTCALL,
    "set_callbacks(interface, object, /)\n--\n\n"
    "Lets an object's methods serve what the cap calls in a callback interface; None ends it.\n"
    "Returns the object that served before, or None."};

int cap_add_set_callbacks(cap_contract* contract) {
  for (size_t i = 0; i < contract->interface_count; i++)
    contract->calls_back |= contract->interfaces[i].role == CAP_CALLBACKS;
  if (!contract->calls_back) return 0;
  PyObject* capsule = PyCapsule_New(contract, NULL, NULL);
  PyObject* name = PyModule_GetNameObject(contract->module);
  PyObject* function =
      capsule && name ? PyCFunction_NewEx(&set_callbacks_definition, capsule, name) : NULL;
  int status = function ? PyModule_AddObjectRef(contract->module, "set_callbacks", function) : -1;
  Py_XDECREF(function);
  Py_XDECREF(name);
  Py_XDECREF(capsule);
  return status;
}
