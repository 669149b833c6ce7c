// Waiting in libc, which always ends in one of two functions: while a thread is there, others run.
// The linker puts these in front of libc's own (`--wrap`).
#include <stdlib.h>

#include "scheduler.h"
#include "sockets.h"

typedef struct {
  uint32_t* data;
  size_t size;
} numbers;

void __real_poll_poll(const numbers* pollables, numbers* ready);
void __real_poll_method_pollable_block(uint32_t pollable);
void __real_tcp_free(void* socket);
void __real_udp_free(void* socket);

PYLON_EXPORT("__wrap_poll_method_pollable_block")
void __wrap_poll_method_pollable_block(uint32_t pollable) {
  if (pylon_may_suspend())
    pylon_suspend(NULL, PYLON_NEVER, &pollable, 1);
  else
    __real_poll_method_pollable_block(pollable);
}

static const pylon_thread* watcher;  // of pipes: the thread that waits next, if it is to

void pylon_watch_pipes(bool watch) {
  watcher = watch ? pylon_present_thread() : NULL;
}

PYLON_EXPORT("__wrap_poll_poll")
void __wrap_poll_poll(const numbers* pollables, numbers* ready) {
  pylon_queue* const queue = watcher == pylon_present_thread() ? pylon_pipe_queue() : NULL;
  if (!pylon_may_suspend()) {
    __real_poll_poll(pollables, ready);
    return;
  }
  // Another thread may have taken what was ready, so the answer is what is ready when it is given.
  while (!pylon_poll_now(pollables->data, pollables->size, &ready->data, &ready->size)) {
    const pylon_reason reason = pylon_suspend(queue, PYLON_NEVER, pollables->data, pollables->size);
    if (reason == PYLON_INTERRUPTED || reason == PYLON_WOKEN) return;
  }
}

// ---- sockets that are closed while another thread uses them

// What libc has of such a socket. It is given back when that thread waits for something else: what
// the thread does until then may still look at it.
typedef struct kept {
  struct kept* next;
  void* socket;
  void (*give_back)(void*);
} kept;

static kept* waiting_for_others;

// libc's record of a socket begins with the host's numbers of it and of its pollables.
#define RECORD_WORDS 8

static void give_back_or_keep(void* socket, void (*give_back)(void*)) {
  if (!pylon_others_use(socket, RECORD_WORDS)) {
    give_back(socket);
    return;
  }
  kept* entry = malloc(sizeof *entry);
  if (!entry) abort();
  *entry = (kept){waiting_for_others, socket, give_back};
  waiting_for_others = entry;
}

void pylon_give_back_unused(void) {
  kept* left = waiting_for_others;
  waiting_for_others = NULL;
  while (left) {
    kept* entry = left;
    left = entry->next;
    give_back_or_keep(entry->socket, entry->give_back);
    free(entry);
  }
}

PYLON_EXPORT("__wrap_tcp_free") void __wrap_tcp_free(void* socket) {
  give_back_or_keep(socket, __real_tcp_free);
}

PYLON_EXPORT("__wrap_udp_free") void __wrap_udp_free(void* socket) {
  give_back_or_keep(socket, __real_udp_free);
}
