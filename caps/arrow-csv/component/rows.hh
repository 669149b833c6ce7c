// Rows and their fields: RFC 4180 and its common extensions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace csv {

/// The characters that mean something.
struct Dialect {
  char delimiter = ',';
  std::optional<char> quote = '"';
  bool double_quote = true;
  std::optional<char> escape;
  bool ignore_empty_lines = true;
};

/// The fields of the whole rows of a text. They point into the text, or, where something had to be
/// taken out of them, into memory of their own; so both the text and this must stay.
class Rows {
 public:
  explicit Rows(const Dialect& dialect);

  /// Finds the rows of `text`; returns how much of it they are. What is left is the beginning of a
  /// row: none, if `last`. Nothing if a quoted field does not end, or a row is too long.
  std::optional<std::size_t> parse(std::string_view text, bool last);

  std::size_t count() const { return starts_.size(); }
  /// How many fields a row has.
  std::size_t width(std::size_t row) const {
    return (row + 1 < starts_.size() ? starts_[row + 1] : fields_.size()) - starts_[row];
  }
  std::string_view field(std::size_t row, std::size_t column) const {
    return view(fields_[starts_[row] + column]);
  }
  bool is_quoted(std::size_t row, std::size_t column) const {
    return fields_[starts_[row] + column].size & kQuoted;
  }

 private:
  struct Field {
    std::uint32_t start;
    std::uint32_t size;  // and the marks below
  };
  static constexpr std::uint32_t kQuoted = 1u << 31, kOwn = 1u << 30, kSize = kOwn - 1;

  enum class Row { kWhole, kCut, kEmpty };

  std::string_view view(Field field) const {
    return std::string_view((field.size & kOwn ? std::string_view(own_) : text_)
                                .substr(field.start, field.size & kSize));
  }
  bool is_special(char c) const { return special_[static_cast<unsigned char>(c)]; }
  std::size_t next_special(std::size_t at) const;
  Row row(std::size_t& at);
  bool field(std::size_t& at);
  bool quoted_field(std::size_t& at);
  bool rest_of_field(std::size_t& at, std::size_t own_start);
  std::size_t line_end(std::size_t at) const;

  Dialect dialect_;
  bool special_[256] = {};
  std::string_view text_;
  bool last_ = false;
  bool unterminated_ = false;
  std::string own_;
  std::vector<Field> fields_;
  std::vector<std::size_t> starts_;
};

}  // namespace csv
