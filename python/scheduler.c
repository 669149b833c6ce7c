// Stacks that take turns (python/scheduler.h). A turn ends where a thread waits, or gives up the
// GIL because the host rang. Whoever finds nobody that can run waits for all of them, with one call
// of the host.
#define Py_BUILD_CORE 1
#include "scheduler.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "binding/pylon_cap.h"
#include "internal/pycore_ceval.h"
#include "internal/pycore_pystate.h"
#include "internal/pycore_tstate.h"

// ---- the host

__attribute__((import_module("wasi:clocks/monotonic-clock@0.2.0"), import_name("now"))) int64_t
wasi_monotonic_now(void);
__attribute__((import_module("wasi:clocks/monotonic-clock@0.2.0"),
               import_name("subscribe-duration"))) uint32_t
wasi_subscribe_duration(int64_t nanoseconds);
__attribute__((import_module("wasi:io/poll@0.2.0"), import_name("[resource-drop]pollable"))) void
wasi_drop_pollable(uint32_t pollable);

typedef struct {
  uint32_t* data;
  size_t size;
} wit_numbers;

__attribute__((import_module("wasi:io/poll@0.2.0"), import_name("poll"))) void wasi_poll(
    const uint32_t* pollables, size_t count, wit_numbers* ready);

// The host stands for these functions where it has stacks (src/native/protocol.hh); what they are
// here is what any other host runs. Each does something of its own, so that no optimiser makes one
// of two, and they are called through pointers that it cannot see through.
static volatile uint32_t no_stack, lost_stack, kept_stack;

PYLON_EXPORT("native/make-stack")
uint32_t pylon_native_make_stack(uint32_t size, uint32_t bell, uint32_t pages) {
  (void)size, (void)bell, (void)pages;
  return no_stack;
}
PYLON_EXPORT("native/change-stack") void pylon_native_change_stack(uint32_t number) {
  lost_stack = number;
}
PYLON_EXPORT("native/drop-stack") void pylon_native_drop_stack(uint32_t number) {
  kept_stack = number;
}

static uint32_t (*volatile make_stack)(uint32_t, uint32_t, uint32_t) = pylon_native_make_stack;
static void (*volatile change_stack)(uint32_t) = pylon_native_change_stack;
static void (*volatile drop_stack)(uint32_t) = pylon_native_drop_stack;

// ---- threads

struct pylon_thread {
  uint32_t stack;  // the host's number of it
  enum { RUNNING, CAN_RUN, WAITING, ENDED, FORGOTTEN } state;
  char* memory;  // its stack in linear memory, of `size` bytes; NULL: the first thread's
  size_t size;
  void* stack_pointer;  // while it does not run
  int error;            // errno, likewise
  pylon_thread* next_in_queue;
  pylon_thread* next;  // of all
  pylon_queue* waits_in;
  int64_t deadline;
  uint32_t* pollables;  // what it waited for last; what they belong to stays until it waits again
  size_t pollable_count, pollable_room;
  pylon_reason reason;
  PyThreadState* python;
  void* (*function)(void*);
  void* argument;
  void* result;
  bool detached;
  pylon_queue joining;
  void* values[PYLON_KEYS];
};

static pylon_thread first_thread;
static pylon_thread* present = &first_thread;
static pylon_thread* all = &first_thread;
static uint32_t thread_count = 1;
static pylon_queue can_run;
static pylon_thread* ended;  // whose stack was the present one until just now

// Whose calls of caps may call back now, how many are under way, and who else wants to make one.
static struct {
  pylon_thread* owner;
  unsigned depth;
  pylon_queue waiting;
} calls;

// The host writes to it (src/native/protocol.hh).
static struct {
  volatile uint32_t rung, cell, bits, interval;
} bell = {.bits = _PY_GIL_DROP_REQUEST_BIT};

pylon_thread* pylon_present_thread(void) {
  return present;
}

void** pylon_thread_value(uint32_t key) {
  return &present->values[key];
}

void pylon_forget_values(uint32_t key) {
  for (pylon_thread* each = all; each; each = each->next) each->values[key] = NULL;
}

bool pylon_may_suspend(void) {
  return thread_count > 1 && !PyThreadState_GetUnchecked();
}

int64_t pylon_monotonic_now(void) {
  return wasi_monotonic_now();
}

static void* stack_pointer(void) {
  void* pointer;
  __asm__ volatile(".globaltype __stack_pointer, i32\nglobal.get __stack_pointer\nlocal.set %0"
                   : "=r"(pointer));
  return pointer;
}

