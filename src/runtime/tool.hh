// Runs another program of the install.
#pragma once

#include <string>
#include <vector>

#include "base/error.hh"

namespace pylon::runtime {

/// Runs a program to its end with nothing on its standard input; what it says goes to standard
/// error. kInternal if it does not exit with 0.
Result<void> run_tool(const std::vector<std::string>& words);

}  // namespace pylon::runtime
