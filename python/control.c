// The control block: a few words at a fixed place in guest memory through which the host finds the
// memory image and interrupts a running program.
#define Py_BUILD_CORE 1
#include "pylon.h"

#include <signal.h>

#include "internal/pycore_ceval.h"
#include "internal/pycore_pystate.h"
#include "internal/pycore_runtime.h"
#include "internal/pycore_tstate.h"

#define CONTROL_MAGIC 0x4C594350u  // "PCYL" in memory
#define CONTROL_VERSION 1u

// Little-endian words; addresses are guest addresses. To interrupt, the host stores 1 in the two
// `tripped` cells and then sets `eval_breaker_bit` in the eval breaker, which the evaluation loop
// polls: what a C signal handler does.
static struct {
  uint32_t magic;
  uint32_t version;
  uint32_t self;              // address of this block
  uint32_t memory_size;       // bytes of linear memory now
  uint32_t image_start;       // lowest address that a snapshot must keep; the stack lies below
  uint32_t state;             // 0 cold, 1 initialised
  uint32_t sigint_tripped;    // address of an int32
  uint32_t signals_tripped;   // address of an int32
  uint32_t eval_breaker;      // address of a uint32
  uint32_t eval_breaker_bit;  // the bit to set in it
  uint32_t library;           // where the library inside the file goes; 0: it is outside
  uint32_t library_size;      // bytes of room for it
  uint32_t far_word;          // address of a word that lies far behind all others; 0: there is none
  uint32_t far_value;         // what a run has to store there
  uint32_t reserved[2];
  struct {
    uint16_t first, count;
  } start_pages[256];  // the host's: what every start uses (src/snapshot/start_pages.hh)
} control = {.magic = CONTROL_MAGIC, .version = CONTROL_VERSION};

extern char __stack_high;

bool pylon_is_snapshot(void) {
  return control.state == 1;
}

bool pylon_interrupt_is_pending(void) {
  return _PyRuntime.signals.handlers[SIGINT].tripped != 0;
}

void pylon_note_library(void* address, uint32_t size) {
  control.library = (uint32_t)(uintptr_t)address;
  control.library_size = size;
}

bool pylon_library_is_inside(void) {
  return control.library != 0;
}

void pylon_restore_far_word(void) {
  if (control.far_word) *(uint32_t*)(uintptr_t)control.far_word = control.far_value;
}

void pylon_mark_snapshot(void) {
  control.state = 1;
}

bool pylon_check_interrupt_cells(void) {
  PyThreadState* thread = PyThreadState_Get();
  struct _signals_runtime_state* signals = &_PyRuntime.signals;
  control.sigint_tripped = (uint32_t)(uintptr_t)&signals->handlers[SIGINT].tripped;
  control.signals_tripped = (uint32_t)(uintptr_t)&signals->is_tripped;
  control.eval_breaker = (uint32_t)(uintptr_t)&thread->eval_breaker;
  control.eval_breaker_bit = _PY_SIGNALS_PENDING_BIT;

  // The headers may be of another patch release than the library: a real interrupt must show in all
  // three cells.
  if (PyErr_SetInterruptEx(SIGINT) != 0) return false;
  bool seen = signals->handlers[SIGINT].tripped == 1 && signals->is_tripped == 1 &&
              (thread->eval_breaker & _PY_SIGNALS_PENDING_BIT);
  bool raised = PyErr_CheckSignals() != 0 && PyErr_ExceptionMatches(PyExc_KeyboardInterrupt);
  PyErr_Clear();
  bool cleared = signals->handlers[SIGINT].tripped == 0;
  signals->is_tripped = 0;  // left set by a handler that raised, so that others get their turn
  thread->eval_breaker &= ~(uintptr_t)_PY_SIGNALS_PENDING_BIT;
  return seen && raised && cleared;
}

#if PY_VERSION_HEX >= 0x030E0000
bool pylon_set_recursion_limits(uint32_t budget) {
  _PyThreadStateImpl* thread = (_PyThreadStateImpl*)PyThreadState_Get();
  uintptr_t here = (uintptr_t)__builtin_frame_address(0);
  uintptr_t top = thread->c_stack_top, soft = thread->c_stack_soft_limit,
            hard = thread->c_stack_hard_limit;
  bool plausible = hard < soft && soft < top && top - here < 65536 && soft - hard <= 65536;
  if (!plausible || top < budget || budget <= soft - hard) return false;
  thread->c_stack_hard_limit = top - budget;
  thread->c_stack_soft_limit = thread->c_stack_hard_limit + (soft - hard);
  return true;
}
#else
// Before 3.14 CPython counts nested C calls instead of measuring the stack. It allows a native
// system this many, which need some PYLON_C_STACK_BYTES.
#define C_RECURSION_LIMIT 10000

bool pylon_set_recursion_limits(uint32_t budget) {
  static int limit = Py_C_RECURSION_LIMIT;
  PyThreadState* thread = PyThreadState_Get();
  int used = limit - thread->c_recursion_remaining;
  if (used < 0 || used > 100) return false;
  limit = (int)(budget / (PYLON_C_STACK_BYTES / C_RECURSION_LIMIT));
  thread->c_recursion_remaining = limit - used;
  return true;
}
#endif

PYLON_EXPORT("control") void* pylon_export_control(void) {
  static struct {
    void* data;
    size_t size;
  } list;
  control.self = (uint32_t)(uintptr_t)&control;
  control.memory_size = (uint32_t)__builtin_wasm_memory_size(0) << 16;
  control.image_start = (uint32_t)(uintptr_t)&__stack_high;
  list.data = &control;
  list.size = sizeof control;
  return &list;
}
