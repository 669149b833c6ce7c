#include "print.hh"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <iterator>
#include <type_traits>

#ifdef __wasm_simd128__
#include <wasm_simd128.h>
#endif

namespace csv {

namespace {

// Of digits that are copied, this many are, whether they count or not: a copy of a known size is no
// call.
constexpr std::size_t kCopied = 32;
constexpr int kPlainFrom = -6, kPlainTo = 10;  // exponents of numbers that are written without one

char* copy_digits(char* to, const char* from, std::size_t count) {
  std::memcpy(to, from, kCopied);
  return to + count;
}

char* print_zeros(char* to, int count) {
  for (int i = 0; i < count; ++i) *to++ = '0';
  return to;
}

char* print_pair(char* to, std::uint32_t value) {
  static constexpr char kPairs[] =
      "00010203040506070809101112131415161718192021222324252627282930313233343536373839404142434445"
      "46"
      "47484950515253545556575859606162636465666768697071727374757677787980818283848586878889909192"
      "93"
      "949596979899";
  std::memcpy(to, kPairs + value % 100 * 2, 2);
  return to + 2;
}

// Digits, the first of which stands for 10^exponent. `digits` has room for twice what is copied.
char* print_decimal(char* to, const char* digits, std::size_t count, int exponent) {
  const bool plain = exponent >= kPlainFrom && exponent < kPlainTo;
  std::size_t whole = 1;
  if (plain && exponent < 0) {
    *to++ = '0', *to++ = '.';
    return copy_digits(print_zeros(to, -1 - exponent), digits, count);
  }
  if (plain) whole = static_cast<std::size_t>(exponent) + 1;
  to = copy_digits(to, digits, std::min(whole, count));
  if (whole > count) to = print_zeros(to, static_cast<int>(whole - count));
  if (count > whole) {
    *to++ = '.';
    to = copy_digits(to, digits + whole, count - whole);
  }
  if (plain) return to;
  *to++ = 'e', *to++ = exponent < 0 ? '-' : '+';
  return print_integer(to, std::abs(exponent));
}

/// A number as the whole number `digits` divided by 10^places; none if it has more places, or more
/// digits than a T always keeps: then the fewest digits are another matter.
template <typename T>
bool is_short(T value, std::uint64_t& digits, int& places) {
  constexpr T kPowers[] = {1, 10, 100, 1000, 10000, 100000, 1000000};
  constexpr T kMost = std::is_same_v<T, double> ? static_cast<T>(1e15) : static_cast<T>(1e6);
  for (places = 0; places < static_cast<int>(std::size(kPowers)); ++places) {
    const T scaled = value * kPowers[places];
    if (!(scaled < kMost)) return false;
    if (scaled == std::trunc(scaled) && scaled / kPowers[places] == value) {
      digits = static_cast<std::uint64_t>(scaled);
      return true;
    }
  }
  return false;
}

template <typename T>
char* print_short(char* to, std::uint64_t whole, int places) {
  char digits[2 * kCopied];
  const char* end = std::to_chars(digits, digits + sizeof digits, whole).ptr;
  const int exponent = static_cast<int>(end - digits) - 1 - places;
  while (end[-1] == '0') --end;
  return print_decimal(to, digits, static_cast<std::size_t>(end - digits), exponent);
}

template <typename T>
char* print_any(char* to, T value) {
  if (!std::isfinite(value)) {
    const char* text = std::isnan(value) ? "nan" : value < 0 ? "-inf" : "inf";
    for (; *text; ++text) *to++ = *text;
    return to;
  }
  if (std::signbit(value)) *to++ = '-';
  value = std::abs(value);
  if (value == 0) return *to++ = '0', to;
  std::uint64_t whole;
  int places, exponent = 0;
  if (is_short(value, whole, places)) return print_short<T>(to, whole, places);
  char digits[2 * kCopied];
  const char* end =
      std::to_chars(digits, digits + sizeof digits, value, std::chars_format::scientific).ptr;
  const char* mark = std::find(static_cast<const char*>(digits), end, 'e');
  std::from_chars(mark + (mark[1] == '+' ? 2 : 1), end, exponent);
  const bool has_point = mark - digits > 1;
  if (has_point) digits[1] = digits[0];
  return print_decimal(to, digits + has_point, static_cast<std::size_t>(mark - digits) - has_point,
                       exponent);
}

// Howard Hinnant's civil_from_days, of days since 0000-03-01 in the era of 400 years.
char* print_civil(char* to, std::int64_t era, std::uint32_t of_era) {
  const std::uint32_t year_of_era =
      (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
  const std::uint32_t of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100),
                      shifted = (5 * of_year + 2) / 153,
                      month = shifted < 10 ? shifted + 3 : shifted - 9;
  const std::int64_t year = year_of_era + era * 400 + (month <= 2);
  if (year < 0) *to++ = '-';
  const auto years = static_cast<std::uint64_t>(std::abs(year));
  if (years > 9999)
    to = print_integer(to, years);
  else
    to = print_pair(print_pair(to, static_cast<std::uint32_t>(years) / 100),
                    static_cast<std::uint32_t>(years));
  *to++ = '-';
  to = print_pair(to, month);
  *to++ = '-';
  return print_pair(to, of_year - (153 * shifted + 2) / 5 + 1);
}

// Copies up to 16 bytes that may be read and written whole; how many of them there are before a
// quote.
std::size_t copy_block(char* to, const char* from, std::size_t most) {
#ifdef __wasm_simd128__
  const v128_t block = wasm_v128_load(from);
  wasm_v128_store(to, block);
  const std::uint32_t quotes = wasm_i8x16_bitmask(wasm_i8x16_eq(block, wasm_i8x16_splat('"')));
  return quotes ? std::min(most, static_cast<std::size_t>(__builtin_ctz(quotes))) : most;
#else
  std::memcpy(to, from, 16);
  return static_cast<std::size_t>(std::find(from, from + most, '"') - from);
#endif
}

}  // namespace

char* print_float(char* to, float value) {
  return print_any(to, value);
}

char* print_float(char* to, double value) {
  return print_any(to, value);
}

char* print_date(char* to, std::int64_t days) {
  constexpr std::int64_t kEra = 146097;
  days += 719468;
  if (days >= 0 && days <= INT32_MAX) {
    const auto since = static_cast<std::uint32_t>(days), eras = since / 146097;
    return print_civil(to, eras, since - eras * 146097);
  }
  const std::int64_t era = (days >= 0 ? days : days - kEra + 1) / kEra;
  return print_civil(to, era, static_cast<std::uint32_t>(days - era * kEra));
}

char* print_time(char* to, std::int64_t seconds) {
  const auto value = static_cast<std::uint32_t>(std::abs(seconds));
  to = print_pair(to, value / 3600);
  *to++ = ':';
  to = print_pair(to, value / 60 % 60);
  *to++ = ':';
  return print_pair(to, value % 60);
}

char* print_moment(char* to, std::int64_t value, int digits, bool zoned) {
  std::int64_t unit = 1;
  for (int i = 0; i < digits; ++i) unit *= 10;
  const std::int64_t day = 86400 * unit, days = value / day - (value % day < 0),
                     rest = value - days * day, seconds = rest / unit;
  to = print_date(to, days);
  *to++ = ' ';
  to = print_time(to, seconds);
  if (digits) {
    *to++ = '.';
    auto parts = static_cast<std::uint32_t>(rest - seconds * unit);
    for (int i = digits; i-- > 0; parts /= 10) to[i] = static_cast<char>('0' + parts % 10);
    to += digits;
  }
  if (zoned) *to++ = 'Z';
  return to;
}

char* print_text(char* to, const char* text, const char* end, const char* readable, bool quoted) {
  constexpr std::ptrdiff_t kBlock = 16;
  while (text < end) {
    const auto left = static_cast<std::size_t>(std::min(end - text, kBlock));
    if (readable - text < kBlock) {
      const char c = *text++;
      *to++ = c;
      if (c == '"' && quoted) *to++ = '"';
      continue;
    }
    const std::size_t plain = copy_block(to, text, left);
    const bool stops = quoted && plain < left;
    const std::size_t count = stops ? plain + 1 : left;
    to += count, text += count;
    if (stops) *to++ = '"';
  }
  return to;
}

}  // namespace csv
