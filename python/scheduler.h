// Threads that take turns on one thread of the host: each has a stack of its own, and runs until it
// waits or until its turn is over. Where the host has one stack only there is just the first
// thread, and waiting is the host's.
#pragma once

#include "pylon.h"

typedef struct pylon_thread pylon_thread;

/// Threads that wait for the same thing, first come first served. Zeros are an empty one.
typedef struct {
  pylon_thread *first, *last;
} pylon_queue;

/// Why a thread that waited goes on.
typedef enum {
  PYLON_WOKEN,
  PYLON_TIMED_OUT,
  PYLON_READY,       ///< one of the pollables is, or was
  PYLON_INTERRUPTED  ///< the first thread only: there is an interrupt that Python has not handled
} pylon_reason;

/// What a thread keeps for itself (pthread_setspecific).
#define PYLON_KEYS 64

#define PYLON_NEVER INT64_MAX

/// The one that runs.
pylon_thread* pylon_present_thread(void);

/// Whether there are other threads, and this one may wait for them: it does not hold the GIL.
bool pylon_may_suspend(void);

/// Begins a thread with `size` bytes of stack; NULL if there is no room or the host has one stack
/// only. It first runs when the present one waits.
pylon_thread* pylon_begin_thread(size_t size, void* (*function)(void*), void* argument);

/// Waits until the thread has ended, and gives back what it is; its function's result.
void* pylon_join_thread(pylon_thread* thread);

/// Gives back what the thread is when it ends.
void pylon_detach_thread(pylon_thread* thread);

/// Lets the others run until this thread is woken from `queue` (NULL: not at all), until `deadline`
/// in nanoseconds of the monotonic clock, or until one of the pollables is ready.
pylon_reason pylon_suspend(pylon_queue* queue, int64_t deadline, const uint32_t* pollables,
                           size_t count);

/// Lets each of the others that can run do so once.
void pylon_yield(void);

/// Those who wait until something changes in a pipe (python/pipes.c).
pylon_queue* pylon_pipe_queue(void);

void pylon_wake_first(pylon_queue* queue);
void pylon_wake_all(pylon_queue* queue);

/// Now, in nanoseconds of the monotonic clock.
int64_t pylon_monotonic_now(void);

/// A value of the present thread; and clears it in all threads.
void** pylon_thread_value(uint32_t key);
void pylon_forget_values(uint32_t key);

/// Which of the pollables are ready, at once: their places, in memory to be freed. False if none
/// is.
bool pylon_poll_now(const uint32_t* pollables, size_t count, uint32_t** ready, size_t* ready_count);

/// Whether one of the words is the number of a pollable that another thread waited for last.
bool pylon_others_use(const uint32_t* words, size_t count);

/// Called when a thread no longer uses what it waited for last (python/waits.c).
void pylon_give_back_unused(void);

/// From now on only the present thread runs.
void pylon_stop_other_threads(void);
