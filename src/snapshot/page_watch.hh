// Finds out which pages of this process's memory a piece of work touches.
#pragma once

#include <signal.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/error.hh"

namespace pylon::snapshot {

/// Takes all access to a range of memory away, and gives it back page by page as it is asked for:
/// one page fault signal for each. One watch at a time in a process; the work and the watch's life
/// are one thread's. A system call that is given an address of the range fails with EFAULT where
/// nothing touched the page before.
class PageWatch {
 public:
  static constexpr std::size_t kPage = 4096;

  /// `memory` is readable and writable, begins and ends at a page; kIo if the system does not allow
  /// it.
  static Result<std::unique_ptr<PageWatch>> begin(std::span<const std::uint8_t> memory);
  PageWatch(const PageWatch&) = delete;
  PageWatch& operator=(const PageWatch&) = delete;
  /// Everything may be read and written again.
  ~PageWatch();

  /// The pages that were touched since, counted from the start of the range, in ascending order.
  std::vector<std::size_t> touched() const;

 private:
  explicit PageWatch(std::span<const std::uint8_t> memory)
      : memory_(memory), seen_(memory.size() / kPage) {}
  static void on_fault(int signal, siginfo_t* info, void* context);
  bool give(std::uintptr_t address);

  std::span<const std::uint8_t> memory_;
  std::vector<std::uint8_t> seen_;  // 1: touched
  struct sigaction previous_ = {};
};

}  // namespace pylon::snapshot
