// Durations and sizes as people write them on a command line.
#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

#include "base/error.hh"

namespace pylon::runtime {

/// Reads `5` (seconds), `500ms`, `1.5s`, `2m` or `1h`: more than nothing, at most a year. Else
/// kUsage.
Result<std::chrono::milliseconds> parse_duration(std::string_view text);

/// Reads a number of bytes: `1048576`, `512K`, `64M`, `1G`, `1.5G` (powers of 1024; `MB` and `MiB`
/// mean `M`). More than nothing, at most 2^62. Else kUsage.
Result<std::uint64_t> parse_size(std::string_view text);

}  // namespace pylon::runtime
