// The exports of python.wasm and the arguments behind them, by the canonical ABI of the component
// model.
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wasi/libc-environ.h>

#include "pylon.h"

// Runs the initialisers of every fused library; the linker (src/fuse) provides it.
__attribute__((import_module("env"), import_name("__pylon_construct"))) void pylon_construct(void);

typedef struct {
  char* data;
  size_t size;
} wit_string;

typedef struct {
  wit_string* data;
  size_t size;
} wit_string_list;

typedef struct {
  struct {
    wit_string name, value;
  }* data;
  size_t size;
} wit_pair_list;

typedef struct {
  uint32_t is_some;
  wit_string value;
} wit_optional_string;

__attribute__((import_module("wasi:cli/environment@0.2.0"), import_name("get-arguments"))) void
wasi_get_arguments(wit_string_list* out);
__attribute__((import_module("wasi:cli/environment@0.2.0"), import_name("get-environment"))) void
wasi_get_environment(wit_pair_list* out);
__attribute__((import_module("wasi:cli/environment@0.2.0"), import_name("initial-cwd"))) void
wasi_initial_cwd(wit_optional_string* out);

// Construction happens once; the flag is part of the memory image, so a snapshot is already
// constructed.
static void construct_once(void) {
  static bool constructed;
  if (constructed) return;
  constructed = true;
  pylon_construct();
}

static char* terminated(wit_string text) {
  char* copy = malloc(text.size + 1);
  if (!copy) abort();
  memcpy(copy, text.data, text.size);
  copy[text.size] = 0;
  return copy;
}

pylon_invocation pylon_get_invocation(void) {
  wit_string_list arguments;
  wasi_get_arguments(&arguments);
  char** argv = calloc(arguments.size + 2, sizeof *argv);
  if (!argv) abort();
  for (size_t i = 0; i < arguments.size; i++) argv[i] = terminated(arguments.data[i]);
  pylon_invocation invocation = {(int)arguments.size, argv, NULL};
  if (invocation.argc == 0) argv[invocation.argc++] = "python";
  wit_optional_string directory = {0};
  wasi_initial_cwd(&directory);
  if (directory.is_some & 0xff) invocation.directory = terminated(directory.value);
  return invocation;
}

const char* pylon_take_facades(void) {
  const char* names = getenv(PYLON_FACADES_VARIABLE);
  char* copy = strdup(names ? names : "");
  if (!copy) abort();
  unsetenv(PYLON_FACADES_VARIABLE);
  return copy;
}

PYLON_EXPORT("cabi_realloc")
void* pylon_cabi_realloc(void* block, size_t old_size, size_t alignment, size_t new_size) {
  (void)old_size;
  if (new_size == 0) return (void*)alignment;
  if (pylon_is_receiving()) return pylon_receive(new_size);
  void* moved = realloc(block, new_size);
  if (!moved) abort();
  return moved;
}

PYLON_EXPORT("wasi:cli/run@0.2.0#run") int pylon_export_run(void) {
  pylon_restore_far_word();
  construct_once();
  pylon_start_clock();
  if (pylon_is_snapshot()) __wasilibc_initialize_environ();
  pylon_invocation invocation = pylon_get_invocation();
  pylon_set_directory(invocation.directory);
  // The basic prompt: lines are edited by the host, which owns the terminal.
  if (isatty(0) && isatty(1)) setenv("PYTHON_BASIC_REPL", "1", 0);
  exit(pylon_is_snapshot() ? pylon_run_resumed(&invocation) : pylon_run_cold(&invocation));
}

// Whether the host fixes the hashes of this image, and so wants the same memory each time. libc has
// no environment yet: it draws its first random bytes while it is constructed.
static bool hashes_are_fixed(void) {
  static const char variable[] = "PYTHONHASHSEED";
  wit_pair_list variables;
  wasi_get_environment(&variables);
  for (size_t i = 0; i < variables.size; i++)
    if (variables.data[i].name.size == sizeof variable - 1 &&
        memcmp(variables.data[i].name.data, variable, sizeof variable - 1) == 0)
      return true;
  return false;
}

PYLON_EXPORT("initialize") uint32_t pylon_export_initialize(void) {
  pylon_fix_randomness(hashes_are_fixed());
  construct_once();
  if (pylon_is_snapshot()) {
    fputs("pylon: the interpreter in this image is initialised already\n", stderr);
    return 1;
  }
  return (uint32_t)pylon_initialize();
}
