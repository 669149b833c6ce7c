// The warm start: an interpreter that was initialised when the snapshot was made takes on this
// run's command line, environment, streams and directory, and runs the program through CPython's
// own Py_RunMain().
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wasi/libc-environ.h>
#include <wasi/libc.h>

#include "pylon.h"

// CPython exports these two for its own test modules; the first is the live configuration that
// Py_RunMain() reads.
extern const PyConfig* _Py_GetConfig(void);
extern void __wasilibc_reset_preopens(void);

static const char*
    facades;  // that the snapshot was made for: names of modules in C, with colons between them
static PyObject* preload;  // the module _pylon_preload, which no program sees in sys.modules

PyObject* pylon_preload_call(const char* function) {
  return PyObject_CallMethod(preload, function, NULL);
}

static int call_preload(const char* function) {
  PyObject* done = pylon_preload_call(function);
  Py_XDECREF(done);
  return done ? 0 : -1;
}

static int fail_python(const char* doing) {
  PySys_WriteStderr("pylon: %s failed\n", doing);
  if (PyErr_Occurred()) PyErr_Print();
  return 1;
}

// sys.flags is built once, at initialisation; these fields may differ in this run. `index` is the
// field's place.
static int set_flags(const PyConfig* config) {
  const struct {
    const char* name;
    long value;
    bool boolean;
  } fields[] = {
      {"inspect", config->inspect, false},
      {"interactive", config->interactive, false},
      {"dont_write_bytecode", !config->write_bytecode, false},
      {"no_user_site", !config->user_site_directory, false},
      {"no_site", !config->site_import, false},
      {"ignore_environment", !config->use_environment, false},
      {"quiet", config->quiet, false},
      {"isolated", config->isolated, false},
      {"safe_path", config->safe_path, true},
  };
  PyObject* flags = PySys_GetObject("flags");
  PyObject* names =
      flags ? PyObject_GetAttrString((PyObject*)Py_TYPE(flags), "__match_args__") : NULL;
  if (!names) return -1;
  for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
    PyObject* name = PyUnicode_FromString(fields[i].name);
    Py_ssize_t index = name ? PySequence_Index(names, name) : -1;
    Py_XDECREF(name);
    if (index < 0) {
      Py_DECREF(names);
      return -1;
    }
    PyObject* value =
        fields[i].boolean ? PyBool_FromLong(fields[i].value) : PyLong_FromLong(fields[i].value);
    PyStructSequence_SetItem(flags, index,
                             value);  // values are immortal: the one replaced needs no release
  }
  Py_DECREF(names);
  return PySys_SetObject("dont_write_bytecode", config->write_bytecode ? Py_False : Py_True);
}

// ---- making the snapshot

// The value of one of the variables by which the host says how to initialise; NULL if it is not
// set.
static char* take_setting(const char* name) {
  const char* value = getenv(name);
  char* copy = value ? strdup(value) : NULL;
  unsetenv(name);
  return copy;
}

static uint32_t take_number(const char* name, uint32_t otherwise) {
  char* text = take_setting(name);
  uint32_t number = text ? (uint32_t)strtoul(text, NULL, 10) : otherwise;
  free(text);
  return number;
}

int pylon_initialize(void) {
  const bool inside = pylon_prepare_library();
  const uint32_t stack = take_number(PYLON_C_STACK_VARIABLE, PYLON_C_STACK_BYTES);
  char* modules = take_setting(PYLON_PRELOAD_VARIABLE);
  if (!pylon_add_modules()) return 1;
  PyConfig config;
  PyConfig_InitPythonConfig(&config);
  config.parse_argv = 0;
  config.site_import = 0;  // _pylon_preload does it, to see what it brings
  PyStatus status = PyConfig_SetString(&config, &config.home, PYLON_PREFIX);
  if (!PyStatus_Exception(status))
    status = PyConfig_SetString(&config, &config.executable, PYLON_PREFIX L"/bin/python3");
  if (!PyStatus_Exception(status)) status = Py_InitializeFromConfig(&config);
  PyConfig_Clear(&config);
  if (PyStatus_Exception(status)) {
    fprintf(stderr, "pylon: initialising Python failed: %s\n",
            status.err_msg ? status.err_msg : "exit requested");
    return 1;
  }
  if (!pylon_set_recursion_limits(stack) || !pylon_check_interrupt_cells()) {
    fputs("pylon: this libpython does not match the headers it was built with\n", stderr);
    return 1;
  }
  ((PyConfig*)_Py_GetConfig())->site_import = 1;
  if (set_flags(_Py_GetConfig()) < 0) return fail_python("setting sys.flags");
  if (pylon_mend_slots() < 0) return fail_python("looking for the types of modules in C");
  preload = PyImport_ImportModule("_pylon_preload");
  facades = pylon_take_facades();
  PyObject* done = preload ? PyObject_CallMethod(preload, "prepare", "szO", facades, modules,
                                                 inside ? Py_True : Py_False)
                           : NULL;
  if (!done) return fail_python("preloading the standard library");
  Py_DECREF(done);
  if (pylon_freeze_objects() < 0) return fail_python("making the library's objects immortal");
  fflush(NULL);
  __wasilibc_reset_preopens();
  __wasilibc_deinitialize_environ();
  pylon_retire_holes();
  pylon_fix_randomness(false);
  pylon_mark_snapshot();
  return 0;
}

