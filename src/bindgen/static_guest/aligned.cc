// Memory with a larger alignment than malloc's.
#include <cstdlib>
#include <new>

void* operator new(std::size_t size, std::align_val_t alignment) {
  void* memory = std::aligned_alloc(static_cast<std::size_t>(alignment), size ? size : 1);
  if (!memory) __builtin_trap();
  return memory;
}

void operator delete(void* memory, std::align_val_t) noexcept {
  std::free(memory);
}

void operator delete(void* memory, std::size_t, std::align_val_t) noexcept {
  std::free(memory);
}
