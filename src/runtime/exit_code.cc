#include "runtime/exit_code.hh"

namespace pylon::runtime {
namespace {

constexpr ExitCodeMeaning kMeanings[] = {
    {kExitOk, "the program ended normally"},
    {kExitUncaught, "the program ended with an uncaught exception"},
    {kExitUsage, "the command line is wrong, or the script cannot be used"},
    {kExitFlushFailed, "the program's buffered output could not be written at its end"},
    {kExitTimeout, "--timeout ended the run"},
    {kExitBroken, "Pylon itself failed, or its install is incomplete or damaged"},
    {kExitRefused, "the plan is not trusted, or is not what was signed; nothing ran"},
    {kExitInterrupted, "Ctrl-C ended the run"},
    {kExitTrap, "the interpreter trapped (the sandbox stopped it)"},
    {kExitMemory, "--max-memory ended the run"},
    {kExitPipe, "nobody reads the program's output any more"},
};

}  // namespace

std::span<const ExitCodeMeaning> exit_codes() {
  return kMeanings;
}

int exit_code_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kUsage:
    case ErrorKind::kInput:
      return kExitUsage;
    case ErrorKind::kTrap:
      return kExitTrap;
    case ErrorKind::kLimit:
      return kExitMemory;
    case ErrorKind::kRefused:
      return kExitRefused;
    case ErrorKind::kCorrupt:
    case ErrorKind::kIo:
    case ErrorKind::kInternal:
      return kExitBroken;
  }
  return kExitBroken;
}

}  // namespace pylon::runtime
