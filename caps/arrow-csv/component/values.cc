#include "values.hh"

#include <algorithm>
#include <bit>
#include <cmath>
#include <concepts>
#include <cstring>
#include <limits>

#include "fast_float/fast_float.h"
#include "moments.hh"
#include "wire.hh"

namespace csv {

namespace {

using cap::bytes;

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

bool is_among(const std::vector<std::string>& texts, std::string_view text) {
  return std::ranges::any_of(texts, [&](const std::string& one) { return one == text; });
}

/// Which values are null: a bit for each value that is not, if there are such.
class Bitmap {
 public:
  explicit Bitmap(std::size_t length) : length_(length) {}

  void set_null(std::size_t at) {
    if (bits_.empty()) {
      bits_.resize((length_ + 7) / 8);
      std::ranges::fill(bits_, 0xff);
      if (length_ % 8) bits_[bits_.size() - 1] = static_cast<std::uint8_t>((1u << length_ % 8) - 1);
    }
    bits_[at / 8] = static_cast<std::uint8_t>(bits_[at / 8] & ~(1u << at % 8));
    ++nulls_;
  }
  std::size_t nulls() const { return nulls_; }
  bytes take() { return std::move(bits_); }

 private:
  std::size_t length_, nulls_ = 0;
  bytes bits_;
};

/// One column on its way.
struct Task {
  const Column& column;
  const Conversion& how;
  std::size_t& misfit;

