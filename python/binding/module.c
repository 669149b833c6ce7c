// Makes a cap's module out of its schema.
#include <stdlib.h>

#include "binding/contract.h"

static PyObject* new_module(PyObject* name, cap_text docs) {
  PyObject* module = PyModule_NewObject(name);
  PyObject* text = module ? cap_text_string(docs) : NULL;
  if (!text || (docs.size && PyObject_SetAttrString(module, "__doc__", text) < 0)) Py_CLEAR(module);
  Py_XDECREF(text);
  return module;
}

// A module of its own for an interface, importable by its dotted name.
static PyObject* new_space(cap_contract* contract, const cap_interface* interface) {
  PyObject* name = cap_snake_case(interface->name);
  PyObject* full_name = name ? PyUnicode_FromFormat("%s.%U", contract->module_name, name) : NULL;
  PyObject* space = full_name ? new_module(full_name, interface->docs) : NULL;
  PyObject* modules = PySys_GetObject("modules");
  if (space && (PyObject_SetAttr(contract->module, name, space) < 0 || !modules ||
                PyObject_SetItem(modules, full_name, space) < 0))
    Py_CLEAR(space);
  Py_XDECREF(full_name);
  Py_XDECREF(name);
  return space;
}

// The contract's module is the module of its only exported interface; any other interface has one
// of its own.
static bool make_spaces(cap_contract* contract) {
  size_t exported = 0;
  for (size_t i = 0; i < contract->interface_count; i++)
    exported += contract->interfaces[i].role == CAP_EXPORTED;
  for (size_t i = 0; i < contract->interface_count; i++) {
    cap_interface* interface = &contract->interfaces[i];
    bool flat = interface->role == CAP_EXPORTED && exported == 1;
    interface->space = flat ? Py_NewRef(contract->module) : new_space(contract, interface);
    if (!interface->space) return false;
  }
  return true;
}

static bool add_functions(cap_contract* contract, const cap_interface* interface) {
  PyObject* module_name = PyModule_GetNameObject(interface->space);
  bool good = module_name;
  for (size_t i = 0; good && i < interface->function_count; i++) {
    PyObject* callable = cap_function_new(contract, &interface->functions[i], module_name, NULL);
    good = callable &&
           PyObject_SetAttr(interface->space, interface->functions[i].python_name, callable) == 0;
    Py_XDECREF(callable);
  }
  Py_XDECREF(module_name);
  return good;
}

static bool fill(cap_contract* contract) {
  if (!make_spaces(contract) || cap_make_classes(contract) < 0) return false;
  for (size_t i = 0; i < contract->interface_count; i++)
    if (contract->interfaces[i].role == CAP_EXPORTED &&
        !add_functions(contract, &contract->interfaces[i]))
      return false;
  return cap_add_set_callbacks(contract) == 0;
}

// Whatever else went wrong than memory is the schema's fault, and the reason is the cause.
static PyObject* refuse_schema(void) {
  if (PyErr_Occurred() &&
      (PyErr_ExceptionMatches(PyExc_MemoryError) || !PyErr_ExceptionMatches(PyExc_Exception)))
    return NULL;
  PyObject* cause = PyErr_GetRaisedException();
  const char message[] = "the schema is malformed or of another version";
  pylon_cap_raise(PYLON_CAP_CORRUPT, message, sizeof message - 1, 1);
  PyObject* failure = PyErr_GetRaisedException();
  if (failure && cause) PyException_SetCause(failure, cause);
  PyErr_SetRaisedException(failure);
  return NULL;
}

PyObject* pylon_cap_module_new(const char* name, const uint8_t* schema, size_t schema_size,
                               const pylon_cap_backend* backend) {
  cap_contract* contract = cap_contract_read(schema, schema_size);
  if (!contract) return refuse_schema();
  contract->backend = *backend;
  contract->module_name = strdup(name);
  PyObject* name_text = contract->module_name ? PyUnicode_FromString(name) : PyErr_NoMemory();
  if (name_text) contract->module = new_module(name_text, contract->docs);
  Py_XDECREF(name_text);
  return contract->module && fill(contract) ? Py_NewRef(contract->module) : refuse_schema();
}
