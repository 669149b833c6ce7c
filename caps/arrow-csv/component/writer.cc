// Columns as rows of text.
#include <algorithm>
#include <cstring>

#include "arrow_csv_cap.hh"
#include "print.hh"

namespace cap::csv {

namespace {

failure<error> invalid(std::string text) {
  return err(error{error::invalid{std::move(text)}});
}

constexpr std::size_t kBlock = 16;  // as much as print_text() may write behind its end

/// What is written, as it grows.
class Text {
 public:
  /// Room for so many bytes more; null if there is no memory. What of it was used is said to
  /// used().
  char* room(std::uint64_t most) {
    if (most > bytes_.size() - size_) {
      const std::uint64_t least = size_ + most, twice = bytes_.size() * std::uint64_t{2};
      if (!grow(std::max(least, twice)) && !grow(least)) return nullptr;
    }
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
  bool grow(std::uint64_t size) {
    return size <= SIZE_MAX && bytes_.try_resize(static_cast<std::size_t>(size));
  }

  bytes bytes_;
  std::size_t size_ = 0;
};

bool bit_at(const std::uint8_t* bits, std::size_t at) {
  return bits[at / 8] >> at % 8 & 1;
}

/// A column that fits() its rows, as its cells are read.
class Cells {
 public:
  explicit Cells(const source& from) : kind_(from.kind), quoted_(from.quoted) {
    if (kind_ == kind::null) return;
    if (!from.buffers[0].empty()) valid_ = from.buffers[0].data();
    values_ = from.buffers[1].data();
    if (!is_text()) return;
    data_ = reinterpret_cast<const char*>(from.buffers[2].data());
    readable_ = data_ + from.buffers[2].size();
  }

  bool is_text() const { return kind_ == kind::text || kind_ == kind::binary; }

  /// The most bytes that a cell's text has.
  std::uint64_t most(std::size_t at) const {
    constexpr std::uint64_t kQuotes = 2;
    if (!is_text()) return ::csv::kLongestPrinted + kQuotes;
    return (std::uint64_t{2} * value_at<std::uint32_t>(at + 1) -
            std::uint64_t{2} * value_at<std::uint32_t>(at)) +
           kQuotes;
  }

  char* print(char* to, std::size_t at) const {
    if (kind_ == kind::null || (valid_ && !bit_at(valid_, at))) return to;
    if (!quoted_) return print_value(to, at);
    *to++ = '"';
    to = print_value(to, at);
    *to++ = '"';
    return to;
  }

 private:
  template <typename T>
  T value_at(std::size_t at) const {
    T value;
    std::memcpy(&value, values_ + at * sizeof value, sizeof value);
    return value;
  }
  template <typename T>
  char* print_integer(char* to, std::size_t at) const {
    return ::csv::print_integer(to, +value_at<T>(at));
  }
  char* print_moment(char* to, std::size_t at, int digits, bool zoned) const {
    return ::csv::print_moment(to, value_at<std::int64_t>(at), digits, zoned);
  }
  char* print_text(char* to, std::size_t at) const {
    return ::csv::print_text(to, data_ + value_at<std::uint32_t>(at),
                             data_ + value_at<std::uint32_t>(at + 1), readable_, quoted_);
  }
  char* print_boolean(char* to, std::size_t at) const {
    const std::string_view text = bit_at(values_, at) ? "true" : "false";
    return std::ranges::copy(text, to).out;
  }
  char* print_value(char* to, std::size_t at) const;

  kind kind_;
  bool quoted_;
  const std::uint8_t* valid_ = nullptr;
  const std::uint8_t* values_ = nullptr;
  const char* data_ = nullptr;
  const char* readable_ = nullptr;
};

char* Cells::print_value(char* to, std::size_t at) const {
  switch (kind_) {
    case kind::null:
      return to;
    case kind::boolean:
      return print_boolean(to, at);
    case kind::int8:
      return print_integer<std::int8_t>(to, at);
    case kind::uint8:
      return print_integer<std::uint8_t>(to, at);
    case kind::int16:
      return print_integer<std::int16_t>(to, at);
    case kind::uint16:
      return print_integer<std::uint16_t>(to, at);
    case kind::int32:
      return print_integer<std::int32_t>(to, at);
    case kind::uint32:
      return print_integer<std::uint32_t>(to, at);
    case kind::int64:
      return print_integer<std::int64_t>(to, at);
    case kind::uint64:
      return print_integer<std::uint64_t>(to, at);
    case kind::float32:
      return ::csv::print_float(to, value_at<float>(at));
    case kind::float64:
      return ::csv::print_float(to, value_at<double>(at));
    case kind::date32:
      return ::csv::print_date(to, value_at<std::int32_t>(at));
    case kind::time32_s:
      return ::csv::print_time(to, value_at<std::int32_t>(at));
    case kind::timestamp_s:
    case kind::timestamp_s_utc:
      return print_moment(to, at, 0, kind_ == kind::timestamp_s_utc);
    case kind::timestamp_ms:
    case kind::timestamp_ms_utc:
      return print_moment(to, at, 3, kind_ == kind::timestamp_ms_utc);
    case kind::timestamp_us:
    case kind::timestamp_us_utc:
      return print_moment(to, at, 6, kind_ == kind::timestamp_us_utc);
    case kind::timestamp_ns:
    case kind::timestamp_ns_utc:
      return print_moment(to, at, 9, kind_ == kind::timestamp_ns_utc);
    case kind::text:
    case kind::binary:
      return print_text(to, at);
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
    std::int32_t offset;
    std::memcpy(&offset, from.buffers[1].data() + i * sizeof offset, sizeof offset);
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

/// What the text will have, about: its first room.
std::uint64_t guess(std::span<const source> columns, std::uint64_t rows) {
  constexpr std::uint64_t kMarks = 3;  // a delimiter and quotes
  std::uint64_t size = 0;
  for (const source& one : columns) {
    size += rows * kMarks;
    for (const bytes& buffer : one.buffers) size += buffer.size();
  }
  return size;
}

}  // namespace

result<bytes, error> write(std::span<const source> columns, std::uint64_t rows,
                           std::uint8_t delimiter) {
  std::vector<Cells> cells;
  std::uint64_t fixed = kBlock + columns.size() + 1;
  std::vector<const Cells*> texts;
  cells.reserve(columns.size());
  for (const source& one : columns) {
    if (!fits(one, rows)) return invalid("a column to be written is not what its kind says");
    cells.emplace_back(one);
    if (cells.back().is_text())
      texts.push_back(&cells.back());
    else
      fixed += cells.back().most(0);
  }
  Text out;
  const auto count = static_cast<std::size_t>(rows);
  if (count > 0 && !out.room(guess(columns, rows)))
    return invalid("there is no memory for the text");
  for (std::size_t row = 0; row < count; ++row) {
    std::uint64_t most = fixed;
    for (const Cells* one : texts) most += one->most(row);
    char* to = out.room(most);
    if (!to) return invalid("there is no memory for the text of row " + std::to_string(row));
    for (const Cells& one : cells) {
      to = one.print(to, row);
      *to++ = static_cast<char>(delimiter);
    }
    if (!cells.empty()) --to;
    *to++ = '\n';
    out.used(to);
  }
  return out.take();
}

}  // namespace cap::csv
