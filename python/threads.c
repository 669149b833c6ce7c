// POSIX threads, as far as CPython uses them, over threads that take turns (python/scheduler.h).
// The definitions here come before those of libc, which has one thread (src/fuse: the first library
// that defines a name provides it).
#define Py_BUILD_CORE 1
#include "scheduler.h"

#include <errno.h>
#include <pthread.h>
#include <time.h>

#include "internal/pycore_gil.h"
#include "internal/pycore_interp.h"

// What a thread gets unless it asks for a size, and the least. CPython's limits are measured on it.
#define STACK_BYTES (1024 * 1024)
#define LEAST_STACK_BYTES (128 * 1024)

typedef struct {
  pylon_thread* owner;
  pylon_queue waiting;
} mutex;

typedef struct {
  pylon_queue waiting;
  bool monotonic;  // its deadlines are of the monotonic clock
} condition;

_Static_assert(sizeof(mutex) <= sizeof(pthread_mutex_t), "a mutex fits");
_Static_assert(sizeof(condition) <= sizeof(pthread_cond_t), "a condition fits");

// ---- threads

PYLON_EXPORT("pthread_self") pthread_t pthread_self(void) {
  return (pthread_t)pylon_present_thread();
}

// Nothing is asked for: what is then usual, is for pthread_create() to say.
PYLON_EXPORT("pthread_attr_init") int pthread_attr_init(pthread_attr_t* attributes) {
  *attributes = (pthread_attr_t){0};
  return 0;
}

PYLON_EXPORT("pthread_create")
int pthread_create(pthread_t* out, const pthread_attr_t* attributes, void* (*function)(void*),
                   void* argument) {
  size_t size = 0;
  if (attributes) pthread_attr_getstacksize(attributes, &size);
  if (size == 0) size = STACK_BYTES;
  if (size < LEAST_STACK_BYTES) size = LEAST_STACK_BYTES;
  pylon_thread* thread = pylon_begin_thread(size, function, argument);
  if (!thread) return EAGAIN;
  *out = (pthread_t)thread;
  return 0;
}

PYLON_EXPORT("pthread_join") int pthread_join(pthread_t thread, void** result) {
  void* value = pylon_join_thread((pylon_thread*)thread);
  if (result) *result = value;
  return 0;
}

PYLON_EXPORT("pthread_detach") int pthread_detach(pthread_t thread) {
  pylon_detach_thread((pylon_thread*)thread);
  return 0;
}

PYLON_EXPORT("sched_yield") int sched_yield(void) {
  if (pylon_may_suspend()) pylon_yield();
  return 0;
}

// ---- mutexes

PYLON_EXPORT("pthread_mutex_init")
int pthread_mutex_init(pthread_mutex_t* restrict lock,
                       const pthread_mutexattr_t* restrict attributes) {
  (void)attributes;
  *(mutex*)lock = (mutex){0};
  return 0;
}

PYLON_EXPORT("pthread_mutex_destroy") int pthread_mutex_destroy(pthread_mutex_t* lock) {
  (void)lock;
  return 0;
}

PYLON_EXPORT("pthread_mutex_trylock") int pthread_mutex_trylock(pthread_mutex_t* lock) {
  mutex* self = (mutex*)lock;
  if (self->owner) return EBUSY;
  self->owner = pylon_present_thread();
  return 0;
}

PYLON_EXPORT("pthread_mutex_lock") int pthread_mutex_lock(pthread_mutex_t* lock) {
  mutex* self = (mutex*)lock;
  while (pthread_mutex_trylock(lock) != 0) pylon_suspend(&self->waiting, PYLON_NEVER, NULL, 0);
  return 0;
}

PYLON_EXPORT("pthread_mutex_unlock") int pthread_mutex_unlock(pthread_mutex_t* lock) {
  mutex* self = (mutex*)lock;
  self->owner = NULL;
  pylon_wake_first(&self->waiting);
  return 0;
}

// ---- conditions

PYLON_EXPORT("pthread_condattr_init") int pthread_condattr_init(pthread_condattr_t* attributes) {
  *(uint32_t*)attributes = 0;
  return 0;
}

