// The main thread while the guest runs in its own: signals, the time limit, Ctrl-C.
#pragma once

#include <pthread.h>

#include <atomic>
#include <chrono>
#include <functional>

#include "runtime/interrupt.hh"

namespace pylon::runtime {

/// Why supervision ended.
enum class End {
  kFinished,     ///< the guest's thread is done
  kTimeout,      ///< the time limit came first; the guest still runs
  kInterrupted,  ///< Ctrl-C, and Python could not be told or had not handled the one before; the
                 ///< guest still runs
  kSignalled,    ///< SIGTERM or SIGHUP; the guest still runs
};

/// Waits for the guest. Make it before any other thread: it keeps the signals it waits for from all
/// threads. There is one at a time.
class Supervisor {
 public:
  /// Ctrl-C will go to Python through `interrupt`, which has to live as long as the process.
  explicit Supervisor(Interrupt& interrupt);

  /// Called by the guest's thread first: from here on a Ctrl-C reaches Python before any call under
  /// way returns.
  static void admit_interrupts();

  /// Called by the guest's thread as its last act.
  void finish();

  /// Waits for the end; no limit if `limit` is zero. After a Ctrl-C, `wake` ends the guest's
  /// blocking call, again and again until Python has handled it.
  End wait(std::chrono::milliseconds limit, const std::function<void()>& wake);

  /// The signal of kSignalled.
  int signal() const { return signal_; }

 private:
  static void on_interrupt(int);
  void interrupt();

  Interrupt& interrupt_;
  std::atomic<bool> finished_ = false;
  std::atomic<bool> interrupted_ = false;
  int signal_ = 0;
  pthread_t main_thread_;
};

/// Ends this process by `signal`, as if nobody had caught it.
[[noreturn]] void die_by_signal(int signal);

}  // namespace pylon::runtime
