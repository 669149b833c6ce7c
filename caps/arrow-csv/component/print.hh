// Values as text: what each function writes begins at `to`, and what it returns is behind its end.
#pragma once

#include <charconv>
#include <cstddef>
#include <cstdint>

namespace csv {

/// The longest text of a number, a date or a point in time; so much room there must be.
inline constexpr std::size_t kLongestPrinted = 64;

template <typename T>
char* print_integer(char* to, T value) {
  return std::to_chars(to, to + kLongestPrinted, value).ptr;
}

/// The fewest digits that are this number, as pyarrow writes them.
char* print_float(char* to, float value);
char* print_float(char* to, double value);

/// Days since 1970 as YYYY-MM-DD.
char* print_date(char* to, std::int64_t days);
/// Seconds of a day as HH:MM:SS.
char* print_time(char* to, std::int64_t seconds);
/// A point in time since 1970, in a unit of which a second has 10^digits.
char* print_moment(char* to, std::int64_t value, int digits, bool zoned);

/// A text; if it is quoted, its quotes are doubled. May write up to 16 bytes more than it returns,
/// and reads up to `readable`, where the bytes that the text is from end.
char* print_text(char* to, const char* text, const char* end, const char* readable, bool quoted);

}  // namespace csv
