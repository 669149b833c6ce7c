#include "runtime/supervisor.hh"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <initializer_list>

namespace pylon::runtime {
namespace {

// Makes the main thread look around.
constexpr int kWakeSignal = SIGUSR1;

// A signal that this process was started to ignore (nohup, a shell's background job) stays ignored.
bool ignored(int signal) {
  struct sigaction action{};
  return ::sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

sigset_t set_of(std::initializer_list<int> signals) {
  sigset_t set;
  sigemptyset(&set);
  for (int signal : signals)
    if (!ignored(signal)) sigaddset(&set, signal);
  return set;
}

// What the main thread waits for. SIGINT is not among it: the system would rather give it to a
// thread that waits for it than to the guest's, where it has to arrive.
sigset_t awaited_signals() {
  return set_of({kWakeSignal, SIGTERM, SIGHUP});
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

std::atomic<Supervisor*> current = nullptr;

}  // namespace

Supervisor::Supervisor(Interrupt& interrupt)
    : interrupt_(interrupt), main_thread_(::pthread_self()) {
  current = this;
  const sigset_t kept = set_of({kWakeSignal, SIGTERM, SIGHUP, SIGINT});
  ::pthread_sigmask(SIG_BLOCK, &kept, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
  if (ignored(SIGINT)) return;
  struct sigaction action{};
  action.sa_handler = &Supervisor::on_interrupt;
  action.sa_flags = SA_RESTART;
  ::sigaction(SIGINT, &action, nullptr);
}

void Supervisor::admit_interrupts() {
  const sigset_t signals = set_of({SIGINT});
  ::pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
}

void Supervisor::on_interrupt(int) {
  current.load()->interrupt();
}

// Runs in a signal handler.
void Supervisor::interrupt() {
  if (!interrupt_.raise()) interrupted_ = true;
  ::pthread_kill(main_thread_, kWakeSignal);
}

void Supervisor::finish() {
  finished_ = true;
  ::pthread_kill(main_thread_, kWakeSignal);
}

End Supervisor::wait(std::chrono::milliseconds limit, const std::function<void()>& wake) {
  const sigset_t signals = awaited_signals();
  const Clock::time_point deadline =
      limit.count() == 0 ? Clock::time_point::max() : Clock::now() + limit;
  while (true) {
    // The guest may begin to block just after it was woken: then it is woken again.
    const bool waking = interrupt_.pending();
    if (waking) wake();
    const int signal = wait_for_signal(
        signals, waking ? std::min(deadline, Clock::now() + kWakeInterval) : deadline);
    if (finished_) return End::kFinished;
    if (interrupted_) return End::kInterrupted;
    if (signal < 0 && Clock::now() >= deadline) return End::kTimeout;
    if (signal == SIGTERM || signal == SIGHUP) {
      signal_ = signal;
      return End::kSignalled;
    }
  }
}

void die_by_signal(int signal) {
  ::signal(signal, SIG_DFL);
  const sigset_t signals = set_of({signal});
  ::raise(signal);
  ::pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
  ::_exit(128 + signal);
}

}  // namespace pylon::runtime
