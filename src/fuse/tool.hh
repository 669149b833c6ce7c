// Runs another program as a step of the build.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/error.hh"

namespace pylon::fuse {

/// Runs `program` (found by PATH if it has no slash) with `arguments`, no standard input, and waits
/// for it. If it cannot be started or does not exit with 0, the error carries the end of what it
/// printed.
Result<void> run_tool(const std::filesystem::path& program,
                      const std::vector<std::string>& arguments);

}  // namespace pylon::fuse
