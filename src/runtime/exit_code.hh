// The exit codes of `pylon`, declared once: the man page, --help and the tests read this table.
#pragma once

#include <span>
#include <string_view>

#include "base/error.hh"

namespace pylon::runtime {

/// Exit codes that Pylon itself gives. All others are the program's.
enum ExitCode : int {
  kExitOk = 0,
  kExitUncaught = 1,
  kExitUsage = 2,
  kExitFlushFailed = 120,
  kExitTimeout = 124,
  kExitBroken = 125,
  kExitRefused = 126,
  kExitInterrupted = 130,
  kExitTrap = 134,
  kExitMemory = 137,
  kExitPipe = 141,
};

/// A code and what it means.
struct ExitCodeMeaning {
  int code;
  std::string_view meaning;
};

/// All of them, ascending.
std::span<const ExitCodeMeaning> exit_codes();

/// The code with which an error of the launcher ends the process.
int exit_code_of(ErrorKind kind);

}  // namespace pylon::runtime
