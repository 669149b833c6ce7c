// The objects of the snapshot never go: the memory that they lie in is a file's, and a page of it
// is copied when something is written there. Without reference counts, looking at them writes
// nothing.
#include "pylon.h"

// Objects that are immortal already, and whose own references have not been looked at.
typedef struct {
  PyObject** objects;
  size_t count, room;
} pending;

static int add(PyObject* object, void* context) {
  pending* list = context;
  if (!object || _Py_IsImmortal(object)) return 0;
  if (list->count == list->room) {
    const size_t room = list->room ? 2 * list->room : 1024;
    PyObject** objects = PyMem_RawRealloc(list->objects, room * sizeof *objects);
    if (!objects) return -1;
    list->objects = objects;
    list->room = room;
  }
  object->ob_refcnt = _Py_IMMORTAL_INITIAL_REFCNT;
  list->objects[list->count++] = object;
  return 0;
}

// Code takes no part in the collection of cycles, so it cannot be asked.
static int add_parts_of_code(PyCodeObject* code, pending* list) {
  PyObject* const parts[] = {code->co_consts,          code->co_names,     code->co_localsplusnames,
                             code->co_localspluskinds, code->co_filename,  code->co_name,
                             code->co_qualname,        code->co_linetable, code->co_exceptiontable};
  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
    if (add(parts[i], list) < 0) return -1;
  return 0;
}

// A dict does not tell the collector of its keys where all are strings.
static int add_keys(PyObject* dict, pending* list) {
  PyObject* key;
  for (Py_ssize_t at = 0; PyDict_Next(dict, &at, &key, NULL);)
    if (add(key, list) < 0) return -1;
  return 0;
}

static int add_references(PyObject* object, pending* list) {
  if (PyCode_Check(object)) return add_parts_of_code((PyCodeObject*)object, list);
  if (PyDict_CheckExact(object) && add_keys(object, list) < 0) return -1;
  const traverseproc traverse = Py_TYPE(object)->tp_traverse;
  return traverse && PyObject_IS_GC(object) ? traverse(object, add, list) : 0;
}

// Whether the objects in the list, and all that they refer to, could be made immortal.
static bool make_immortal(PyObject* roots) {
  pending list = {0};
  bool done = true;
  for (Py_ssize_t i = 0; done && i < PyList_GET_SIZE(roots); i++)
    done = add(PyList_GET_ITEM(roots, i), &list) == 0;
  while (done && list.count > 0) done = add_references(list.objects[--list.count], &list) == 0;
  PyMem_RawFree(list.objects);
  return done || PyErr_NoMemory();
}

int pylon_freeze_objects(void) {
  PyObject* collector = PyImport_ImportModule("gc");
  PyObject* roots = collector ? PyObject_CallMethod(collector, "get_objects", NULL) : NULL;
  PyObject* done =
      roots && make_immortal(roots) ? PyObject_CallMethod(collector, "freeze", NULL) : NULL;
  Py_XDECREF(done);
  Py_XDECREF(roots);
  Py_XDECREF(collector);
  return done ? 0 : -1;
}
