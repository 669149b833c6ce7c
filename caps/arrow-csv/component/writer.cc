// Columns as rows of text.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>

#include "values.hh"

namespace cap::csv {

namespace {

failure<error> invalid(std::string text) {
  return err(error{error::invalid{std::move(text)}});
}

/// What is written, as it grows.
class Text {
 public:
  void put(char c) { *room(1) = c, size_ += 1; }
  void put(std::string_view text) {
    std::memcpy(room(text.size()), text.data(), text.size());
    size_ += text.size();
  }
  /// Room for so many bytes more; what of it was used is said to used().
  char* room(std::size_t most) {
    if (size_ + most > bytes_.size()) bytes_.resize(std::max(size_ + most, bytes_.size() * 2));
    return reinterpret_cast<char*>(bytes_.data()) + size_;
  }
  void used(const char* end) {
    size_ = static_cast<std::size_t>(end - reinterpret_cast<char*>(bytes_.data()));
  }
  bytes take() {
    bytes_.resize(size_);
    return std::move(bytes_);
  }

 private:
  bytes bytes_;
  std::size_t size_ = 0;
};

constexpr std::size_t kLongestNumber = 32;

template <typename T>
T value_at(const source& from, std::size_t at) {
  T value;
  std::memcpy(&value, from.buffers[1].data() + at * sizeof value, sizeof value);
  return value;
}

bool bit_at(const bytes& bits, std::size_t at) {
  return bits[at / 8] >> at % 8 & 1;
}

template <typename T>
void put_number(Text& to, T value) {
  char* start = to.room(kLongestNumber);
  to.used(std::to_chars(start, start + kLongestNumber, value).ptr);
}

// Digits, the first of which stands for 10^exponent, as pyarrow writes them.
void put_decimal(Text& to, std::string_view digits, int exponent) {
  const bool plain = exponent >= -6 && exponent < 10;
  const auto whole = static_cast<std::size_t>(plain && exponent >= 0 ? exponent + 1
                                              : plain                ? 0
                                                                     : 1);
  if (whole == 0) to.put("0");
  to.put(digits.substr(0, whole));
  for (std::size_t i = digits.size(); i < whole; ++i) to.put('0');
  if (digits.size() > whole) {
    to.put('.');
    for (int i = exponent; plain && i < -1; ++i) to.put('0');
    to.put(digits.substr(whole));
  }
  if (plain) return;
  to.put(exponent < 0 ? "e-" : "e+");
  put_number(to, std::abs(exponent));
}

// The fewest digits that are this number.
template <typename T>
void put_float(Text& to, T value) {
  if (!std::isfinite(value)) return to.put(std::isnan(value) ? "nan" : value < 0 ? "-inf" : "inf");
  if (std::signbit(value)) to.put('-');
  if (value == 0) return to.put('0');
  char buffer[kLongestNumber], digits[kLongestNumber];
  const char* end =
      std::to_chars(buffer, buffer + sizeof buffer, std::abs(value), std::chars_format::scientific)
          .ptr;
  const char* mark = std::find(buffer, buffer + (end - buffer), 'e');
  const char* last = std::remove_copy(static_cast<const char*>(buffer), mark, digits, '.');
  int exponent = 0;
  std::from_chars(mark + (mark[1] == '+' ? 2 : 1), end, exponent);
  put_decimal(to, {digits, static_cast<std::size_t>(last - digits)}, exponent);
}

void put_digits(Text& to, std::int64_t value, int count) {
  char* start = to.room(20);
  value = std::abs(value);
  for (int i = count; i-- > 0; value /= 10) start[i] = static_cast<char>('0' + value % 10);
  to.used(start + count);
}

// Days since 1970 as YYYY-MM-DD (Howard Hinnant's civil_from_days).
void put_date(Text& to, std::int64_t days) {
  days += 719468;
  const std::int64_t era = (days >= 0 ? days : days - 146096) / 146097,
                     of_era = days - era * 146097;
  const std::int64_t year_of_era =
      (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
  const std::int64_t of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100),
                     shifted = (5 * of_year + 2) / 153;
  const std::int64_t month = shifted < 10 ? shifted + 3 : shifted - 9,
                     year = year_of_era + era * 400 + (month <= 2);
  if (year < 0) to.put('-');
  if (std::abs(year) > 9999)
    put_number(to, std::abs(year));
  else
    put_digits(to, year, 4);
  to.put('-');
  put_digits(to, month, 2);
  to.put('-');
  put_digits(to, of_year - (153 * shifted + 2) / 5 + 1, 2);
}

void put_time(Text& to, std::int64_t seconds) {
  put_digits(to, seconds / 3600, 2);
  to.put(':');
  put_digits(to, seconds / 60 % 60, 2);
  to.put(':');
  put_digits(to, seconds % 60, 2);
}

// A point in time in a unit of which a second has 10^digits.
void put_moment(Text& to, std::int64_t value, int digits, bool zoned) {
  std::int64_t unit = 1;
  for (int i = 0; i < digits; ++i) unit *= 10;
  const std::int64_t day = 86400 * unit, days = value / day - (value % day < 0),
                     rest = value - days * day;
  put_date(to, days);
  to.put(' ');
  put_time(to, rest / unit);
  if (digits) to.put('.'), put_digits(to, rest % unit, digits);
  if (zoned) to.put('Z');
}

void put_text(Text& to, const source& from, std::size_t at) {
  const auto start = static_cast<std::size_t>(value_at<std::int32_t>(from, at)),
             end = static_cast<std::size_t>(value_at<std::int32_t>(from, at + 1));
  std::string_view text(reinterpret_cast<const char*>(from.buffers[2].data()) + start, end - start);
  if (!from.quoted) return to.put(text);
  for (std::size_t quote; (quote = text.find('"')) != text.npos; text.remove_prefix(quote + 1)) {
    to.put(text.substr(0, quote + 1));
    to.put('"');
  }
  to.put(text);
}

void put_value(Text& to, const source& from, std::size_t at) {
  switch (from.kind) {
    case kind::null:
      return;
    case kind::boolean:
      return to.put(bit_at(from.buffers[1], at) ? "true" : "false");
    case kind::int8:
      return put_number(to, static_cast<int>(value_at<std::int8_t>(from, at)));
    case kind::uint8:
      return put_number(to, static_cast<int>(value_at<std::uint8_t>(from, at)));
    case kind::int16:
      return put_number(to, value_at<std::int16_t>(from, at));
    case kind::uint16:
      return put_number(to, value_at<std::uint16_t>(from, at));
    case kind::int32:
      return put_number(to, value_at<std::int32_t>(from, at));
    case kind::uint32:
      return put_number(to, value_at<std::uint32_t>(from, at));
    case kind::int64:
      return put_number(to, value_at<std::int64_t>(from, at));
    case kind::uint64:
      return put_number(to, value_at<std::uint64_t>(from, at));
    case kind::float32:
      return put_float(to, value_at<float>(from, at));
    case kind::float64:
      return put_float(to, value_at<double>(from, at));
    case kind::date32:
      return put_date(to, value_at<std::int32_t>(from, at));
    case kind::time32_s:
      return put_time(to, value_at<std::int32_t>(from, at));
    case kind::timestamp_s:
    case kind::timestamp_s_utc:
      return put_moment(to, value_at<std::int64_t>(from, at), 0,
                        from.kind == kind::timestamp_s_utc);
    case kind::timestamp_ms:
    case kind::timestamp_ms_utc:
      return put_moment(to, value_at<std::int64_t>(from, at), 3,
                        from.kind == kind::timestamp_ms_utc);
    case kind::timestamp_us:
    case kind::timestamp_us_utc:
      return put_moment(to, value_at<std::int64_t>(from, at), 6,
                        from.kind == kind::timestamp_us_utc);
    case kind::timestamp_ns:
    case kind::timestamp_ns_utc:
      return put_moment(to, value_at<std::int64_t>(from, at), 9,
                        from.kind == kind::timestamp_ns_utc);
    case kind::text:
    case kind::binary:
      return put_text(to, from, at);
  }
}

// How many bytes a value has; 0 for what has no width.
std::size_t width_of(kind what) {
  switch (what) {
    case kind::int8:
    case kind::uint8:
      return 1;
    case kind::int16:
    case kind::uint16:
      return 2;
    case kind::int32:
    case kind::uint32:
    case kind::float32:
    case kind::date32:
    case kind::time32_s:
    case kind::text:
    case kind::binary:
      return 4;
    case kind::null:
    case kind::boolean:
      return 0;
    default:
      return 8;
  }
}

// True if the offsets of texts are in order and inside of the data.
bool offsets_fit(const source& from, std::uint64_t rows) {
  std::int64_t before = 0;
  for (std::uint64_t i = 0; i <= rows; ++i) {
    const auto offset = value_at<std::int32_t>(from, static_cast<std::size_t>(i));
    if (offset < before) return false;
    before = offset;
  }
  return static_cast<std::size_t>(before) <= from.buffers[2].size();
}

// True if the buffers have all that the rows need.
bool fits(const source& from, std::uint64_t rows) {
  const bool text = from.kind == kind::text || from.kind == kind::binary;
  if (from.kind == kind::null) return true;
  if (from.buffers.size() != (text ? 3 : 2) || rows > INT32_MAX) return false;
  const std::uint64_t bitmap = (rows + 7) / 8;
  if (!from.buffers[0].empty() && from.buffers[0].size() < bitmap) return false;
  if (rows == 0) return true;
  const std::uint64_t least =
      from.kind == kind::boolean ? bitmap : (rows + text) * width_of(from.kind);
  return from.buffers[1].size() >= least && (!text || offsets_fit(from, rows));
}

void put_cell(Text& to, const source& from, std::size_t at) {
  if (from.kind == kind::null || (!from.buffers[0].empty() && !bit_at(from.buffers[0], at))) return;
  if (from.quoted) to.put('"');
  put_value(to, from, at);
  if (from.quoted) to.put('"');
}

}  // namespace

result<bytes, error> write(std::span<const source> columns, std::uint64_t rows,
                           std::uint8_t delimiter) {
  for (const source& one : columns)
    if (!fits(one, rows)) return invalid("a column to be written is not what its kind says");
  Text out;
  for (std::uint64_t row = 0; row < rows; ++row) {
    for (std::size_t i = 0; i < columns.size(); ++i) {
      if (i > 0) out.put(static_cast<char>(delimiter));
      put_cell(out, columns[i], static_cast<std::size_t>(row));
    }
    out.put('\n');
  }
  return out.take();
}

}  // namespace cap::csv
