// The thread that a guest runs on: its native stack must hold the guest's deepest recursion.
#pragma once

#include <pthread.h>

#include <cstddef>
#include <functional>
#include <memory>

#include "base/error.hh"

namespace pylon::engine {

/// The native stack, in bytes, that a thread needs to make a Session and call into it. Only what is
/// used becomes real memory.
inline constexpr std::size_t kGuestStackBytes = std::size_t{256} << 20;

/// Fails (kInternal) if this thread's stack is smaller than kGuestStackBytes: a guest's deep
/// recursion would then end the process.
Result<void> check_guest_stack();

/// A thread with kGuestStackBytes of stack. Its owner must join it.
class GuestThread {
 public:
  /// Starts `body` on a new thread. Signals are blocked there as they are in the caller.
  static Result<GuestThread> start(std::function<void()> body);

  GuestThread(GuestThread&& other) noexcept;
  GuestThread& operator=(GuestThread&&) = delete;
  ~GuestThread();

  /// Waits until the body has returned.
  void join();

 private:
  explicit GuestThread(pthread_t thread) : thread_(thread), running_(true) {}

  pthread_t thread_;
  bool running_;
};

}  // namespace pylon::engine
