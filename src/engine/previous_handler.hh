// Signal handlers stand before one another; what one does not know is the previous one's.
#pragma once

#include <signal.h>

namespace pylon::engine {

/// Hands a signal on to the handler that was there before. Called by a signal handler.
inline void pass_on(const struct sigaction& previous, int signal, siginfo_t* info, void* context) {
  if (previous.sa_flags & SA_SIGINFO) {
    previous.sa_sigaction(signal, info, context);
  } else if (previous.sa_handler == SIG_DFL || previous.sa_handler == SIG_IGN) {
    ::signal(signal, SIG_DFL);  // happens again, and ends the process
  } else {
    previous.sa_handler(signal);
  }
}

}  // namespace pylon::engine
