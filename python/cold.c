// The cold start: CPython's own initialisation, from nothing, with all that its command line and
// variables can say.
#include "pylon.h"

static int fail_status(PyStatus status) {
  if (PyStatus_IsExit(status)) return status.exitcode;
  Py_ExitStatusException(status);
}

// The finder of caps, which the snapshot has already. Without a library there is none.
static int install_finder(const char* facades) {
  PyObject* finder = PyImport_ImportModule("_pylon_finder");
  if (!finder && PyErr_ExceptionMatches(PyExc_ModuleNotFoundError)) {
    PyErr_Clear();
    return 0;
  }
  PyObject* done = finder ? PyObject_CallMethod(finder, "install", "s", facades) : NULL;
  Py_XDECREF(done);
  Py_XDECREF(finder);
  return done ? PyMapping_DelItemString(PyImport_GetModuleDict(), "_pylon_finder") : -1;
}

int pylon_run_cold(const pylon_invocation* invocation) {
  const char* facades = pylon_take_facades();
  if (!pylon_add_modules()) Py_FatalError("pylon: no memory");
  PyConfig config;
  PyConfig_InitPythonConfig(&config);
  PyStatus status = PyConfig_SetBytesArgv(&config, invocation->argc, invocation->argv);
  if (!PyStatus_Exception(status)) status = PyConfig_SetString(&config, &config.home, PYLON_PREFIX);
  if (!PyStatus_Exception(status))
    status = PyConfig_SetString(&config, &config.executable, PYLON_PREFIX L"/bin/python3");
  if (!PyStatus_Exception(status)) status = Py_InitializeFromConfig(&config);
  PyConfig_Clear(&config);
  if (PyStatus_Exception(status)) return fail_status(status);
  if (!pylon_set_recursion_limits(PYLON_C_STACK_BYTES) || !pylon_check_interrupt_cells())
    Py_FatalError("pylon: this libpython does not match the headers it was built with");
  if (pylon_mend_slots() < 0 || install_finder(facades) < 0) {
    PyErr_Print();
    return 1;
  }
  return Py_RunMain();
}
