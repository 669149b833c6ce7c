// The dynamic loader that libpython's extension import asks for: there are no shared objects in a
// fused module.
#include "pylon.h"

PYLON_EXPORT("dlopen") void* dlopen(const char* path, int mode) {
  (void)path, (void)mode;
  return NULL;
}

PYLON_EXPORT("dlsym") void* dlsym(void* library, const char* symbol) {
  (void)library, (void)symbol;
  return NULL;
}

PYLON_EXPORT("dlerror") char* dlerror(void) {
  return "shared objects cannot be loaded inside the sandbox";
}
