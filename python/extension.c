// Extensions that were appended to the finished component (src/link/extension.hh). They share this
// module's memory, table and stack, and use nothing of it but these functions.
#include <stdlib.h>
#include <string.h>

#include "pylon.h"

static pylon_extension* extensions;

// Called while the component is instantiated, before any export of it.
PYLON_EXPORT("extension/add")
void pylon_add_extension(pylon_extension* extension) {
  extension->next = extensions;
  extensions = extension;
}

PYLON_EXPORT("extension/malloc")
void* pylon_extension_malloc(size_t size) {
  return malloc(size);
}

PYLON_EXPORT("extension/aligned_alloc")
void* pylon_extension_aligned_alloc(size_t alignment, size_t size) {
  return aligned_alloc(alignment, size);
}

PYLON_EXPORT("extension/realloc")
void* pylon_extension_realloc(void* block, size_t size) {
  return realloc(block, size);
}

PYLON_EXPORT("extension/free")
void pylon_extension_free(void* block) {
  free(block);
}

const pylon_extension* pylon_find_extension(const char* id) {
  const pylon_extension* one = extensions;
  while (one && strcmp(one->id, id)) one = one->next;
  return one;
}