// ---- taking on a run's configuration

static wchar_t* copy_wide(const wchar_t* text) {
  if (!text) return NULL;
  size_t size = (wcslen(text) + 1) * sizeof(wchar_t);
  wchar_t* copy = PyMem_RawMalloc(size);
  if (copy) memcpy(copy, text, size);
  return copy;
}

// Parses the command line and the PYTHON* variables with CPython's own parser, without touching the
// interpreter.
static PyStatus read_configuration(const pylon_invocation* invocation, PyConfig* config) {
  PyConfig_InitPythonConfig(config);
  PyStatus status = PyConfig_SetBytesArgv(config, invocation->argc, invocation->argv);
  if (!PyStatus_Exception(status)) status = PyConfig_SetString(config, &config->home, PYLON_PREFIX);
  if (!PyStatus_Exception(status))
    status = PyConfig_SetString(config, &config->executable, PYLON_PREFIX L"/bin/python3");
  if (!PyStatus_Exception(status)) status = PyConfig_Read(config);
  return status;
}

static PyObject* list_from(const PyWideStringList* strings) {
  PyObject* list = PyList_New(strings->length);
  for (Py_ssize_t i = 0; list && i < strings->length; i++) {
    PyObject* item = PyUnicode_FromWideChar(strings->items[i], -1);
    if (!item)
      Py_CLEAR(list);
    else
      PyList_SET_ITEM(list, i, item);
  }
  return list;
}

// The live configuration, which Py_RunMain() and the import system read, takes over what this run
// says.
static void adopt_configuration(PyConfig* live, PyConfig* config) {
  live->isolated = config->isolated;
  live->use_environment = config->use_environment;
  live->user_site_directory = config->user_site_directory;
  live->site_import = config->site_import;
  live->safe_path = config->safe_path;
  live->inspect = config->inspect;
  live->interactive = config->interactive;
  live->quiet = config->quiet;
  live->write_bytecode = config->write_bytecode;
  live->buffered_stdio = config->buffered_stdio;
  live->skip_source_first_line = config->skip_source_first_line;
  live->run_command = copy_wide(config->run_command);
  live->run_module = copy_wide(config->run_module);
  live->run_filename = copy_wide(config->run_filename);
  live->argv = config->argv;
  live->orig_argv = config->orig_argv;
  config->argv = (PyWideStringList){0};
  config->orig_argv = (PyWideStringList){0};
}

static int set_list(const char* name, const PyWideStringList* strings) {
  PyObject* list = list_from(strings);
  int result = list ? PySys_SetObject(name, list) : -1;
  Py_XDECREF(list);
  return result;
}

// The entries of PYTHONPATH come first on sys.path.
static int add_python_path(const PyConfig* config, const char* directory) {
  if (!config->pythonpath_env) return 0;
  PyObject* text = PyUnicode_FromWideChar(config->pythonpath_env, -1);
  PyObject* done = text ? PyObject_CallMethod(preload, "add_python_path", "Osi", text,
                                              directory ? directory : "", config->site_import)
                        : NULL;
  Py_XDECREF(text);
  Py_XDECREF(done);
  return done ? 0 : -1;
}

// The snapshot's streams are buffered, UTF-8 and know no terminal. If this run's differ, they are
// opened anew.
static int reopen_streams(const PyConfig* config) {
  bool terminals = isatty(0) || isatty(1) || isatty(2);
  bool encoded = config->stdio_encoding && wcscasecmp(config->stdio_encoding, L"utf-8") != 0;
  bool usual_errors =
      !config->stdio_errors || wcscmp(config->stdio_errors, L"surrogateescape") == 0;
  if (!terminals && !encoded && usual_errors && !config->interactive)
    return config->buffered_stdio ? 0 : call_preload("unbuffer_streams");
  PyObject* encoding = PyUnicode_FromWideChar(encoded ? config->stdio_encoding : L"utf-8", -1);
  PyObject* errors = config->stdio_errors ? PyUnicode_FromWideChar(config->stdio_errors, -1) : NULL;
  PyObject* done = encoding && errors
                       ? PyObject_CallMethod(preload, "reopen_streams", "OOii", encoding, errors,
                                             config->buffered_stdio, config->interactive)
                       : NULL;
  Py_XDECREF(encoding);
  Py_XDECREF(errors);
  Py_XDECREF(done);
  return done ? 0 : -1;
}

