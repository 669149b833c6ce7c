#include "runtime/supervisor.hh"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>

namespace pylon::runtime {
namespace {

constexpr int kFinishedSignal = SIGUSR1;

// A signal that this process was started to ignore (nohup, a shell's background job) stays ignored.
bool ignored(int signal) {
  struct sigaction action {};
  return ::sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

sigset_t supervised_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, kFinishedSignal);
  for (int signal : {SIGINT, SIGTERM, SIGHUP})
    if (!ignored(signal)) sigaddset(&signals, signal);
  return signals;
}

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kWakeInterval{20};

// The next of `signals`, or -1 at the deadline.
int wait_for_signal(const sigset_t& signals, Clock::time_point deadline) {
  if (deadline == Clock::time_point::max()) return ::sigwaitinfo(&signals, nullptr);
  const std::chrono::nanoseconds left = std::max(Clock::duration::zero(), deadline - Clock::now());
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(left);
  const timespec wait = {seconds.count(), (left - seconds).count()};
  return ::sigtimedwait(&signals, nullptr, &wait);
}

}  // namespace

Supervisor::Supervisor() : main_thread_(::pthread_self()) {
  const sigset_t signals = supervised_signals();
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
}

void Supervisor::finish() {
  finished_ = true;
  ::pthread_kill(main_thread_, kFinishedSignal);
}

End Supervisor::wait(std::chrono::milliseconds limit, Interrupt& interrupt,
                     const std::function<void()>& wake) {
  const sigset_t signals = supervised_signals();
  const Clock::time_point deadline = limit.count() == 0 ? Clock::time_point::max() : Clock::now() + limit;
  while (true) {
    // The guest may begin to block just after it was woken: then it is woken again.
    const bool waking = interrupt.pending();
    if (waking) wake();
    const int signal = wait_for_signal(signals, waking ? std::min(deadline, Clock::now() + kWakeInterval) : deadline);
    if (finished_) return End::kFinished;
    if (signal < 0 && Clock::now() >= deadline) return End::kTimeout;
    if (signal == SIGINT) {
      if (!interrupt.raise()) return End::kInterrupted;
    } else if (signal == SIGTERM || signal == SIGHUP) {
      signal_ = signal;
      return End::kSignalled;
    }
  }
}

void die_by_signal(int signal) {
  ::signal(signal, SIG_DFL);
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, signal);
  ::raise(signal);
  ::pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
  ::_exit(128 + signal);
}

}  // namespace pylon::runtime
