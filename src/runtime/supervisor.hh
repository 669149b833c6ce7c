// The main thread while the guest runs in its own: signals, the time limit, Ctrl-C.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>

#include "runtime/interrupt.hh"

namespace pylon::runtime {

/// Why supervision ended.
enum class End {
  kFinished,     ///< the guest's thread is done
  kTimeout,      ///< the time limit came first; the guest still runs
  kInterrupted,  ///< Ctrl-C, and Python could not be told or had not handled the one before; the guest still runs
  kSignalled,    ///< SIGTERM or SIGHUP; the guest still runs
};

/// Waits for the guest. Make it before any other thread: it keeps the signals it waits for from all threads.
class Supervisor {
 public:
  Supervisor();

  /// Called by the guest's thread as its last act.
  void finish();

  /// Waits for the end; no limit if `limit` is zero. A first Ctrl-C goes to Python through `interrupt`, after which
  /// `wake` ends the guest's blocking call, again and again until Python has handled it.
  End wait(std::chrono::milliseconds limit, Interrupt& interrupt, const std::function<void()>& wake);

  /// The signal of kSignalled.
  int signal() const { return signal_; }

 private:
  std::atomic<bool> finished_ = false;
  int signal_ = 0;
  unsigned long main_thread_;
};

/// Ends this process by `signal`, as if nobody had caught it.
[[noreturn]] void die_by_signal(int signal);

}  // namespace pylon::runtime
