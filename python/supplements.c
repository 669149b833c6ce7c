// What CPython's own modules have elsewhere and lack in a build for WASI, because libc's headers do
// not name it: pipes and dup2() in posix, messages in _socket. Their definitions are made longer
// before the interpreter reads them.
#include <stdlib.h>
#include <string.h>

#include "pylon.h"
#include "sockets.h"

// ---- posix

static PyObject* make_pipe(PyObject* Py_UNUSED(module), PyObject* Py_UNUSED(nothing)) {
  int descriptors[2];
  if (pylon_make_pipe(descriptors) < 0) return PyErr_SetFromErrno(PyExc_OSError);
  return Py_BuildValue("(ii)", descriptors[0], descriptors[1]);
}

// Nothing is inherited here, so it does not matter whether it would be.
static PyObject* duplicate_to(PyObject* Py_UNUSED(module), PyObject* arguments,
                              PyObject* keywords) {
  static char* names[] = {"fd", "fd2", "inheritable", NULL};
  int fd, target, inheritable = 1;
  if (!PyArg_ParseTupleAndKeywords(arguments, keywords, "ii|p:dup2", names, &fd, &target,
                                   &inheritable))
    return NULL;
  if (pylon_duplicate_to(fd, target) < 0) return PyErr_SetFromErrno(PyExc_OSError);
  return PyLong_FromLong(target);
}

static const PyMethodDef posix_methods[] = {
    {"pipe", make_pipe, METH_NOARGS,
     "pipe($module, /)\n--\n\n"
     "Create a pipe.\n\nReturns a tuple of two file descriptors:\n  (read_fd, write_fd)"},
    {"dup2", (PyCFunction)(void (*)(void))duplicate_to, METH_VARARGS | METH_KEYWORDS,
     "dup2($module, /, fd, fd2, inheritable=True)\n--\n\nDuplicate file descriptor."},
};

static PyObject* (*original_posix)(void);

static PyObject* init_posix(void) {
  static bool done;
  PyObject* module = original_posix();
  if (!module || done || !PyObject_TypeCheck(module, &PyModuleDef_Type)) return module;
  PyModuleDef* definition = (PyModuleDef*)module;
  size_t count = 0;
  while (definition->m_methods[count].ml_name) count++;
  const size_t added = sizeof posix_methods / sizeof posix_methods[0];
  PyMethodDef* methods = calloc(count + added + 1, sizeof *methods);
  if (!methods) return PyErr_NoMemory();
  memcpy(methods, definition->m_methods, count * sizeof *methods);
  memcpy(methods + count, posix_methods, sizeof posix_methods);
  definition->m_methods = methods;
  done = true;
  return module;
}

// ---- _socket

static PyObject* (*original_socket)(void);

static PyObject* init_socket(void) {
  static bool done;
  PyObject* module = original_socket();
  if (!module || done || !PyObject_TypeCheck(module, &PyModuleDef_Type)) return module;
  PyModuleDef* definition = (PyModuleDef*)module;
  size_t count = 0;
  while (definition->m_slots[count].slot) count++;
  PyModuleDef_Slot* slots = calloc(count + 2, sizeof *slots);
  if (!slots) return PyErr_NoMemory();
  memcpy(slots, definition->m_slots, count * sizeof *slots);
  // Executed in order, and the module's own function makes the type.
  slots[count] = (PyModuleDef_Slot){Py_mod_exec, (void*)pylon_add_messages};
  definition->m_slots = slots;
  done = true;
  return module;
}

// ---- the table of built-in modules

static bool replace(const char* name, PyObject* (*function)(void), PyObject* (**original)(void)) {
  for (struct _inittab* each = PyImport_Inittab; each->name; each++) {
    if (strcmp(each->name, name) != 0) continue;
    *original = each->initfunc;
    each->initfunc = function;
    return true;
  }
  return false;
}

bool pylon_supplement_modules(void) {
  return replace("posix", init_posix, &original_posix) &&
         replace("_socket", init_socket, &original_socket);
}
