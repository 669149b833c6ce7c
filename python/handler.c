// A provider in Python: a function that gets requests and gives answers, in the wire format, in
// place of a component. It shows what crosses the boundary, and lets tests answer whatever they
// like.
#include <string.h>

#include "binding/pylon_cap.h"
#include "pylon.h"

static PyObject* returned_class;  // _pylon_caps.Returned: carries the encoded error value

static const char* const kinds[] = {"not-found",       "denied",      "corrupt",
                                    "schema-mismatch", "bad-payload", "limit",
                                    "trapped",         "raised",      "internal"};

static pylon_cap_failure kind_of(PyObject* exception) {
  PyObject* name = PyObject_GetAttrString(exception, "kind");
  pylon_cap_failure kind = PYLON_CAP_TRAPPED;
  for (size_t i = 0; name && PyUnicode_Check(name) && i < sizeof kinds / sizeof kinds[0]; i++)
    if (PyUnicode_EqualToUTF8(name, kinds[i])) kind = (pylon_cap_failure)i;
  Py_XDECREF(name);
  PyErr_Clear();
  return kind;
}

static void answer_exception(pylon_cap_answer* answer) {
  PyObject* exception = PyErr_GetRaisedException();
  PyObject* arguments = PyObject_GetAttrString(exception, "args");
  if (PyErr_GivenExceptionMatches(exception, returned_class) && PyTuple_GET_SIZE(arguments) == 1 &&
      PyBytes_Check(PyTuple_GET_ITEM(arguments, 0))) {
    answer->status = PYLON_CAP_RETURNED;
    answer->object = Py_NewRef(PyTuple_GET_ITEM(arguments, 0));
  } else {
    PyObject* text = PyObject_Str(exception);
    answer->status = PYLON_CAP_FAILED;
    answer->kind = kind_of(exception);
    answer->object = text ? PyUnicode_AsEncodedString(text, "utf-8", "backslashreplace") : NULL;
    Py_XDECREF(text);
  }
  Py_XDECREF(arguments);
  Py_DECREF(exception);
  PyErr_Clear();
}

static void handler_call(void* state, uint32_t function, const char* method, size_t method_size,
                         const uint8_t* payload, size_t payload_size, pylon_cap_answer* answer) {
  (void)function;
  answer->object = PyObject_CallFunction(state, "s#y#", method, (Py_ssize_t)method_size, payload,
                                         (Py_ssize_t)payload_size);
  if (answer->object && !PyBytes_CheckExact(answer->object)) {
    PyErr_Format(PyExc_TypeError, "the handler returned %T instead of bytes", answer->object);
    Py_CLEAR(answer->object);
  }
  if (!answer->object) answer_exception(answer);
}

PyObject* pylon_handler_module(PyObject* self, PyObject* arguments) {
  (void)self;
  const char* name;
  PyObject *schema, *handler;
  if (!PyArg_ParseTuple(arguments, "sSO:module", &name, &schema, &handler)) return NULL;
  pylon_cap_backend backend = {handler_call, Py_NewRef(handler)};
  Py_INCREF(schema);  // as the module, for the whole run
  return pylon_cap_module_new(name, (const uint8_t*)PyBytes_AS_STRING(schema),
                              (size_t)PyBytes_GET_SIZE(schema), &backend);
}

PyObject* pylon_handler_callback(PyObject* self, PyObject* arguments) {
  (void)self;
  const char *method, *payload;
  Py_ssize_t method_size, payload_size;
  if (!PyArg_ParseTuple(arguments, "s#y#:callback", &method, &method_size, &payload, &payload_size))
    return NULL;
  pylon_cap_answer answer = {0};
  pylon_cap_callback(method, (size_t)method_size, (const uint8_t*)payload, (size_t)payload_size,
                     &answer);
  PyObject* bytes = answer.object ? Py_NewRef(answer.object) : PyBytes_FromStringAndSize(NULL, 0);
  if (bytes && answer.status == PYLON_CAP_FAILED) {
    pylon_cap_raise(answer.kind, PyBytes_AS_STRING(bytes), (size_t)PyBytes_GET_SIZE(bytes), 0);
    Py_CLEAR(bytes);
  } else if (bytes && answer.status == PYLON_CAP_RETURNED) {
    PyErr_SetObject(returned_class, bytes);
    Py_CLEAR(bytes);
  }
  pylon_cap_answer_clear(&answer);
  return bytes;
}

int pylon_handler_add(PyObject* module) {
  if (!returned_class)
    returned_class = PyErr_NewExceptionWithDoc("_pylon_caps.Returned",
                                               "A function's own error, in the wire format.",
                                               PyExc_Exception, NULL);
  return returned_class ? PyModule_AddObjectRef(module, "Returned", returned_class) : -1;
}