  std::size_t length() const { return column.rows->count() - column.from; }
  std::string_view text(std::size_t i) const {
    return column.rows->field(column.from + i, column.place);
  }
  bool is_quoted(std::size_t i) const {
    return column.rows->is_quoted(column.from + i, column.place);
  }
  bool is_null(std::size_t i) const { return how.is_null(text(i), is_quoted(i)); }
};

cap::csv::column made(kind what, Bitmap& nulls) {
  cap::csv::column out;
  out.kind = what;
  out.null_count = nulls.nulls();
  out.buffers.push_back(nulls.take());
  return out;
}

/// Values of fixed width: parse(text) is an optional of one.
template <typename T, typename Parse>
std::optional<cap::csv::column> fixed(const Task& task, kind what, Parse parse) {
  Bitmap nulls(task.length());
  bytes values(task.length() * sizeof(T));
  for (std::size_t i = 0; i < task.length(); ++i) {
    const std::optional<T> value = parse(trimmed(task.text(i)));
    if (!value && !task.is_null(i)) return task.misfit = task.column.from + i, std::nullopt;
    if (!value) nulls.set_null(i);
    const T kept = value.value_or(T{});
    std::memcpy(values.data() + i * sizeof(T), &kept, sizeof(T));
  }
  auto out = made(what, nulls);
  out.buffers.push_back(std::move(values));
  return out;
}

template <std::integral T>
std::optional<T> integer(std::string_view text) {
  T value;
  if (text.starts_with('+')) return {};
  const auto [end, code] = fast_float::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc() || end != text.data() + text.size()) return {};
  return value;
}

/// NaN counts as no number where it may be a null value.
template <std::floating_point T>
std::optional<cap::csv::column> floats(const Task& task, kind what) {
  const fast_float::parse_options_t<char> options{fast_float::chars_format::general,
                                                  task.how.decimal_point};
  const auto parse = [&](std::string_view text) -> std::optional<T> {
    T value;
    if (text.starts_with('+')) text.remove_prefix(1);
    const auto [end, code] =
        fast_float::from_chars_advanced(text.data(), text.data() + text.size(), value, options);
    const bool all = !text.empty() && end == text.data() + text.size();
    if (!all || (code != std::errc() && code != std::errc::result_out_of_range)) return {};
    if (std::isnan(value) && task.how.is_null(text, false)) return {};
    return value;
  };
  return fixed<T>(task, what, parse);
}

std::optional<cap::csv::column> booleans(const Task& task) {
  Bitmap nulls(task.length());
  bytes values((task.length() + 7) / 8);
  std::ranges::fill(values, 0);
  for (std::size_t i = 0; i < task.length(); ++i) {
    const std::string_view text = trimmed(task.text(i));
    if (is_among(task.how.trues, text))
      values[i / 8] = static_cast<std::uint8_t>(values[i / 8] | 1u << i % 8);
    else if (is_among(task.how.falses, text))
      continue;
    else if (task.is_null(i))
      nulls.set_null(i);
    else
      return task.misfit = task.column.from + i, std::nullopt;
  }
  auto out = made(kind::boolean, nulls);
  out.buffers.push_back(std::move(values));
  return out;
}

/// A point in time in a unit of so many nanoseconds; none if it has smaller parts, is out of range,
/// or has a zone where it should not.
std::optional<cap::csv::column> moments(const Task& task, kind what, std::int64_t unit_nanos,
                                        bool zoned) {
  return fixed<std::int64_t>(task, what, [=](std::string_view text) -> std::optional<std::int64_t> {
    const auto moment = parse_moment(text);
    std::int64_t value;
    if (!moment || moment->has_zone != zoned || moment->nanos % unit_nanos) return {};
    if (__builtin_mul_overflow(moment->seconds, 1'000'000'000 / unit_nanos, &value) ||
        __builtin_add_overflow(value, moment->nanos / unit_nanos, &value))
      return {};
    return value;
  });
}

std::optional<cap::csv::column> texts(const Task& task, kind what) {
  Bitmap nulls(task.length());
  bytes offsets((task.length() + 1) * sizeof(std::int32_t)), data;
  std::size_t end = 0;
  for (std::size_t i = 0; i < task.length(); ++i) end += task.text(i).size();
  if (end > INT32_MAX || !data.try_resize(end)) return task.misfit = task.column.from, std::nullopt;
  end = 0;
  std::memset(offsets.data(), 0, sizeof(std::int32_t));
  for (std::size_t i = 0; i < task.length(); ++i) {
    const std::string_view text = task.text(i);
    if (task.how.texts_can_be_null && task.is_null(i)) {
      nulls.set_null(i);
    } else {
      std::ranges::copy(text, data.data() + end);
      if (what == kind::text && task.how.check_utf8 &&
          !cap::glue::is_utf8(data.data() + end, text.size()))
        return task.misfit = task.column.from + i, std::nullopt;
      end += text.size();
    }
    const auto offset = static_cast<std::int32_t>(end);
    std::memcpy(offsets.data() + (i + 1) * sizeof offset, &offset, sizeof offset);
  }
  data.resize(end);
  auto out = made(what, nulls);
  out.buffers.push_back(std::move(offsets));
  out.buffers.push_back(std::move(data));
  return out;
}

std::optional<cap::csv::column> nothing(const Task& task) {
  for (std::size_t i = 0; i < task.length(); ++i)
    if (!task.is_null(i)) return task.misfit = task.column.from + i, std::nullopt;
  cap::csv::column out;
  out.kind = kind::null;
  out.null_count = task.length();
  return out;
}

}  // namespace

bool Conversion::is_null(std::string_view text, bool quoted) const {
  return (!quoted || quoted_can_be_null) && is_among(nulls, text);
}

kind wider(kind than) {
  return than < kind::binary ? static_cast<kind>(static_cast<std::uint32_t>(than) + 1)
                             : kind::binary;
}

std::optional<cap::csv::column> convert(const Column& column, kind wanted, const Conversion& how,
                                        std::size_t& misfit) {
  constexpr std::int64_t kSecond = 1'000'000'000, kMilli = 1'000'000, kMicro = 1000, kNano = 1;
  const Task task{column, how, misfit};
  switch (wanted) {
    case kind::null:
      return nothing(task);
    case kind::boolean:
      return booleans(task);
    case kind::int8:
      return fixed<std::int8_t>(task, wanted, integer<std::int8_t>);
    case kind::int16:
      return fixed<std::int16_t>(task, wanted, integer<std::int16_t>);
    case kind::int32:
      return fixed<std::int32_t>(task, wanted, integer<std::int32_t>);
    case kind::int64:
      return fixed<std::int64_t>(task, wanted, integer<std::int64_t>);
    case kind::uint8:
      return fixed<std::uint8_t>(task, wanted, integer<std::uint8_t>);
    case kind::uint16:
      return fixed<std::uint16_t>(task, wanted, integer<std::uint16_t>);
    case kind::uint32:
      return fixed<std::uint32_t>(task, wanted, integer<std::uint32_t>);
    case kind::uint64:
      return fixed<std::uint64_t>(task, wanted, integer<std::uint64_t>);
    case kind::float32:
      return floats<float>(task, wanted);
    case kind::float64:
      return floats<double>(task, wanted);
    case kind::date32:
      return fixed<std::int32_t>(task, wanted, parse_date);
    case kind::time32_s:
      return fixed<std::int32_t>(task, wanted, parse_time);
    case kind::timestamp_s:
    case kind::timestamp_s_utc:
      return moments(task, wanted, kSecond, wanted == kind::timestamp_s_utc);
    case kind::timestamp_ms:
    case kind::timestamp_ms_utc:
      return moments(task, wanted, kMilli, wanted == kind::timestamp_ms_utc);
    case kind::timestamp_us:
    case kind::timestamp_us_utc:
      return moments(task, wanted, kMicro, wanted == kind::timestamp_us_utc);
    case kind::timestamp_ns:
    case kind::timestamp_ns_utc:
      return moments(task, wanted, kNano, wanted == kind::timestamp_ns_utc);
    case kind::text:
    case kind::binary:
      return texts(task, wanted);
  }
  return {};
}

}  // namespace csv
