#include "compose/time.hh"

#include <chrono>
#include <cstdio>

namespace pylon::compose {
namespace {

using Days = std::chrono::sys_days;

// The number in `text` at [at, at + length), or -1.
int number(std::string_view text, std::size_t at, std::size_t length) {
  int out = 0;
  for (char c : text.substr(at, length)) {
    if (c < '0' || c > '9') return -1;
    out = out * 10 + (c - '0');
  }
  return out;
}

tl::unexpected<Error> malformed(std::string_view text) {
  return fail(ErrorKind::kInput, "'" + std::string(text.substr(0, 80)) + "' is no time",
              "write it as 2026-12-31T23:59:59Z or 2026-12-31");
}

}  // namespace

Seconds now() {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::seconds>(since).count();
}

std::string time_text(Seconds time) {
  const std::chrono::sys_seconds point{std::chrono::seconds(time)};
  const Days day = std::chrono::floor<std::chrono::days>(point);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(point - day);
  char out[64];
  std::snprintf(out, sizeof out, "%04d-%02u-%02uT%02d:%02d:%02dZ", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()));
  return out;
}

Result<Seconds> parse_time(std::string_view text) {
  const bool day_only = text.size() == 10;
  if (!day_only && text.size() != 20) return malformed(text);
  const std::string_view separators = day_only ? "    -  -  " : "    -  -  T  :  :  Z";
  for (std::size_t i = 0; i < text.size(); ++i)
    if (separators[i] != ' ' && separators[i] != text[i]) return malformed(text);
  const int year = number(text, 0, 4), month = number(text, 5, 2), day = number(text, 8, 2);
  if (year < 1970 || month < 0 || day < 0) return malformed(text);
  const std::chrono::year_month_day date(std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day)));
  if (!date.ok()) return malformed(text);
  const Seconds begin = Days(date).time_since_epoch().count() * Seconds{86400};
  if (day_only) return begin;
  const int hour = number(text, 11, 2), minute = number(text, 14, 2), second = number(text, 17, 2);
  const bool ok =
      hour >= 0 && hour < 24 && minute >= 0 && minute < 60 && second >= 0 && second < 60;
  if (!ok) return malformed(text);
  return begin + hour * 3600 + minute * 60 + second;
}

}  // namespace pylon::compose
