// The cold start: CPython's own initialisation, from nothing, with all that its command line and variables can say.
#include "pylon.h"

static int fail_status(PyStatus status) {
  if (PyStatus_IsExit(status)) return status.exitcode;
  Py_ExitStatusException(status);
}

int pylon_run_cold(const pylon_invocation* invocation) {
  PyConfig config;
  PyConfig_InitPythonConfig(&config);
  PyStatus status = PyConfig_SetBytesArgv(&config, invocation->argc, invocation->argv);
  if (!PyStatus_Exception(status)) status = PyConfig_SetString(&config, &config.home, PYLON_PREFIX);
  if (!PyStatus_Exception(status))
    status = PyConfig_SetString(&config, &config.executable, PYLON_PREFIX L"/bin/python3");
  if (!PyStatus_Exception(status)) status = Py_InitializeFromConfig(&config);
  PyConfig_Clear(&config);
  if (PyStatus_Exception(status)) return fail_status(status);
  if (!pylon_set_recursion_limits() || !pylon_check_interrupt_cells())
    Py_FatalError("pylon: this libpython does not match the headers it was built with");
  return Py_RunMain();
}
