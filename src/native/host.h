// What native code and the program that runs it share, in C and in C++.
#pragma once

/// Why native code came to no result.
enum {
  TRAP_UNREACHABLE,
  TRAP_DIVISION,
  TRAP_OVERFLOW,
  TRAP_CONVERSION,
  TRAP_ADDRESS,
  TRAP_TABLE,
  TRAP_SIGNATURE,
  TRAP_STACK,
};

/// What the host fills in before the first call. `user` is passed to its functions.
typedef struct {
  void* user;
  unsigned char* memory;                                      ///< the first byte of linear memory
  void (*leave)(void* user, unsigned operation);              ///< asks the gate; returns when it has answered
  __attribute__((noreturn)) void (*trap)(void* user, unsigned why);
  void* (*move)(void*, const void*, __SIZE_TYPE__);           ///< memmove
  void* (*fill)(void*, int, __SIZE_TYPE__);                   ///< memset
  unsigned (*make_stack)(void* user, unsigned size, unsigned bell, unsigned pages);  ///< native/make-stack
  void (*change_stack)(void* user, unsigned number);          ///< native/change-stack
  void (*drop_stack)(void* user, unsigned number);            ///< native/drop-stack
} native_host;

/// Where the file's entry address points: how to find the rest, as distances from here.
typedef struct {
  char format[8];     ///< NATIVE_FORMAT
  int enter;          ///< unsigned enter(unsigned number): calls the export of this number; answers the operation "done"
  int host;           ///< the native_host
  int thread;         ///< void thread(void): what a new stack begins with; 0 if the module has no stacks but the first
} native_header;

#define NATIVE_FORMAT "pylonn02"
