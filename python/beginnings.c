// What is noted once, when a process begins, and a memory image must not carry along: the start of
// the process's clock; and, if the image is to be reproducible, random bytes, the time and the
// numbers of files. The linker puts these in front of libc's own (`--wrap`).
#include <dirent.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include "pylon.h"

int __real___wasilibc_random(void* bytes, size_t size);
void __real_init(void);
int __real_clock_gettime(clockid_t clock, struct timespec* out);
struct dirent* __real_readdir(DIR* directory);

static bool fixed;  // randomness is a sequence that is always the same

// The clock begins when a run does: pylon_start_clock().
PYLON_EXPORT("__wrap_init") void __wrap_init(void) {}

void pylon_start_clock(void) {
  __real_init();
}

void pylon_fix_randomness(bool on) {
  fixed = on;
}

bool pylon_randomness_is_fixed(void) {
  return fixed;
}

// splitmix64: https://prng.di.unimi.it/splitmix64.c
static uint64_t next_word(void) {
  static uint64_t state;
  uint64_t word = (state += 0x9e3779b97f4a7c15u);
  word = (word ^ (word >> 30)) * 0xbf58476d1ce4e5b9u;
  word = (word ^ (word >> 27)) * 0x94d049bb133111ebu;
  return word ^ (word >> 31);
}

PYLON_EXPORT("__wrap___wasilibc_random") int __wrap___wasilibc_random(void* bytes, size_t size) {
  if (!fixed) return __real___wasilibc_random(bytes, size);
  for (size_t done = 0; done < size; done += sizeof(uint64_t)) {
    const uint64_t word = next_word();
    const size_t left = size - done;
    memcpy((char*)bytes + done, &word, left < sizeof word ? left : sizeof word);
  }
  return 0;
}

// mimalloc makes its keys of the milliseconds since the start.
PYLON_EXPORT("__wrap_clock_gettime")
int __wrap_clock_gettime(clockid_t clock, struct timespec* out) {
  const int result = __real_clock_gettime(clock, out);
  if (fixed && result == 0) *out = (struct timespec){0};
  return result;
}

PYLON_EXPORT("__wrap_readdir") struct dirent* __wrap_readdir(DIR* directory) {
  struct dirent* entry = __real_readdir(directory);
  if (fixed && entry) entry->d_ino = 0;
  return entry;
}
