// What the files about descriptors share: sockets, pipes, names.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/// True if data of `fd` was looked at and not yet taken: recv() has it then.
bool pylon_is_peeked(int fd);

/// True if there is such data of any descriptor.
bool pylon_any_peeked(void);

/// Drops such data.
void pylon_forget_peeked(int fd);

/// Notes that the host refused what concerns `host`, at `port` if that is not 0: the message of the
/// error then names the flag that would allow it.
void pylon_note_refusal(const char* host, int port);

/// Ends that.
void pylon_forget_refusal(void);

/// The option that libc's headers leave out, with Linux's number, and the size of its value: two
/// ints.
enum { PYLON_SO_LINGER = 13, PYLON_LINGER_SIZE = 8 };

/// libc's table of descriptors: what stands behind each, and what it can do, of which `free` comes
/// first. What is NULL it cannot do.
typedef struct {
  void* data;
  void (**functions)(void*);
} pylon_descriptor;

/// More than libc has for any kind of descriptor.
enum { PYLON_DESCRIPTOR_FUNCTIONS = 48 };

pylon_descriptor* descriptor_table_get_ref(int fd);
int descriptor_table_insert(pylon_descriptor entry);

/// A second descriptor for what stands behind `fd`; -1 with errno.
int pylon_duplicate(int fd);

/// Makes `target` stand for what `fd` stands for, as dup2(); -1 with errno.
int pylon_duplicate_to(int fd, int target);

// ---- pipes.c

typedef struct pylon_pipe_end pylon_pipe_end;

/// The end of a pipe that `fd` stands for, or NULL; errno stays.
pylon_pipe_end* pylon_pipe_end_of(int fd);

/// Makes a pipe: the descriptors to read from and to write to; -1 with errno.
int pylon_make_pipe(int descriptors[2]);

/// read(), write(), the flags of fcntl(), and how many bytes are in the pipe.
ssize_t pylon_pipe_read(pylon_pipe_end* end, void* buffer, size_t size);
ssize_t pylon_pipe_write(pylon_pipe_end* end, const void* data, size_t size);
int pylon_pipe_flags(const pylon_pipe_end* end);
void pylon_pipe_set_flags(pylon_pipe_end* end, int flags);
int pylon_pipe_size(const pylon_pipe_end* end);

/// What poll() says of it now.
short pylon_pipe_state(const pylon_pipe_end* end, short events);

/// Waits until something changes in any pipe, or until a deadline of pylon_suspend(); false with
/// errno if that did not come about.
bool pylon_wait_for_pipes(int64_t deadline);

/// Waits of libc that this thread begins until it is told otherwise also end when something changes
/// in a pipe, then with nothing ready (python/waits.c).
void pylon_watch_pipes(bool watch);
