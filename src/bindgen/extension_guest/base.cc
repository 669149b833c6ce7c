// What an extension needs of the C library: the allocator is the interpreter's, so that either side
// can free what the other one made.
#include <cerrno>
#include <cstddef>
#include <cstring>

extern "C" {

[[clang::import_module("pylon:extension"), clang::import_name("malloc")]] void* pylon_malloc(
    std::size_t size);
[[clang::import_module("pylon:extension"), clang::import_name("aligned_alloc")]] void*
pylon_aligned_alloc(std::size_t alignment, std::size_t size);
[[clang::import_module("pylon:extension"), clang::import_name("realloc")]] void* pylon_realloc(
    void* block, std::size_t size);
[[clang::import_module("pylon:extension"), clang::import_name("free")]] void pylon_free(
    void* block);

void* malloc(std::size_t size) {
  return pylon_malloc(size);
}

void* calloc(std::size_t count, std::size_t size) {
  std::size_t all = 0;
  if (__builtin_mul_overflow(count, size, &all)) return nullptr;
  void* block = pylon_malloc(all);
  return block ? std::memset(block, 0, all) : nullptr;
}

void* aligned_alloc(std::size_t alignment, std::size_t size) {
  return pylon_aligned_alloc(alignment, size);
}

int posix_memalign(void** block, std::size_t alignment, std::size_t size) {
  *block = pylon_aligned_alloc(alignment, size);
  return *block ? 0 : ENOMEM;
}

void* realloc(void* block, std::size_t size) {
  return pylon_realloc(block, size);
}

void free(void* block) {
  pylon_free(block);
}

[[noreturn]] void abort() {
  __builtin_trap();
}

// An extension stays as long as the component.
void* __dso_handle = nullptr;
int __cxa_atexit(void (*)(void*), void*, void*) {
  return 0;
}
}