static void set_stack_pointer(void* pointer) {
  __asm__ volatile(".globaltype __stack_pointer, i32\nlocal.get %0\nglobal.set __stack_pointer"
                   :
                   : "r"(pointer));
}

static void ring_for(PyThreadState* python) {
  bell.cell = python ? (uint32_t)(uintptr_t)&python->eval_breaker : 0;
}

// ---- queues

static void append(pylon_queue* queue, pylon_thread* thread) {
  thread->next_in_queue = NULL;
  if (queue->last)
    queue->last->next_in_queue = thread;
  else
    queue->first = thread;
  queue->last = thread;
}

static void take_out(pylon_queue* queue, pylon_thread* thread) {
  pylon_thread* before = NULL;
  for (pylon_thread* each = queue->first; each != thread; each = each->next_in_queue) before = each;
  if (before)
    before->next_in_queue = thread->next_in_queue;
  else
    queue->first = thread->next_in_queue;
  if (queue->last == thread) queue->last = before;
}

static void wake(pylon_thread* thread, pylon_reason reason) {
  if (thread->waits_in) take_out(thread->waits_in, thread);
  thread->waits_in = NULL;
  if (thread->state != WAITING) return;  // forgotten
  thread->reason = reason;
  thread->state = CAN_RUN;
  append(&can_run, thread);
}

void pylon_wake_first(pylon_queue* queue) {
  if (queue->first) wake(queue->first, PYLON_WOKEN);
}

void pylon_wake_all(pylon_queue* queue) {
  while (queue->first) wake(queue->first, PYLON_WOKEN);
}

// ---- looking around

static struct {
  uint32_t* pollables;
  pylon_thread** owners;
  size_t count, room;
} watch;  // what all threads wait for

static void add_watch(uint32_t pollable, pylon_thread* owner) {
  if (watch.count == watch.room) {
    watch.room = watch.room ? 2 * watch.room : 16;
    watch.pollables = realloc(watch.pollables, watch.room * sizeof *watch.pollables);
    watch.owners = realloc(watch.owners, watch.room * sizeof *watch.owners);
    if (!watch.pollables || !watch.owners) abort();
  }
  watch.pollables[watch.count] = pollable;
  watch.owners[watch.count++] = owner;
}

bool pylon_poll_now(const uint32_t* pollables, size_t count, uint32_t** ready,
                    size_t* ready_count) {
  wit_numbers found = {0};
  uint32_t* list = malloc((count + 1) * sizeof *list);
  if (!list) abort();
  memcpy(list, pollables, count * sizeof *list);
  list[count] = wasi_subscribe_duration(0);
  wasi_poll(list, count + 1, &found);
  wasi_drop_pollable(list[count]);
  free(list);
  size_t left = 0;
  for (size_t i = 0; i < found.size; i++)
    if (found.data[i] < count) found.data[left++] = found.data[i];
  if (left == 0 && found.size) free(found.data);
  *ready = left ? found.data : NULL;
  *ready_count = left;
  return left != 0;
}

// Fills the watch; the first deadline.
static int64_t collect(void) {
  int64_t deadline = PYLON_NEVER;
  watch.count = 0;
  for (pylon_thread* each = all; each; each = each->next) {
    if (each->state != WAITING) continue;
    if (each->deadline < deadline) deadline = each->deadline;
    for (size_t i = 0; i < each->pollable_count; i++) add_watch(each->pollables[i], each);
  }
  return deadline;
}

// Asks the host what is ready, for at most so long.
static void poll_watch(int64_t nanoseconds) {
  wit_numbers ready = {0};
  const uint32_t timer = wasi_subscribe_duration(nanoseconds);
  add_watch(timer, NULL);
  wasi_poll(watch.pollables, watch.count, &ready);
  wasi_drop_pollable(timer);
  for (size_t i = 0; i < ready.size; i++) {
    pylon_thread* owner = watch.owners[ready.data[i]];
    if (owner && owner->state == WAITING) wake(owner, PYLON_READY);
  }
  if (ready.size) free(ready.data);
}

static void wake_late(void) {
  const int64_t now = pylon_monotonic_now();
  for (pylon_thread* each = all; each; each = each->next)
    if (each->state == WAITING && each->deadline <= now) wake(each, PYLON_TIMED_OUT);
}

// An interrupt is the first thread's to handle. It is told once; again when the host rings or wakes
// us again, for what it waited for may not have been a place to handle it.
static bool told;

