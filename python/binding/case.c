// A case of a variant: an object of the case's class, with the payload as its value.
#include <structmember.h>

#include "binding/contract.h"

PyObject* cap_case_new(PyObject* class, PyObject* value) {
  cap_case* found = (cap_case*)((PyTypeObject*)class)->tp_alloc((PyTypeObject*)class, 0);
  if (found) found->value = Py_NewRef(value);
  return (PyObject*)found;
}

static PyObject* new_with_value(PyTypeObject* type, PyObject* arguments, PyObject* keywords) {
  static char* names[] = {"value", NULL};
  PyObject* value;
  if (!PyArg_ParseTupleAndKeywords(arguments, keywords, "O", names, &value)) return NULL;
  return cap_case_new((PyObject*)type, value);
}

static PyObject* new_with_optional_value(PyTypeObject* type, PyObject* arguments,
                                         PyObject* keywords) {
  static char* names[] = {"value", NULL};
  PyObject* value = Py_None;
  if (!PyArg_ParseTupleAndKeywords(arguments, keywords, "|O", names, &value)) return NULL;
  return cap_case_new((PyObject*)type, value);
}

static PyObject* new_without_value(PyTypeObject* type, PyObject* arguments, PyObject* keywords) {
  if (PyTuple_GET_SIZE(arguments) || (keywords && PyDict_GET_SIZE(keywords)))
    return PyErr_Format(PyExc_TypeError, "%N() takes no arguments", type);
  return cap_case_new((PyObject*)type, Py_None);
}

static PyObject* refuse_new(PyTypeObject* type, PyObject* arguments, PyObject* keywords) {
  (void)arguments, (void)keywords;
  return PyErr_Format(PyExc_TypeError, "%N has no objects of its own; use one of its cases", type);
}

static bool has_value(PyObject* self) {
  return PyObject_HasAttrString((PyObject*)Py_TYPE(self), "value");
}

static PyObject* case_repr(PyObject* self) {
  PyObject* name = PyType_GetQualName(Py_TYPE(self));
  PyObject* text = NULL;
  if (name && has_value(self))
    text = PyUnicode_FromFormat("%U(%R)", name, ((cap_case*)self)->value);
  else if (name)
    text = PyUnicode_FromFormat("%U()", name);
  Py_XDECREF(name);
  return text;
}

static PyObject* case_compare(PyObject* left, PyObject* right, int operation) {
  if (operation != Py_EQ && operation != Py_NE) Py_RETURN_NOTIMPLEMENTED;
  if (Py_TYPE(left) != Py_TYPE(right)) Py_RETURN_NOTIMPLEMENTED;
  return PyObject_RichCompare(((cap_case*)left)->value, ((cap_case*)right)->value, operation);
}

static Py_hash_t case_hash(PyObject* self) {
  Py_hash_t value = PyObject_Hash(((cap_case*)self)->value);
  if (value == -1) return -1;
  Py_hash_t hash = value ^ Py_HashPointer(Py_TYPE(self));
  return hash == -1 ? -2 : hash;
}

// copy and pickle make it anew from its class and value.
static PyObject* case_reduce(PyObject* self, PyObject* Py_UNUSED(nothing)) {
  return has_value(self) ? Py_BuildValue("O(O)", Py_TYPE(self), ((cap_case*)self)->value)
                         : Py_BuildValue("O()", Py_TYPE(self));
}

static int case_traverse(PyObject* self, visitproc visit, void* arg) {
  Py_VISIT(Py_TYPE(self));
  Py_VISIT(((cap_case*)self)->value);
  return 0;
}

static int case_clear(PyObject* self) {
  Py_CLEAR(((cap_case*)self)->value);
  return 0;
}

static void case_dealloc(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  PyObject_GC_UnTrack(self);
  Py_XDECREF(((cap_case*)self)->value);
  type->tp_free(self);
  Py_DECREF(type);
}

static PyObject* make_class(PyObject* module_name, const char* name, PyObject* base,
                            PyType_Slot* slots, unsigned flags) {
  PyObject* full_name = PyUnicode_FromFormat("%U.%s", module_name, name);
  PyType_Spec spec = {full_name ? PyUnicode_AsUTF8(full_name) : NULL, sizeof(cap_case), 0,
                      Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | flags, slots};
  PyObject* class = full_name ? PyType_FromSpecWithBases(&spec, base) : NULL;
  Py_XDECREF(full_name);
  return class;
}

PyObject* cap_make_variant_class(PyObject* module_name, PyObject* name, PyObject* docs) {
  static PyMethodDef methods[] = {{"__reduce__", case_reduce, METH_NOARGS, NULL}, {0}};
  PyType_Slot slots[] = {
      {Py_tp_new, refuse_new},
      {Py_tp_repr, case_repr},
      {Py_tp_richcompare, case_compare},
      {Py_tp_hash, case_hash},
      {Py_tp_traverse, case_traverse},
      {Py_tp_clear, case_clear},
      {Py_tp_dealloc, case_dealloc},
      {Py_tp_methods, methods},
      {Py_tp_doc, PyUnicode_GET_LENGTH(docs) ? (void*)PyUnicode_AsUTF8(docs) : NULL},
      {0, NULL}};
  return make_class(module_name, PyUnicode_AsUTF8(name), NULL, slots, Py_TPFLAGS_BASETYPE);
}

// What `match` and readers of the class want to know.
static bool describe(PyObject* class, PyObject* tag, cap_payload payload) {
  PyObject* arguments = payload == CAP_NO_PAYLOAD ? PyTuple_New(0) : Py_BuildValue("(s)", "value");
  bool good = arguments && PyObject_SetAttrString(class, "__match_args__", arguments) == 0 &&
              PyObject_SetAttrString(class, "tag", tag) == 0;
  Py_XDECREF(arguments);
  return good;
}

PyObject* cap_make_case_class(PyObject* module_name, PyObject* variant, PyObject* name,
                              PyObject* tag, PyObject* docs, cap_payload payload) {
  static PyMemberDef with_value[] = {{"value", T_OBJECT, offsetof(cap_case, value), READONLY, NULL},
                                     {0}};
  static PyMemberDef without_value[] = {{0}};
  static const newfunc makers[] = {new_without_value, new_with_value, new_with_optional_value};
  PyType_Slot slots[] = {
      {Py_tp_new, (void*)makers[payload]},
      {Py_tp_traverse, case_traverse},
      {Py_tp_clear, case_clear},
      {Py_tp_dealloc, case_dealloc},
      {Py_tp_members, payload == CAP_NO_PAYLOAD ? without_value : with_value},
      {Py_tp_doc, PyUnicode_GET_LENGTH(docs) ? (void*)PyUnicode_AsUTF8(docs) : NULL},
      {0, NULL}};
  PyObject* class = make_class(module_name, PyUnicode_AsUTF8(name), variant, slots, 0);
  PyObject* scope = class ? PyType_GetQualName((PyTypeObject*)variant) : NULL;
  PyObject* qualified = scope ? PyUnicode_FromFormat("%U.%U", scope, name) : NULL;
  bool top = payload == CAP_OPTIONAL_PAYLOAD;  // Ok and Err stand in the module
  bool good = qualified && (top || PyObject_SetAttrString(class, "__qualname__", qualified) == 0) &&
              describe(class, tag, payload);
  Py_XDECREF(qualified);
  Py_XDECREF(scope);
  if (!good) Py_CLEAR(class);
  return class;
}
