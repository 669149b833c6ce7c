// A provider's resource as a Python object, which drops the provider's handle when it is closed or
// collected.
#include <structmember.h>

#include "binding/cbor.h"
#include "binding/contract.h"

PyObject* cap_resource_new(cap_contract* contract, const cap_type* type, PyTypeObject* class,
                           uint32_t handle, bool owned) {
  cap_resource* resource = (cap_resource*)class->tp_alloc(class, 0);
  if (!resource) return NULL;
  resource->contract = contract;
  resource->type = type;
  resource->handle = handle;
  resource->generation = contract->generation;
  resource->owned = owned;
  return (PyObject*)resource;
}

static bool is_lost(const cap_resource* resource) {
  return resource->generation != resource->contract->generation;
}

uint32_t cap_resource_handle(cap_resource* resource) {
  if (resource->handle == 0)
    PyErr_Format(PyExc_ValueError, "%T is closed", resource);
  else if (is_lost(resource))
    PyErr_Format(PyExc_ValueError, "%T was lost when its provider failed; make a new one",
                 resource);
  else
    return resource->handle;
  return 0;
}

// Gives the handle back; false with an exception.
static bool drop(cap_resource* resource) {
  uint32_t handle = resource->handle;
  resource->handle = 0;
  if (!handle || !resource->owned || is_lost(resource)) return true;
  uint8_t request[1 + CBOR_HEAD_SIZE];
  uint8_t* end = cbor_put_head(cbor_put_head(request, CBOR_ARRAY, 1), CBOR_UNSIGNED, handle);
  pylon_cap_answer answer = {0};
  bool done = cap_invoke(resource->contract, resource->type->drop_number, resource->type->drop,
                         request, (size_t)(end - request), &answer, NULL);
  pylon_cap_answer_clear(&answer);
  return done;
}

static PyObject* resource_close(PyObject* self, PyObject* Py_UNUSED(nothing)) {
  cap_resource* resource = (cap_resource*)self;
  if (resource->busy)
    return PyErr_Format(PyExc_ValueError, "%T is in use and cannot be closed", self);
  if (!drop(resource)) return NULL;
  Py_RETURN_NONE;
}

static PyObject* resource_enter(PyObject* self, PyObject* Py_UNUSED(nothing)) {
  return cap_resource_handle((cap_resource*)self) ? Py_NewRef(self) : NULL;
}

static PyObject* resource_exit(PyObject* self, PyObject* Py_UNUSED(exception)) {
  return resource_close(self, NULL);
}

static PyObject* resource_closed(PyObject* self, void* Py_UNUSED(closure)) {
  return PyBool_FromLong(((cap_resource*)self)->handle == 0);
}

static void resource_dealloc(PyObject* self) {
  cap_resource* resource = (cap_resource*)self;
  PyTypeObject* type = Py_TYPE(self);
  if (resource->weak_references) PyObject_ClearWeakRefs(self);
  if (resource->handle) {
    PyObject* exception = PyErr_GetRaisedException();
    if (!drop(resource)) PyErr_FormatUnraisable("Exception ignored while dropping a %N", type);
    PyErr_SetRaisedException(exception);
  }
  type->tp_free(self);
  Py_DECREF(type);
}

static PyMethodDef resource_methods[] = {
    {"close", resource_close, METH_NOARGS,
     "close($self, /)\n--\n\nReleases what the provider holds for the object."},
    {"__enter__", resource_enter, METH_NOARGS, NULL},
    {"__exit__", resource_exit, METH_VARARGS, NULL},
    {0}};

static PyGetSetDef resource_attributes[] = {
    {"closed", resource_closed, NULL, "True once the object is closed or was given away.", NULL},
    {0}};

static PyMemberDef resource_members[] = {
    {"__weaklistoffset__", T_PYSSIZET, offsetof(cap_resource, weak_references), READONLY, NULL},
    {0}};

static const cap_function* constructor_of(const cap_type* type) {
  for (size_t i = 0; i < type->function_count; i++)
    if (type->functions[i].kind == CAP_CONSTRUCTOR) return &type->functions[i];
  return NULL;
}

// Puts the functions into the class; false with an exception.
static bool add_functions(cap_contract* contract, cap_type* type, PyObject* module_name) {
  for (size_t i = 0; i < type->function_count; i++) {
    const cap_function* function = &type->functions[i];
    PyObject* callable = cap_function_new(contract, function, module_name, type->object);
    if (callable && function->kind != CAP_METHOD) Py_SETREF(callable, PyStaticMethod_New(callable));
    PyObject* name = function->kind == CAP_CONSTRUCTOR ? PyUnicode_FromString("__new__")
                                                       : Py_NewRef(function->python_name);
    int status = callable && name ? PyObject_SetAttr(type->object, name, callable) : -1;
    Py_XDECREF(callable);
    Py_XDECREF(name);
    if (status < 0) return false;
  }
  return true;
}

PyObject* cap_make_resource_class(cap_contract* contract, cap_type* type, PyObject* module_name,
                                  PyObject* name) {
  PyObject* full_name = PyUnicode_FromFormat("%U.%U", module_name, name);
  PyObject* docs = cap_text_string(type->docs);
  PyType_Slot slots[] = {
      {Py_tp_dealloc, resource_dealloc},
      {Py_tp_methods, resource_methods},
      {Py_tp_getset, resource_attributes},
      {Py_tp_members, resource_members},
      {Py_tp_doc, docs && PyUnicode_GET_LENGTH(docs) ? (void*)PyUnicode_AsUTF8(docs) : NULL},
      {0, NULL}};
  unsigned long flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE;
  if (!constructor_of(type)) flags |= Py_TPFLAGS_DISALLOW_INSTANTIATION;
  PyType_Spec spec = {full_name ? PyUnicode_AsUTF8(full_name) : NULL, sizeof(cap_resource), 0,
                      (unsigned)flags, slots};
  type->object = full_name && docs ? PyType_FromSpec(&spec) : NULL;
  Py_XDECREF(docs);
  Py_XDECREF(full_name);
  return type->object && add_functions(contract, type, module_name) ? type->object : NULL;
}
