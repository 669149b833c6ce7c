// What the engine refers to and WASI has not: libraries to load, memory to pin.
#include <cstddef>

extern "C" {

void* dlopen(const char*, int) {
  return nullptr;
}
void* dlsym(void*, const char*) {
  return nullptr;
}
char* dlerror() {
  static char text[] = "there are no libraries to load here";
  return text;
}
int dlclose(void*) {
  return 0;
}
int mlock(const void*, std::size_t) {
  return 0;
}
int munlock(const void*, std::size_t) {
  return 0;
}
}
