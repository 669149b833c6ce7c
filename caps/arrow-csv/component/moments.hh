// Dates, times and points in time as ISO 8601 writes them.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace csv {

/// A point in time.
struct Moment {
  std::int64_t seconds;  ///< since 1970
  std::int32_t nanos;
  bool has_zone;  ///< it said its distance from UTC, which is taken into account
};

/// YYYY-MM-DD as days since 1970.
std::optional<std::int32_t> parse_date(std::string_view text);
/// HH:MM or HH:MM:SS as seconds.
std::optional<std::int32_t> parse_time(std::string_view text);
/// A date; or a date, a space or T, and a time, with up to 9 digits of a second and perhaps Z or a
/// distance from UTC.
std::optional<Moment> parse_moment(std::string_view text);

}  // namespace csv
