#include "runtime/supervisor.hh"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <thread>

namespace pylon::runtime {
namespace {

using std::chrono::milliseconds;

// Runs `body` in a process of its own, as supervision wants it; returns its exit code, or minus the
// signal it died of.
int in_process(const std::function<int()>& body) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::alarm(20);
    ::_exit(body());
  }
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

void after(milliseconds delay, std::function<void()> act) {
  std::thread([delay, act] {
    std::this_thread::sleep_for(delay);
    act();
  }).detach();
}

// A guest whose control block lies in this memory.
alignas(4) std::array<std::uint32_t, 128> memory;

ControlBlock guest() {
  const std::uint32_t block[] = {0x4C594350, 1, 64, 512, 0, 1, 256, 260, 264, 8};
  std::memcpy(&memory[16], block, sizeof block);
  return *ControlBlock::at({reinterpret_cast<const std::uint8_t*>(&memory[16]), 64});
}

// What Ctrl-C does, while a guest's thread admits it.
void press_control_c(milliseconds delay = milliseconds(0)) {
  after(delay, [] {
    Supervisor::admit_interrupts();
    ::kill(::getpid(), SIGINT);
  });
}

int wait(Supervisor& supervisor, milliseconds limit = milliseconds(0)) {
  return static_cast<int>(supervisor.wait(limit, [] {}));
}

TEST(Supervisor, SeesTheEndOfTheGuest) {
  EXPECT_EQ(in_process([] {
              Interrupt interrupt;
              Supervisor supervisor(interrupt);
              after(milliseconds(10), [&] { supervisor.finish(); });
              return wait(supervisor);
            }),
            static_cast<int>(End::kFinished));
}

TEST(Supervisor, EndsAtTheTimeLimitAndNotBefore) {
  EXPECT_EQ(in_process([] {
              Interrupt interrupt;
              Supervisor supervisor(interrupt);
              const auto start = std::chrono::steady_clock::now();
              const int end = wait(supervisor, milliseconds(50));
              return std::chrono::steady_clock::now() - start < milliseconds(50) ? 99 : end;
            }),
            static_cast<int>(End::kTimeout));
  EXPECT_EQ(in_process([] {
              Interrupt interrupt;
              Supervisor supervisor(interrupt);
              after(milliseconds(10), [&] { supervisor.finish(); });
              return wait(supervisor, milliseconds(10000));
            }),
            static_cast<int>(End::kFinished));
}

TEST(Supervisor, AnInterruptBeforeTheGuestRunsEndsTheRun) {
  EXPECT_EQ(in_process([] {
              Interrupt interrupt;
              Supervisor supervisor(interrupt);
              press_control_c();
              return wait(supervisor);
            }),
            static_cast<int>(End::kInterrupted));
}

TEST(Supervisor, AnInterruptGoesToTheGuestAndWakesItUntilItIsHandled) {
  EXPECT_EQ(in_process([] {
              Interrupt interrupt;
              Supervisor supervisor(interrupt);
              interrupt.connect(guest());
              press_control_c();
              int woken = 0;
              const End end = supervisor.wait(milliseconds(0), [&] {
                if (++woken == 3) {
                  memory[64] = 0;  // Python has handled it
                  after(milliseconds(60), [&] { supervisor.finish(); });
                }
              });
              return end == End::kFinished && woken == 3 ? 0 : 1;
            }),
            0);
}

TEST(Supervisor, ASecondInterruptBeforeTheFirstIsHandledEndsTheRun) {
  EXPECT_EQ(in_process([] {
              Interrupt interrupt;
              Supervisor supervisor(interrupt);
              interrupt.connect(guest());
              press_control_c();
              press_control_c(milliseconds(50));
              return wait(supervisor);
            }),
            static_cast<int>(End::kInterrupted));
}

TEST(Supervisor, AThreadThatAdmitsInterruptsSeesThemAtOnce) {
  EXPECT_EQ(in_process([] {
              Interrupt interrupt;
              Supervisor supervisor(interrupt);
              interrupt.connect(guest());
              bool pending = false;
              std::thread thread([&] {
                Supervisor::admit_interrupts();
                ::kill(::getpid(), SIGINT);
                pending = interrupt.pending();
                memory[64] = 0;
                supervisor.finish();
              });
              const int end = wait(supervisor);
              thread.join();
              return pending ? end : 99;
            }),
            static_cast<int>(End::kFinished));
}

TEST(Supervisor, TerminationEndsTheProcessAsASignalDoes) {
  for (int signal : {SIGTERM, SIGHUP})
    EXPECT_EQ(in_process([signal] {
                Interrupt interrupt;
                Supervisor supervisor(interrupt);
                ::raise(signal);
                if (wait(supervisor) != static_cast<int>(End::kSignalled)) return 99;
                die_by_signal(supervisor.signal());
              }),
              -signal);
}

TEST(Supervisor, AnIgnoredInterruptStaysIgnored) {
  EXPECT_EQ(in_process([] {
              ::signal(SIGINT, SIG_IGN);
              Interrupt interrupt;
              Supervisor supervisor(interrupt);
              press_control_c();
              return wait(supervisor, milliseconds(50));
            }),
            static_cast<int>(End::kTimeout));
}

}  // namespace
}  // namespace pylon::runtime