static void wake_interrupted(void) {
  if (told || first_thread.state != WAITING || !pylon_interrupt_is_pending()) return;
  told = true;
  wake(&first_thread, PYLON_INTERRUPTED);
}

#define LONG_TIME (int64_t)3600000000000

// Wakes whoever need not wait any more. With `wait`, waits until there is one; the host ends that
// also to tell of an interrupt.
static void look_around(bool wait) {
  if (!wait) told = false;
  wake_interrupted();
  const int64_t deadline = collect();
  if (wait && !can_run.first) {
    const int64_t now = deadline == PYLON_NEVER ? 0 : pylon_monotonic_now();
    const int64_t left = deadline == PYLON_NEVER ? LONG_TIME : deadline - now;
    poll_watch(left < 0 ? 0 : left);
    told = false;
    wake_interrupted();
  } else if (watch.count) {
    poll_watch(0);
  }
  if (deadline != PYLON_NEVER) wake_late();
}

static pylon_thread* next_to_run(void) {
  while (true) {
    if (bell.rung) {
      bell.rung = 0;
      look_around(false);
    }
    pylon_thread* thread = can_run.first;
    if (thread) {
      take_out(&can_run, thread);
      return thread;
    }
    look_around(true);
  }
}

// ---- changing

// Gives back what a thread that has ended had for itself.
static void bury(pylon_thread* thread) {
  for (pylon_thread** link = &all; *link; link = &(*link)->next) {
    if (*link != thread) continue;
    *link = thread->next;
    break;
  }
  free(thread->pollables);
  free(thread);
}

static void clear_ended(void) {
  pylon_thread* thread = ended;
  if (!thread) return;
  ended = NULL;
  drop_stack(thread->stack);
  free(thread->memory);
  thread->memory = NULL;
  if (thread->detached) bury(thread);
}

static __attribute__((noinline)) void change_to(pylon_thread* thread) {
  pylon_thread* const before = present;
  thread->state = RUNNING;
  if (thread == before) return;
  before->error = errno;
  before->stack_pointer = stack_pointer();
  present = thread;
  ring_for(thread->python);
  set_stack_pointer(thread->stack_pointer);
  change_stack(thread->stack);
  errno = before->error;
  clear_ended();
}

static void note_pollables(pylon_thread* thread, const uint32_t* pollables, size_t count) {
  if (count > thread->pollable_room) {
    free(thread->pollables);
    thread->pollables = malloc(count * sizeof *pollables);
    if (!thread->pollables) abort();
    thread->pollable_room = count;
  }
  const bool had_any = thread->pollable_count != 0;
  thread->pollable_count = count;
  if (count) memcpy(thread->pollables, pollables, count * sizeof *pollables);
  if (had_any) pylon_give_back_unused();
}

bool pylon_others_use(const uint32_t* words, size_t count) {
  for (const pylon_thread* each = all; each; each = each->next)
    for (size_t i = 0; each != present && i < each->pollable_count; i++)
      for (size_t k = 0; k < count; k++)
        if (words[k] == each->pollables[i]) return true;
  return false;
}

pylon_reason pylon_suspend(pylon_queue* queue, int64_t deadline, const uint32_t* pollables,
                           size_t count) {
  if (PyThreadState_GetUnchecked()) Py_FatalError("pylon: a thread waits with the GIL held");
  pylon_thread* const self = present;
  note_pollables(self, pollables, count);
  self->state = WAITING;
  self->deadline = deadline;
  self->waits_in = queue;
  if (queue) append(queue, self);
  change_to(next_to_run());
  return self->reason;
}

void pylon_yield(void) {
  present->state = CAN_RUN;
  append(&can_run, present);
  change_to(next_to_run());
}

// ---- beginning and ending

PYLON_EXPORT("native/thread") void pylon_native_thread(void) {
  clear_ended();
  present->result = present->function(present->argument);
  note_pollables(present, NULL, 0);
  present->state = ENDED;
  thread_count--;
  pylon_wake_all(&present->joining);
  ended = present;
  change_to(next_to_run());
  __builtin_trap();
}

