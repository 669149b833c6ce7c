// Runs something in a process of its own and kills it at a random moment.
#pragma once

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <random>

namespace pylon::compose::testing {

/// What a child that was killed tells its parent: how much it had finished.
class Progress {
 public:
  Progress() {
    void* page = ::mmap(nullptr, sizeof(std::atomic<int>), PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    EXPECT_NE(page, MAP_FAILED);
    done_ = new (page) std::atomic<int>(0);
  }
  ~Progress() { ::munmap(done_, sizeof(std::atomic<int>)); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  int get() const { return done_->load(); }
  void set(int done) { done_->store(done); }

 private:
  std::atomic<int>* done_;
};

/// Runs `work`, which need not end, in a child process, and kills it between 0 and `microseconds`
/// later.
inline void kill_at_random(std::mt19937& random, unsigned microseconds,
                           const std::function<void()>& work) {
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    work();
    ::_exit(0);
  }
  ::usleep(random() % microseconds);
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
}

/// Runs `work` in several processes at once; true if each returned true.
inline bool at_once(int processes, const std::function<bool(int)>& work) {
  for (int i = 0; i < processes; ++i)
    if (::fork() == 0) ::_exit(work(i) ? 0 : 1);
  bool good = true;
  for (int i = 0; i < processes; ++i) {
    int status = 0;
    ::wait(&status);
    good = good && WIFEXITED(status) && WEXITSTATUS(status) == 0;
  }
  return good;
}

}  // namespace pylon::compose::testing
