#include "moments.hh"

namespace csv {

namespace {

constexpr std::int64_t kDay = 86400;

/// Takes parts of a text from its front.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  bool done() const { return rest_.empty(); }
  bool take(char c) {
    if (rest_.empty() || rest_[0] != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  /// Exactly so many digits; -1 if they are not there.
  std::int32_t digits(std::size_t count) {
    if (rest_.size() < count) return -1;
    std::int32_t value = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (rest_[i] < '0' || rest_[i] > '9') return -1;
      value = value * 10 + (rest_[i] - '0');
    }
    rest_.remove_prefix(count);
    return value;
  }
  /// From 1 to 9 digits, as nanoseconds; -1 if there are none or more.
  std::int32_t fraction() {
    std::int32_t value = 0, count = 0;
    for (; count < 9 && !rest_.empty() && rest_[0] >= '0' && rest_[0] <= '9';
         ++count, rest_.remove_prefix(1))
      value = value * 10 + (rest_[0] - '0');
    if (count == 0) return -1;
    for (; count < 9; ++count) value *= 10;
    return value;
  }

 private:
  std::string_view rest_;
};

std::int64_t days_of(std::int64_t year, std::int32_t month, std::int32_t day) {
  year -= month <= 2;
  const std::int64_t era = (year >= 0 ? year : year - 399) / 400, of_era = year - era * 400;
  const std::int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

bool is_date(std::int32_t year, std::int32_t month, std::int32_t day) {
  static constexpr std::int32_t kLength[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (year < 0 || month < 1 || month > 12 || day < 1) return false;
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return day <= kLength[month - 1] + (month == 2 && leap);
}

std::optional<std::int64_t> take_date(Scanner& from) {
  const std::int32_t year = from.digits(4);
  const bool first = from.take('-');
  const std::int32_t month = from.digits(2);
  const bool second = from.take('-');
  const std::int32_t day = from.digits(2);
  if (!first || !second || !is_date(year, month, day)) return {};
  return days_of(year, month, day);
}

std::optional<std::int32_t> take_time(Scanner& from, bool needs_minutes) {
  const std::int32_t hour = from.digits(2);
  if (hour < 0 || hour > 23) return {};
  if (!from.take(':')) return needs_minutes ? std::optional<std::int32_t>() : hour * 3600;
  const std::int32_t minute = from.digits(2);
  if (minute < 0 || minute > 59) return {};
  if (!from.take(':')) return hour * 3600 + minute * 60;
  const std::int32_t second = from.digits(2);
  if (second < 0 || second > 59) return {};
  return hour * 3600 + minute * 60 + second;
}

// What Z, +HH, +HHMM or +HH:MM is in seconds.
std::optional<std::int32_t> take_zone(Scanner& from) {
  if (from.take('Z')) return 0;
  const bool minus = from.take('-');
  if (!minus && !from.take('+')) return {};
  const std::int32_t hours = from.digits(2);
  from.take(':');
  const std::int32_t minutes = from.done() ? 0 : from.digits(2);
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return {};
  return (minus ? -1 : 1) * (hours * 3600 + minutes * 60);
}

}  // namespace

std::optional<std::int32_t> parse_date(std::string_view text) {
  Scanner from(text);
  const auto days = take_date(from);
  if (!days || !from.done()) return {};
  return static_cast<std::int32_t>(*days);
}

std::optional<std::int32_t> parse_time(std::string_view text) {
  Scanner from(text);
  const auto seconds = take_time(from, true);
  if (!seconds || !from.done()) return {};
  return seconds;
}

std::optional<Moment> parse_moment(std::string_view text) {
  Scanner from(text);
  const auto days = take_date(from);
  if (!days) return {};
  Moment out{*days * kDay, 0, false};
  if (from.done()) return out;
  if (!from.take(' ') && !from.take('T')) return {};
  const auto seconds = take_time(from, false);
  if (!seconds) return {};
  out.seconds += *seconds;
  if (from.take('.') && (out.nanos = from.fraction()) < 0) return {};
  if (from.done()) return out;
  const auto zone = take_zone(from);
  if (!zone || !from.done()) return {};
  out.seconds -= *zone;
  out.has_zone = true;
  return out;
}

}  // namespace csv
