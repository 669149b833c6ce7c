// What the files of Pylon's Python main share.
#pragma once

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "binding/backend.h"

/// Marks a definition that the linker (src/fuse) or the component's world must see, under this
/// name.
#define PYLON_EXPORT(name) __attribute__((export_name(name)))

/// The guest prefix under which the host mounts the standard library, read-only.
#define PYLON_PREFIX L"/pylon"

/// The size of CPython's own budget on the stack in linear memory. CPython raises RecursionError
/// when its C code has used it up. The engine gives the machine stack that lies behind it enough
/// room for any way of using it up.
#define PYLON_C_STACK_BYTES (4 * 1024 * 1024)

/// A command line and a working directory, as the host gave them. Strings end in NUL and live for
/// the whole run.
typedef struct {
  int argc;
  char** argv;
  const char* directory;  ///< NULL if the host named none
} pylon_invocation;

/// Asks the host for the arguments and the working directory.
pylon_invocation pylon_get_invocation(void);

/// Makes `directory` the working directory without asking whether it may be read: relative paths
/// then mean what they mean to the user, and are allowed or refused like absolute ones.
void pylon_set_directory(const char* directory);

/// Runs CPython's own start-up with every option and variable it knows, then the program. Returns
/// the exit status.
int pylon_run_cold(const pylon_invocation* invocation);

/// Runs the program in the interpreter that is already in memory. Returns the exit status.
int pylon_run_resumed(const pylon_invocation* invocation);

/// Initialises the interpreter for a snapshot; 0, or 1 after writing the reason to standard error.
int pylon_initialize(void);

/// The variable by which a host says how many bytes its own stack allows instead: at
/// initialisation, and again at a start.
#define PYLON_C_STACK_VARIABLE "PYLON_C_STACK"

/// Sets CPython's C stack budget in bytes (before 3.14: the number of nested C calls that need as
/// much); false if the thread state does not look as expected, or the budget is impossible.
bool pylon_set_recursion_limits(uint32_t budget);

/// Fills the control block's addresses and checks that they are right; false if an interrupt would
/// not arrive.
bool pylon_check_interrupt_cells(void);

/// Gives types of CPython's modules in C functions with the signature of the slot that they are in.
/// -1 with an exception set if a type is not there.
int pylon_mend_slots(void);

/// Makes all objects that there are immortal, which takes their reference counts away, and tells
/// the collector of cycles to leave them alone. -1 with an exception set if memory is short.
int pylon_freeze_objects(void);

/// Makes every later allocation come from fresh memory behind the heap's present end, not from
/// holes inside it.
void pylon_retire_holes(void);

/// True between pylon_initialize() and the end of the run.
bool pylon_is_snapshot(void);
void pylon_mark_snapshot(void);

/// Stores the word that a composed file leaves out of its data because it lies far behind them:
/// malloc's mark at the end of the heap. Engines map an image at once only if it is dense.
void pylon_restore_far_word(void);

/// True while an interrupt has arrived that Python has not handled yet.
bool pylon_interrupt_is_pending(void);

/// The errno that libc's EIO stands for, if the latest failure was that of a stream.
int pylon_take_stream_errno(void);

/// Calls a function of the module _pylon_preload, which the snapshot holds; a new reference or NULL
/// with an exception.
PyObject* pylon_preload_call(const char* function);

/// True while the host hands over what a call of compose:dynlink gave; it then gets its memory from
/// pylon_receive().
bool pylon_is_receiving(void);
void* pylon_receive(size_t size);

/// The extension of the cap `id` that was appended to this component; NULL if there is none.
const pylon_extension* pylon_find_extension(const char* id);

/// The variable by which the host names the facades that stand for modules in C, with colons
/// between the names. The program does not see it.
#define PYLON_FACADES_VARIABLE "PYLON_CAPS_BUILTIN"

/// Its value, empty if it is not set, and takes it out of the environment.
const char* pylon_take_facades(void);

/// The variable by which the host names the modules that a snapshot is to hold, with spaces between
/// them; without it, the usual ones.
#define PYLON_PRELOAD_VARIABLE "PYLON_PRELOAD"

/// The variable by which the host asks for room for the library inside the file, in bytes.
#define PYLON_LIBRARY_VARIABLE "PYLON_LIBRARY_BYTES"

/// Makes that room and notes it in the control block; false if the library is outside.
bool pylon_prepare_library(void);

/// True in an interpreter that was initialised with such room.
bool pylon_library_is_inside(void);

/// Notes in the control block where the library is to go.
void pylon_note_library(void* address, uint32_t size);

/// The built-in module _pylon_archive (python/archive.c).
PyMODINIT_FUNC pylon_init_archive(void);

/// Begins what time.process_time() counts.
void pylon_start_clock(void);

/// Makes the host's randomness a sequence that is always the same, for a memory image that is to be
/// reproducible; or ends that.
void pylon_fix_randomness(bool on);
bool pylon_randomness_is_fixed(void);

/// Adds to CPython's own built-in modules what they lack in a build for WASI
/// (python/supplements.c); false if memory is short. Before the interpreter is initialised, as the
/// next.
bool pylon_supplement_modules(void);

/// Methods that the type of sockets lacks (python/messages.c), as a slot of its module.
int pylon_add_messages(PyObject* module);

/// Adds our own built-in modules, before the interpreter is initialised; false if memory is short.
bool pylon_add_modules(void);

/// Functions of the module _pylon_caps (python/handler.c).
PyObject* pylon_handler_module(PyObject* self, PyObject* arguments);
PyObject* pylon_handler_callback(PyObject* self, PyObject* arguments);
int pylon_handler_add(PyObject* module);

/// The status of a run that ended because nobody reads its output: 128 + SIGPIPE, as a shell
/// reports it.
#define PYLON_EXIT_BROKEN_PIPE 141
