// Functions of CPython in slots of types whose signature they do not have. Where a call is a jump
// nobody notices; WebAssembly ends the program.
#include "pylon.h"

static void (*clear_method_caller)(PyObject* self);

static int method_caller_clear(PyObject* self) {
  clear_method_caller(self);
  return 0;
}

// Modules/_operator.c has `static void methodcaller_clear`, which the collector of cycles calls.
int pylon_mend_slots(void) {
  PyObject* module = PyImport_ImportModule("_operator");
  PyObject* type = module ? PyObject_GetAttrString(module, "methodcaller") : NULL;
  Py_XDECREF(module);
  if (!type) return -1;
  PyTypeObject* caller = (PyTypeObject*)type;
  clear_method_caller = (void (*)(PyObject*))(void (*)(void))caller->tp_clear;
  caller->tp_clear = method_caller_clear;
  Py_DECREF(type);
  return 0;
}
