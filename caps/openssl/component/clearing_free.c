// No memory of this component keeps its content when it is given back: whatever it held, key or not, whoever held it.
// The linker puts these in the place of free() and realloc() (cap.toml, `link`).
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

void __real_free(void* memory);

void __wrap_free(void* memory) {
  if (!memory) return;
  memset(memory, 0, malloc_usable_size(memory));
  // The compiler does not see that nobody reads it again.
  __asm__ volatile("" : : "r"(memory) : "memory");
  __real_free(memory);
}

void* __wrap_realloc(void* memory, size_t size) {
  const size_t old = memory ? malloc_usable_size(memory) : 0;
  if (memory && size <= old && size > old / 2) return memory;
  void* moved = malloc(size);
  if (!moved) return NULL;
  if (memory) memcpy(moved, memory, size < old ? size : old);
  __wrap_free(memory);
  return moved;
}
