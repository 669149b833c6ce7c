#include "file_lock.hh"

namespace cap {
namespace {

// result<file-lock, failure> by the canonical ABI.
struct opened {
  std::uint8_t is_error, pad[3];
  union {
    std::uint32_t handle;
    std::uint8_t failure;
  };
};

// result<bool, failure> and result<_, failure>.
struct answered {
  std::uint8_t is_error, value;
};

extern "C" {
[[clang::import_module("pylon:files/locks@0.1.0"),
  clang::import_name("[static]file-lock.open")]] void
cap_file_lock_open(const char* path, std::size_t size, opened* out);
[[clang::import_module("pylon:files/locks@0.1.0"),
  clang::import_name("[method]file-lock.lock")]] void
cap_file_lock_lock(std::uint32_t handle, std::uint32_t access, std::uint64_t start,
                   std::uint64_t length, answered* out);
[[clang::import_module("pylon:files/locks@0.1.0"),
  clang::import_name("[method]file-lock.unlock")]] void
cap_file_lock_unlock(std::uint32_t handle, std::uint64_t start, std::uint64_t length,
                     answered* out);
[[clang::import_module("pylon:files/locks@0.1.0"),
  clang::import_name("[method]file-lock.is-locked")]] void
cap_file_lock_is_locked(std::uint32_t handle, std::uint32_t access, std::uint64_t start,
                        std::uint64_t length, answered* out);
[[clang::import_module("pylon:files/locks@0.1.0"),
  clang::import_name("[resource-drop]file-lock")]] void
cap_file_lock_drop(std::uint32_t handle);
}

result<bool, lock_failure> truth(const answered& out) {
  if (out.is_error) return err(static_cast<lock_failure>(out.value));
  return out.value != 0;
}

}  // namespace

result<std::unique_ptr<file_lock>, lock_failure> file_lock::open(std::string_view path) {
  opened out{};
  cap_file_lock_open(path.data(), path.size(), &out);
  if (out.is_error) return err(static_cast<lock_failure>(out.failure));
  return std::unique_ptr<file_lock>(new file_lock(out.handle));
}

file_lock::~file_lock() {
  cap_file_lock_drop(handle_);
}

result<bool, lock_failure> file_lock::lock(lock_access access, std::uint64_t start,
                                           std::uint64_t length) {
  answered out{};
  cap_file_lock_lock(handle_, static_cast<std::uint32_t>(access), start, length, &out);
  return truth(out);
}

result<void, lock_failure> file_lock::unlock(std::uint64_t start, std::uint64_t length) {
  answered out{};
  cap_file_lock_unlock(handle_, start, length, &out);
  if (out.is_error) return err(static_cast<lock_failure>(out.value));
  return {};
}

result<bool, lock_failure> file_lock::is_locked(lock_access access, std::uint64_t start,
                                                std::uint64_t length) const {
  answered out{};
  cap_file_lock_is_locked(handle_, static_cast<std::uint32_t>(access), start, length, &out);
  return truth(out);
}

}  // namespace cap