pylon_thread* pylon_begin_thread(size_t size, void* (*function)(void*), void* argument) {
  pylon_thread* thread = calloc(1, sizeof *thread);
  char* memory = malloc(size);
  if (thread && memory)
    thread->stack = make_stack((uint32_t)size, (uint32_t)(uintptr_t)&bell,
                               (uint32_t)__builtin_wasm_memory_size(0));
  if (!thread || !thread->stack) {
    free(memory);
    free(thread);
    return NULL;
  }
  thread->memory = memory;
  thread->size = size;
  thread->stack_pointer = (void*)((uintptr_t)(memory + size) & ~(uintptr_t)15);
  thread->function = function;
  thread->argument = argument;
  thread->next = all;
  all = thread;
  thread->state = CAN_RUN;
  append(&can_run, thread);
  if (thread_count++ == 1) {
    present->python = PyThreadState_GetUnchecked();
    ring_for(present->python);
  }
  return thread;
}

void* pylon_join_thread(pylon_thread* thread) {
  while (thread->state != ENDED) pylon_suspend(&thread->joining, PYLON_NEVER, NULL, 0);
  void* result = thread->result;
  bury(thread);
  return result;
}

void pylon_detach_thread(pylon_thread* thread) {
  if (thread->state == ENDED)
    bury(thread);
  else
    thread->detached = true;
}

void pylon_stop_other_threads(void) {
  for (pylon_thread* each = all; each; each = each->next)
    if (each != present) each->state = FORGOTTEN;
  can_run = (pylon_queue){0};
  thread_count = 1;
  if (calls.owner != present) calls.owner = NULL, calls.depth = 0;
}

// ---- what Python has for each thread

void __real_PyEval_AcquireThread(PyThreadState* python);
void __real_PyEval_RestoreThread(PyThreadState* python);
void __real__PyEval_SetSwitchInterval(unsigned long microseconds);
void __real_PyThreadState_Clear(PyThreadState* python);

#if PY_VERSION_HEX >= 0x030E0000
// Room below CPython's own limits, for C code that does not ask.
#define STACK_RESERVE (32 * 1024)

static void limit_recursion(_PyThreadStateImpl* python, const pylon_thread* thread) {
  if (python->c_stack_hard_limit || !thread->memory) return;
  python->c_stack_top = (uintptr_t)(thread->memory + thread->size);
  python->c_stack_hard_limit = (uintptr_t)thread->memory + STACK_RESERVE;
  python->c_stack_soft_limit = python->c_stack_hard_limit + _PyOS_STACK_MARGIN_BYTES;
}
#else
static void limit_recursion(_PyThreadStateImpl* python, const pylon_thread* thread) {
  (void)python, (void)thread;  // CPython counts calls
}
#endif

// How a thread begins to run Python.
PYLON_EXPORT("__wrap_PyEval_AcquireThread")
void __wrap_PyEval_AcquireThread(PyThreadState* python) {
  limit_recursion((_PyThreadStateImpl*)python, present);
  present->python = python;
  __real_PyEval_AcquireThread(python);
  ring_for(python);
}

// Whoever takes the GIL again after work without it has forgotten the host's request, which may
// have come meanwhile. A turn that is over ends here.
PYLON_EXPORT("__wrap_PyEval_RestoreThread")
void __wrap_PyEval_RestoreThread(PyThreadState* python) {
  if (bell.rung && thread_count > 1) pylon_yield();
  __real_PyEval_RestoreThread(python);
}

PYLON_EXPORT("__wrap__PyEval_SetSwitchInterval")
void __wrap__PyEval_SetSwitchInterval(unsigned long microseconds) {
  __real__PyEval_SetSwitchInterval(microseconds);
  bell.interval = (uint32_t)microseconds;
}

// The last moment at which a state's memory is known to be one.
PYLON_EXPORT("__wrap_PyThreadState_Clear") void __wrap_PyThreadState_Clear(PyThreadState* python) {
  __real_PyThreadState_Clear(python);
  for (pylon_thread* each = all; each; each = each->next)
    if (each->python == python) each->python = NULL;
  ring_for(present->python);
}

// ---- calls that may call back

bool pylon_cap_begin_call(void) {
  while (calls.owner && calls.owner != present) {
    PyThreadState* python = PyEval_SaveThread();
    const pylon_reason reason = pylon_suspend(&calls.waiting, PYLON_NEVER, NULL, 0);
    PyEval_RestoreThread(python);
    if (reason == PYLON_INTERRUPTED && PyErr_CheckSignals() < 0) return false;
  }
  calls.owner = present;
  calls.depth++;
  return true;
}

void pylon_cap_end_call(void) {
  if (--calls.depth > 0) return;
  calls.owner = NULL;
  pylon_wake_first(&calls.waiting);
}
