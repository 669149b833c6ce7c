// Locks on ranges of a file's bytes, which the host has and WASI lacks (wit/pylon-files).
#pragma once

#include "cap.hh"

namespace cap {

enum class lock_access : std::uint8_t { shared, exclusive };
enum class lock_failure : std::uint8_t { not_permitted, missing, not_a_file, unsupported, io };

/// One opening of a file on which others can be locked out, whoever they are: this component, other
/// runs, programs of the host. The world imports pylon:files/locks.
class file_lock {
 public:
  /// Opens a file that exists, by its absolute path.
  static result<std::unique_ptr<file_lock>, lock_failure> open(std::string_view path);
  file_lock(const file_lock&) = delete;
  /// Releases what it holds.
  ~file_lock();

  /// Takes `length` bytes from `start` on (0: all that follow); false if somebody else holds them.
  /// Never waits.
  result<bool, lock_failure> lock(lock_access access, std::uint64_t start, std::uint64_t length);
  result<void, lock_failure> unlock(std::uint64_t start, std::uint64_t length);
  /// Whether somebody else holds what would keep lock() from taking them.
  result<bool, lock_failure> is_locked(lock_access access, std::uint64_t start,
                                       std::uint64_t length) const;

 private:
  explicit file_lock(std::uint32_t handle) : handle_(handle) {}

  std::uint32_t handle_;
};

}  // namespace cap