PYLON_EXPORT("pthread_condattr_setclock")
int pthread_condattr_setclock(pthread_condattr_t* attributes, clockid_t clock) {
  *(uint32_t*)attributes = clock == CLOCK_MONOTONIC;
  return 0;
}

PYLON_EXPORT("pthread_cond_init")
int pthread_cond_init(pthread_cond_t* restrict variable,
                      const pthread_condattr_t* restrict attributes) {
  *(condition*)variable = (condition){.monotonic = attributes && *(const uint32_t*)attributes != 0};
  return 0;
}

PYLON_EXPORT("pthread_cond_destroy") int pthread_cond_destroy(pthread_cond_t* variable) {
  (void)variable;
  return 0;
}

PYLON_EXPORT("pthread_cond_signal") int pthread_cond_signal(pthread_cond_t* variable) {
  pylon_wake_first(&((condition*)variable)->waiting);
  return 0;
}

PYLON_EXPORT("pthread_cond_broadcast") int pthread_cond_broadcast(pthread_cond_t* variable) {
  pylon_wake_all(&((condition*)variable)->waiting);
  return 0;
}

static const struct _gil_runtime_state* gil(void) {
  const PyInterpreterState* interpreter = PyInterpreterState_Main();
  return interpreter ? interpreter->ceval.gil : NULL;
}

// A thread that was asked to give up the GIL waits here for somebody to take it. Whoever wants it
// runs before this one does again.
static bool is_forced_switch(const pthread_cond_t* variable) {
  const struct _gil_runtime_state* lock = gil();
  return lock && variable == &lock->switch_cond;
}

// Those who wait for the GIL wait until it is released: it is the host that ends turns.
static bool is_gil(const pthread_cond_t* variable) {
  const struct _gil_runtime_state* lock = gil();
  return lock && variable == &lock->cond;
}

static pylon_reason wait_until(pthread_cond_t* variable, pthread_mutex_t* lock, int64_t deadline) {
  pthread_mutex_unlock(lock);
  const pylon_reason reason = pylon_suspend(&((condition*)variable)->waiting, deadline, NULL, 0);
  pthread_mutex_lock(lock);
  return reason;
}

PYLON_EXPORT("pthread_cond_wait")
int pthread_cond_wait(pthread_cond_t* restrict variable, pthread_mutex_t* restrict lock) {
  if (is_forced_switch(variable)) {
    pthread_mutex_unlock(lock);
    pylon_yield();
    pthread_mutex_lock(lock);
  } else {
    wait_until(variable, lock, PYLON_NEVER);
  }
  return 0;
}

static int64_t nanoseconds(struct timespec time) {
  return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

PYLON_EXPORT("pthread_cond_timedwait")
int pthread_cond_timedwait(pthread_cond_t* restrict variable, pthread_mutex_t* restrict lock,
                           const struct timespec* restrict until) {
  int64_t deadline = nanoseconds(*until);
  if (!((const condition*)variable)->monotonic) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    deadline = pylon_monotonic_now() + (deadline - nanoseconds(now));
  }
  if (is_gil(variable)) deadline = PYLON_NEVER;
  return wait_until(variable, lock, deadline) == PYLON_TIMED_OUT ? ETIMEDOUT : 0;
}

// ---- what each thread keeps for itself

static bool used[PYLON_KEYS];

PYLON_EXPORT("pthread_key_create")
int pthread_key_create(pthread_key_t* key, void (*destroy)(void*)) {
  if (destroy) return ENOSYS;  // CPython gives none
  for (uint32_t i = 0; i < PYLON_KEYS; i++) {
    if (used[i]) continue;
    used[i] = true;
    *key = i;
    return 0;
  }
  return EAGAIN;
}

PYLON_EXPORT("pthread_key_delete") int pthread_key_delete(pthread_key_t key) {
  used[key] = false;
  pylon_forget_values(key);
  return 0;
}

PYLON_EXPORT("pthread_getspecific") void* pthread_getspecific(pthread_key_t key) {
  return *pylon_thread_value(key);
}

PYLON_EXPORT("pthread_setspecific") int pthread_setspecific(pthread_key_t key, const void* value) {
  *pylon_thread_value(key) = (void*)value;
  return 0;
}
