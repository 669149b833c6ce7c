// The Python classes of a contract's types, and where they are to be found.
#include "binding/contract.h"

// ---- enums and flags

static PyObject* members_of(const cap_type* type) {
  PyObject* members = PyList_New((Py_ssize_t)type->count);
  for (size_t i = 0; members && i < type->count; i++) {
    PyObject* name = cap_upper_case(type->items[i].name);
    unsigned long value = type->kind == CAP_FLAGS ? 1ul << i : (unsigned long)i;
    PyObject* member = name ? Py_BuildValue("(Nk)", name, value) : NULL;
    if (member)
      PyList_SET_ITEM(members, (Py_ssize_t)i, member);
    else
      Py_CLEAR(members);
  }
  return members;
}

static bool keep_members(cap_type* type, PyObject* class) {
  for (size_t i = 0; i < type->count; i++) {
    PyObject* name = cap_upper_case(type->items[i].name);
    type->items[i].object = name ? PyObject_GetAttr(class, name) : NULL;
    Py_XDECREF(name);
    if (!type->items[i].object) return false;
  }
  return true;
}

static PyObject* make_enum(cap_type* type, PyObject* module_name, PyObject* name, PyObject* docs) {
  PyObject* module = PyImport_ImportModule("enum");
  PyObject* base =
      module ? PyObject_GetAttrString(module, type->kind == CAP_FLAGS ? "IntFlag" : "IntEnum")
             : NULL;
  PyObject* members = base ? members_of(type) : NULL;
  PyObject* arguments = members ? PyTuple_Pack(2, name, members) : NULL;
  PyObject* keywords =
      arguments ? Py_BuildValue("{sOsO}", "module", module_name, "qualname", name) : NULL;
  PyObject* class = keywords ? PyObject_Call(base, arguments, keywords) : NULL;
  if (class && (PyObject_SetAttrString(class, "__doc__", docs) < 0 || !keep_members(type, class)))
    Py_CLEAR(class);
  Py_XDECREF(keywords);
  Py_XDECREF(arguments);
  Py_XDECREF(members);
  Py_XDECREF(base);
  Py_XDECREF(module);
  return class;
}

// ---- variants

static PyObject* make_variant(cap_type* type, PyObject* module_name, PyObject* name,
                              PyObject* docs) {
  PyObject* class = cap_make_variant_class(module_name, name, docs);
  for (size_t i = 0; class && i < type->count; i++) {
    cap_item* item = &type->items[i];
    PyObject* case_name = cap_camel_case(item->name);
    PyObject* tag = cap_text_string(item->name);
    PyObject* case_docs = cap_text_string(item->docs);
    if (case_name && tag && case_docs)
      item->object = cap_make_case_class(module_name, class, case_name, tag, case_docs,
                                         item->type ? CAP_PAYLOAD : CAP_NO_PAYLOAD);
    if (!item->object || PyObject_SetAttr(class, case_name, item->object) < 0) Py_CLEAR(class);
    Py_XDECREF(case_docs);
    Py_XDECREF(tag);
    Py_XDECREF(case_name);
  }
  return class;
}

// ---- errors

static bool is_error_of(const cap_function* functions, size_t count, const cap_type* type) {
  for (size_t i = 0; i < count; i++)
    if (functions[i].fallible && functions[i].error == type) return true;
  return false;
}

// True if a function's result can be this error; NULL asks for errors without a name.
static bool is_error(const cap_contract* contract, const cap_type* type) {
  for (size_t i = 0; i < contract->interface_count; i++)
    if (is_error_of(contract->interfaces[i].functions, contract->interfaces[i].function_count,
                    type))
      return true;
  for (size_t i = 0; i < contract->type_count; i++)
    if (is_error_of(contract->types[i].functions, contract->types[i].function_count, type))
      return true;
  return false;
}

// The class's name under a name of the contract; an exception may have taken it.
static PyObject* class_name(const cap_type* type, cap_text name, bool error) {
  bool taken = false;
  PyObject* exception =
      error && type->kind != CAP_RESOURCE ? cap_exception_name(name, &taken) : NULL;
  Py_XDECREF(exception);
  if (PyErr_Occurred()) return NULL;
  PyObject* camel = cap_camel_case(name);
  if (camel && taken) Py_SETREF(camel, PyUnicode_FromFormat("%UValue", camel));
  return camel;
}

static PyObject* make_class(cap_contract* contract, cap_type* type, PyObject* module_name,
                            PyObject* name, PyObject* docs) {
  switch (type->kind) {
    case CAP_RECORD:
      return cap_make_record_class(contract, type, module_name, name);
    case CAP_VARIANT:
      return make_variant(type, module_name, name, docs);
    case CAP_RESOURCE:
      return cap_make_resource_class(contract, type, module_name, name);
    default:
      return make_enum(type, module_name, name, docs);
  }
}

static bool make_exception(cap_type* type, PyObject* module_name, PyObject* docs) {
  bool taken;
  PyObject* name = cap_exception_name(type->name, &taken);
  type->exception = name ? cap_make_error_class(module_name, name, docs) : NULL;
  Py_XDECREF(name);
  return type->exception;
}

static bool make_named(cap_contract* contract, cap_type* type) {
  bool error = cap_is_named(type) && is_error(contract, type);
  PyObject* module_name = PyModule_GetNameObject(contract->interfaces[type->interface].space);
  PyObject* name = class_name(type, type->name, error);
  PyObject* docs = cap_text_string(type->docs);
  bool good = module_name && name && docs;
  if (good) type->object = make_class(contract, type, module_name, name, docs);
  good = good && type->object && (!error || make_exception(type, module_name, docs));
  Py_XDECREF(docs);
  Py_XDECREF(name);
  Py_XDECREF(module_name);
  return good;
}

