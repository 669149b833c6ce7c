// Records: tuples with named fields, made from a sequence or by keywords.
#include "binding/contract.h"

static newfunc make_from_sequence;  // what structseq's own types are made by

static PyObject* refuse_field(PyTypeObject* type, const char* what, PyObject* name) {
  return PyErr_Format(PyExc_TypeError, "%N() %s '%U'", type, what, name);
}

static PyObject* fields_from_keywords(PyTypeObject* type, PyObject* names, PyObject* keywords) {
  Py_ssize_t count = PyTuple_GET_SIZE(names);
  PyObject* fields = PyTuple_New(count);
  for (Py_ssize_t i = 0; fields && i < count; i++) {
    PyObject* value = PyDict_GetItemWithError(keywords, PyTuple_GET_ITEM(names, i));
    if (!value && !PyErr_Occurred())
      refuse_field(type, "missing required field:", PyTuple_GET_ITEM(names, i));
    if (value)
      PyTuple_SET_ITEM(fields, i, Py_NewRef(value));
    else
      Py_CLEAR(fields);
  }
  PyObject* name;
  Py_ssize_t at = 0;
  while (fields && PyDict_Next(keywords, &at, &name, NULL)) {
    int known = PySequence_Contains(names, name);
    if (known == 0) refuse_field(type, "got an unexpected field", name);
    if (known <= 0) Py_CLEAR(fields);
  }
  return fields;
}

static PyObject* record_new(PyTypeObject* type, PyObject* arguments, PyObject* keywords) {
  if (!keywords || PyDict_GET_SIZE(keywords) == 0 || PyTuple_GET_SIZE(arguments) > 0)
    return make_from_sequence(type, arguments, keywords);
  PyObject* names = PyObject_GetAttrString((PyObject*)type, "__match_args__");
  PyObject* fields = names ? fields_from_keywords(type, names, keywords) : NULL;
  PyObject* packed = fields ? PyTuple_Pack(1, fields) : NULL;
  PyObject* record = packed ? make_from_sequence(type, packed, NULL) : NULL;
  Py_XDECREF(packed);
  Py_XDECREF(fields);
  Py_XDECREF(names);
  return record;
}

// A copy that lives as long as the contract; NULL for an empty text.
static const char* terminated(cap_contract* contract, cap_text text) {
  char* copy = text.size ? cap_allocate(contract, text.size + 1) : NULL;
  if (copy) memcpy(copy, text.data, text.size);
  return copy;
}

PyObject* cap_make_record_class(cap_contract* contract, const cap_type* type, PyObject* module_name,
                                PyObject* name) {
  PyStructSequence_Field* fields = cap_allocate(contract, (type->count + 1) * sizeof *fields);
  PyObject* full_name = fields ? PyUnicode_FromFormat("%U.%U", module_name, name) : NULL;
  for (size_t i = 0; full_name && i < type->count; i++) {
    PyObject* field =
        cap_snake_case(type->items[i].name);  // kept for good: the class refers to its text
    if (!field || !(fields[i].name = PyUnicode_AsUTF8(field))) Py_CLEAR(full_name);
    fields[i].doc = terminated(contract, type->items[i].docs);
  }
  if (!full_name) return NULL;
  PyStructSequence_Desc description = {PyUnicode_AsUTF8(full_name),
                                       terminated(contract, type->docs), fields, (int)type->count};
  PyTypeObject* class = PyStructSequence_NewType(&description);
  Py_DECREF(full_name);
  if (!class) return NULL;
  make_from_sequence = class->tp_new;
  class->tp_new = record_new;
  return (PyObject*)class;
}