#if PY_VERSION_HEX >= 0x030E0000
static int reload_environment(void) {
  PyObject* os = PyImport_ImportModule("os");
  PyObject* done = os ? PyObject_CallMethod(os, "reload_environ", NULL) : NULL;
  Py_XDECREF(os);
  Py_XDECREF(done);
  return done ? 0 : -1;
}
#else
static int add_variable(PyObject* variables, const char* entry) {
  const char* equals = strchr(entry, '=');
  if (!equals) return 0;
  PyObject* name = PyBytes_FromStringAndSize(entry, equals - entry);
  PyObject* value = PyBytes_FromString(equals + 1);
  int result = name && value ? PyDict_SetItem(variables, name, value) : -1;
  Py_XDECREF(name);
  Py_XDECREF(value);
  return result;
}

// What os.reload_environ() does, which came with 3.14.
static int reload_environment(void) {
  PyObject* os = PyImport_ImportModule("os");
  PyObject* mapping = os ? PyObject_GetAttrString(os, "environ") : NULL;
  PyObject* variables = mapping ? PyObject_GetAttrString(mapping, "_data") : NULL;
  int result = variables ? 0 : -1;
  if (variables) PyDict_Clear(variables);
  for (char** entry = __wasilibc_get_environ(); result == 0 && entry && *entry; entry++)
    result = add_variable(variables, *entry);
  Py_XDECREF(os);
  Py_XDECREF(mapping);
  Py_XDECREF(variables);
  return result;
}
#endif

// A fresh module __main__ with what CPython's start-up puts into it.
static int make_main(void) {
  PyObject* main = PyImport_AddModule("__main__");
  PyObject* builtins = PyImport_ImportModule("builtins");
  PyObject* importlib = PyImport_ImportModule("_frozen_importlib");
  PyObject* loader = importlib ? PyObject_GetAttrString(importlib, "BuiltinImporter") : NULL;
  int result = -1;
  if (main && builtins && loader)
    result = PyModule_AddObjectRef(main, "__builtins__", builtins) |
             PyModule_AddObjectRef(main, "__loader__", loader);
  Py_XDECREF(builtins);
  Py_XDECREF(importlib);
  Py_XDECREF(loader);
  return result;
}

// If the plan's facades are others than those that the snapshot was made for, it learns which.
static int take_on_facades(void) {
  const char* text = pylon_take_facades();
  if (strcmp(text, facades) == 0) return 0;
  PyObject* done = PyObject_CallMethod(preload, "provide", "s", text);
  Py_XDECREF(done);
  return done ? 0 : -1;
}

// What `import site` does otherwise in this run than when the snapshot was made.
static int take_on_site(const PyConfig* config) {
  if (!config->site_import) return call_preload("without_site");
  if (config->isolated) PySys_SetObject("__interactivehook__", NULL);
  return 0;
}

// The option that takes effect only while an interpreter is initialised, if the command line or a
// variable gives one. The launcher starts a cold image for it; a composed file has none.
static const char* impossible_option(const PyConfig* config, const PyConfig* live) {
  if (config->optimization_level != live->optimization_level) return "-O";
  if (config->verbose != live->verbose) return "-v";
  if (config->bytes_warning != live->bytes_warning) return "-b";
  if (config->parser_debug != live->parser_debug) return "-d";
  if (config->warnoptions.length != live->warnoptions.length) return "-W";
  if (config->xoptions.length != live->xoptions.length) return "-X";
  if (wcscmp(config->check_hash_pycs_mode, live->check_hash_pycs_mode) != 0)
    return "--check-hash-based-pycs";
  return NULL;
}

int pylon_run_resumed(const pylon_invocation* invocation) {
  PyConfig config;
  PyStatus status = read_configuration(invocation, &config);
  if (PyStatus_IsExit(status)) return status.exitcode;
  if (PyStatus_Exception(status)) Py_ExitStatusException(status);
  PyConfig* live = (PyConfig*)_Py_GetConfig();
  const char* impossible = pylon_library_is_inside() ? impossible_option(&config, live) : NULL;
  if (impossible) {
    fprintf(stderr,
            "python: %s cannot take effect: the interpreter in this file is initialised already\n"
            "  leave it out, or run the program with pylon\n",
            impossible);
    return 2;
  }
  adopt_configuration(live, &config);
  if (set_flags(live) < 0 || set_list("argv", &live->argv) < 0 ||
      set_list("orig_argv", &live->orig_argv) < 0)
    return fail_python("taking on the command line");
  if (add_python_path(&config, invocation->directory) < 0)
    return fail_python("taking on PYTHONPATH");
  const uint32_t stack = pylon_library_is_inside() ? take_number(PYLON_C_STACK_VARIABLE, 0) : 0;
  if (stack && !pylon_set_recursion_limits(stack))
    fprintf(stderr, "python: %s=%u is no possible stack size\n", PYLON_C_STACK_VARIABLE, stack);
  if (make_main() < 0) return fail_python("making the module __main__");
  if (take_on_facades() < 0) return fail_python("taking on the plan's facades");
  if (reload_environment() < 0) return fail_python("taking on the environment");
  if (take_on_site(live) < 0) return fail_python("taking on what site does");
  if (reopen_streams(&config) < 0) return fail_python("opening the standard streams");
  PyConfig_Clear(&config);
  return Py_RunMain();
}