// ---- names in the modules

static bool add(PyObject* module, PyObject* name, PyObject* object) {
  return name && object && PyObject_SetAttr(module, name, object) == 0;
}

static bool add_once(PyObject* module, PyObject* name, PyObject* object) {
  return PyObject_HasAttr(module, name) || add(module, name, object);
}

static bool add_named(const cap_interface* interface, const cap_item* named) {
  const cap_type* type = named->type;
  if (!type->object) return true;  // an alias of something that needs no class
  bool taken;
  PyObject* name = class_name(type, named->name, type->exception);
  bool good = add(interface->space, name, type->object);
  Py_XDECREF(name);
  if (!good || !type->exception) return good;
  name = cap_exception_name(named->name, &taken);
  good = add(interface->space, name, type->exception);
  Py_XDECREF(name);
  return good;
}

static bool has_unnamed_error(const cap_function* functions, size_t count) {
  for (size_t i = 0; i < count; i++)
    if (functions[i].fallible && !(functions[i].error && cap_is_named(functions[i].error)))
      return true;
  return false;
}

// Whether a function of the interface, or of a resource of it, has an error without a name.
static bool needs_unnamed_error(const cap_contract* contract, size_t interface) {
  const cap_interface* here = &contract->interfaces[interface];
  if (has_unnamed_error(here->functions, here->function_count)) return true;
  for (size_t i = 0; i < contract->type_count; i++) {
    const cap_type* type = &contract->types[i];
    if (type->interface == interface && has_unnamed_error(type->functions, type->function_count))
      return true;
  }
  return false;
}

// The class is the contract's; where an interface has an error type called `error`, that one keeps
// the name.
static bool add_unnamed_error(cap_contract* contract, PyObject* name) {
  for (size_t i = 0; i < contract->interface_count; i++) {
    PyObject* space = contract->interfaces[i].space;
    if (!needs_unnamed_error(contract, i)) continue;
    if (!contract->unnamed_error) {
      PyObject* module_name = PyModule_GetNameObject(contract->module);
      contract->unnamed_error = module_name ? cap_make_error_class(module_name, name, NULL) : NULL;
      Py_XDECREF(module_name);
      if (!contract->unnamed_error || !add_once(contract->module, name, contract->unnamed_error))
        return false;
    }
    if (!add_once(space, name, contract->unnamed_error)) return false;
  }
  return true;
}

static bool has_result(const cap_type* type) {
  for (size_t i = 0; i < type->count; i++)
    if (type->items[i].type && type->items[i].type->kind == CAP_RESULT) return true;
  return (type->element && type->element->kind == CAP_RESULT) ||
         (type->error && type->error->kind == CAP_RESULT);
}

static bool takes_result(const cap_function* functions, size_t count) {
  for (size_t i = 0; i < count; i++)
    for (size_t k = 0; k < functions[i].count; k++)
      if (functions[i].parameters[k].type->kind == CAP_RESULT) return true;
  return false;
}

// True if a result<> stands inside a value.
static bool uses_result(const cap_contract* contract) {
  for (size_t i = 0; i < contract->type_count; i++)
    if (has_result(&contract->types[i]) ||
        takes_result(contract->types[i].functions, contract->types[i].function_count))
      return true;
  for (size_t i = 0; i < contract->interface_count; i++)
    if (takes_result(contract->interfaces[i].functions, contract->interfaces[i].function_count))
      return true;
  return false;
}

static bool add_result_classes(cap_contract* contract) {
  if (!uses_result(contract)) return true;
  PyObject* module_name = PyModule_GetNameObject(contract->module);
  PyObject* docs = PyUnicode_FromString("");
  PyObject *result = PyUnicode_FromString("Result"), *ok = PyUnicode_FromString("Ok"),
           *err = PyUnicode_FromString("Err");
  PyObject* base = cap_make_variant_class(module_name, result, docs);
  if (base)
    contract->ok = cap_make_case_class(module_name, base, ok, ok, docs, CAP_OPTIONAL_PAYLOAD);
  if (base)
    contract->err = cap_make_case_class(module_name, base, err, err, docs, CAP_OPTIONAL_PAYLOAD);
  bool good = contract->ok && contract->err && add(contract->module, ok, contract->ok) &&
              add(contract->module, err, contract->err);
  PyObject* const done[] = {base, err, ok, result, docs, module_name};
  for (size_t i = 0; i < sizeof done / sizeof done[0]; i++) Py_XDECREF(done[i]);
  return good;
}

int cap_make_classes(cap_contract* contract) {
  if (!add_result_classes(contract)) return -1;
  for (size_t i = 0; i < contract->type_count; i++) {
    cap_type* type = &contract->types[i];
    if ((cap_is_named(type) || type->kind == CAP_RESOURCE) && !make_named(contract, type))
      return -1;
  }
  for (size_t i = 0; i < contract->interface_count; i++) {
    const cap_interface* interface = &contract->interfaces[i];
    for (size_t k = 0; k < interface->named_count; k++)
      if (!add_named(interface, &interface->named[k])) return -1;
  }
  PyObject* name = PyUnicode_FromString("Error");
  bool good = name && add_unnamed_error(contract, name);
  Py_XDECREF(name);
  return good ? 0 : -1;
}
