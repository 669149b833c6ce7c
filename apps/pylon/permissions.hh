// From flags to grants: the one place where the command line becomes permissions.
#pragma once

#include <string>

#include "base/error.hh"
#include "pylon/command_line.hh"
#include "runtime/run.hh"

namespace pylon::launcher {

/// What the flags and the defaults grant the program, and the environment that reaches it.
/// `host` is the user's environment; `terminal` tells whether a standard stream is one.
Result<runtime::RunOptions> grant(const CommandLine& line, const std::string& directory,
                                  const runtime::Environment& host, bool terminal);

}  // namespace pylon::launcher
