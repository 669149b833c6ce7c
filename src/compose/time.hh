// Points in time as plans and logs write them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.hh"

namespace pylon::compose {

/// Seconds since 1970-01-01T00:00:00Z.
using Seconds = std::int64_t;

/// The system's clock.
Seconds now();

/// "2026-11-21T10:51:20Z".
std::string time_text(Seconds time);

/// Parses "2026-11-21T10:51:20Z" or "2026-11-21" (its beginning), nothing else; kInput otherwise.
Result<Seconds> parse_time(std::string_view text);

}  // namespace pylon::compose
