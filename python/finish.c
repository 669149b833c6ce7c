// How a run ends: in a resumed interpreter the program's own objects are finalised, and the
// library's, which are pages of the snapshot, are left alone; a closed output pipe ends the run
// quietly. Also the wrappers of libc's read, write and _Exit, which the linker puts in front of
// libc's own (`--wrap`).
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "scheduler.h"
#include "sockets.h"

#include <signal.h>

__attribute__((import_module("wasi:cli/exit@0.2.0"), import_name("exit-with-code"))) void
wasi_exit_with_code(uint32_t code);

ssize_t __real_read(int fd, void* buffer, size_t size);
ssize_t __real_write(int fd, const void* buffer, size_t size);
int __real_Py_FinalizeEx(void);
void __real_PyErr_Display(PyObject* type, PyObject* value, PyObject* traceback);

static bool output_broken;      // a write to standard output met a closed pipe
static bool quiet_broken_pipe;  // and that is what the run ended with

// ---- libc

// A closed stream gives EPIPE in libc, any other failure EIO.
PYLON_EXPORT("__wrap_write") ssize_t __wrap_write(int fd, const void* buffer, size_t size) {
  pylon_pipe_end* end = pylon_pipe_end_of(fd);
  if (end) return pylon_pipe_write(end, buffer, size);
  ssize_t written = __real_write(fd, buffer, size);
  if (written < 0 && errno == EIO) errno = pylon_take_stream_errno();
  if (written < 0 && fd == 1 && errno == EPIPE) output_broken = true;
  return written;
}

// A read that the host ended for an interrupt looks like an I/O error to libc; Python knows it as
// EINTR.
PYLON_EXPORT("__wrap_read") ssize_t __wrap_read(int fd, void* buffer, size_t size) {
  pylon_pipe_end* end = pylon_pipe_end_of(fd);
  if (end) return pylon_pipe_read(end, buffer, size);
  if (pylon_is_peeked(fd)) return recv(fd, buffer, size, 0);
  ssize_t got = __real_read(fd, buffer, size);
  if (got < 0 && errno == EIO)
    errno = fd == 0 && pylon_interrupt_is_pending() ? EINTR : pylon_take_stream_errno();
  return got;
}

PYLON_EXPORT("__wrap__Exit") _Noreturn void __wrap__Exit(int status) {
  wasi_exit_with_code((uint32_t)(quiet_broken_pipe ? PYLON_EXIT_BROKEN_PIPE : status) & 0xff);
  __builtin_trap();
}

// ---- Python

static bool is_broken_pipe(PyObject* exception) {
  return output_broken && exception &&
         PyErr_GivenExceptionMatches(exception, PyExc_BrokenPipeError);
}

// What sys.excepthook shows. The reader having gone away is not worth a traceback.
PYLON_EXPORT("__wrap_PyErr_Display")
void __wrap_PyErr_Display(PyObject* type, PyObject* value, PyObject* traceback) {
  if (is_broken_pipe(value)) {
    quiet_broken_pipe = true;
    return;
  }
  __real_PyErr_Display(type, value, traceback);
}

static bool is_closed(PyObject* stream) {
  PyObject* closed = PyObject_GetAttrString(stream, "closed");
  int truth = closed ? PyObject_IsTrue(closed) : -1;
  Py_XDECREF(closed);
  if (truth < 0) PyErr_Clear();
  return truth > 0;
}

// Flushes standard output; 0 on success or if nobody reads it any more, -1 with an exception set.
static int flush_output(void) {
  PyObject* output = PySys_GetObject("stdout");
  if (!output || output == Py_None || is_closed(output)) return 0;
  PyObject* done = PyObject_CallMethod(output, "flush", NULL);
  Py_XDECREF(done);
  if (!done && output_broken && PyErr_ExceptionMatches(PyExc_BrokenPipeError)) {
    PyErr_Clear();
    quiet_broken_pipe = true;
  }
  if (output_broken) {  // nothing more can be written: CPython must not try again, nor the stream
                        // at its own end
    Py_INCREF(output);
    PySys_SetObject("stdout", Py_None);
    PySys_SetObject("__stdout__", Py_None);
  }
  return done || quiet_broken_pipe ? 0 : -1;
}

// Ends a run in a resumed interpreter: -1 if standard output could not be flushed, as
// Py_FinalizeEx().
static int finish_resumed(void) {
  PyObject* exception = PyErr_GetRaisedException();
  int status = 0;
  const char* const phases[] = {"run_exit_functions", NULL, "drop_program"};
  for (size_t i = 0; i < 3; i++) {
    if (!phases[i]) pylon_stop_other_threads();  // daemons, as none else is left
    PyObject* done = phases[i] ? pylon_preload_call(phases[i]) : NULL;
    Py_XDECREF(done);
    if (phases[i] && !done) PyErr_WriteUnraisable(NULL);
    if (flush_output() < 0) {
      PyErr_FormatUnraisable("Exception ignored while flushing sys.stdout");
      PySys_SetObject("stdout", Py_None);
      status = -1;
    }
  }
  Py_XDECREF(exception);
  return status;
}

PYLON_EXPORT("__wrap_Py_FinalizeEx") int __wrap_Py_FinalizeEx(void) {
  static bool finished;
  if (finished) return 0;
  finished = true;
  if (pylon_is_snapshot()) return finish_resumed();
  if (Py_IsInitialized() && flush_output() < 0)
    PyErr_Clear();  // CPython flushes again and reports it
  return __real_Py_FinalizeEx();
}
