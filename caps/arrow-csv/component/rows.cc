#include "rows.hh"

#include <cstring>

#ifdef __wasm_simd128__
#include <wasm_simd128.h>
#endif

namespace csv {

Rows::Rows(const Dialect& dialect) : dialect_(dialect) {
  for (char c : {dialect.delimiter, '\n', '\r'}) special_[static_cast<unsigned char>(c)] = true;
  if (dialect.escape) special_[static_cast<unsigned char>(*dialect.escape)] = true;
}

std::optional<std::size_t> Rows::parse(std::string_view text, bool last) {
  text_ = text;
  last_ = last;
  unterminated_ = false;
  fields_.clear();
  starts_.clear();
  own_.clear();
  if (text.size() > kSize) return {};
  std::size_t at = 0, whole = 0;
  while (at < text.size()) {
    const std::size_t fields = fields_.size(), own = own_.size();
    const Row found = row(at);
    if (found == Row::kWhole) starts_.push_back(fields);
    if (found == Row::kCut || found == Row::kEmpty) {
      fields_.resize(fields);
      own_.resize(own);
    }
    if (found == Row::kCut) break;
    whole = at;
  }
  if (unterminated_) return {};
  return whole;
}

// The first of the characters that end a plain stretch, or the end.
std::size_t Rows::next_special(std::size_t at) const {
  const char* data = text_.data();
  const std::size_t size = text_.size();
#ifdef __wasm_simd128__
  const v128_t delimiter = wasm_i8x16_splat(dialect_.delimiter), newline = wasm_i8x16_splat('\n'),
               carriage = wasm_i8x16_splat('\r'),
               escape = wasm_i8x16_splat(dialect_.escape.value_or('\n'));
  for (; at + 16 <= size; at += 16) {
    const v128_t block = wasm_v128_load(data + at);
    const v128_t found =
        wasm_v128_or(wasm_v128_or(wasm_i8x16_eq(block, delimiter), wasm_i8x16_eq(block, newline)),
                     wasm_v128_or(wasm_i8x16_eq(block, carriage), wasm_i8x16_eq(block, escape)));
    if (const std::uint32_t mask = wasm_i8x16_bitmask(found))
      return at + static_cast<std::size_t>(__builtin_ctz(mask));
  }
#endif
  while (at < size && !is_special(data[at])) ++at;
  return at;
}

// Where the line that ends at `at` is over; npos if that is not to be told yet.
std::size_t Rows::line_end(std::size_t at) const {
  if (text_[at] == '\n') return at + 1;
  if (at + 1 == text_.size()) return last_ ? at + 1 : std::string_view::npos;
  return at + (text_[at + 1] == '\n' ? 2 : 1);
}

Rows::Row Rows::row(std::size_t& at) {
  const std::size_t first = fields_.size(), begin = at;
  while (field(at)) {
    if (at == text_.size()) return last_ ? Row::kWhole : Row::kCut;
    if (text_[at] == dialect_.delimiter) {
      ++at;
      continue;
    }
    const std::size_t end = line_end(at);
    if (end == std::string_view::npos) return Row::kCut;
    const bool empty = at == begin && fields_.size() == first + 1;
    at = end;
    return empty && dialect_.ignore_empty_lines ? Row::kEmpty : Row::kWhole;
  }
  return Row::kCut;
}

// Takes one field; `at` is then where its end mark is, or the end of the text. False if it is cut.
bool Rows::field(std::size_t& at) {
  if (dialect_.quote && at < text_.size() && text_[at] == *dialect_.quote) return quoted_field(at);
  const std::size_t start = at;
  at = next_special(at);
  if (at < text_.size() && dialect_.escape && text_[at] == *dialect_.escape) {
    const std::size_t own_start = own_.size();
    own_.append(text_.substr(start, at - start));
    return rest_of_field(at, own_start);
  }
  fields_.push_back({static_cast<std::uint32_t>(start), static_cast<std::uint32_t>(at - start)});
  return true;
}

// What follows plainly in a field that has memory of its own.
bool Rows::rest_of_field(std::size_t& at, std::size_t own_start) {
  for (;;) {
    const std::size_t start = at;
    at = next_special(at);
    own_.append(text_.substr(start, at - start));
    if (at == text_.size() || !dialect_.escape || text_[at] != *dialect_.escape) break;
    if (at + 1 == text_.size()) {
      if (!last_) return false;
      ++at;
      break;
    }
    own_.push_back(text_[at + 1]);
    at += 2;
  }
  fields_.push_back({static_cast<std::uint32_t>(own_start),
                     static_cast<std::uint32_t>(own_.size() - own_start) | kOwn});
  return true;
}

bool Rows::quoted_field(std::size_t& at) {
  const char quote = *dialect_.quote;
  const std::size_t own_start = own_.size();
  std::size_t start = ++at;
  bool is_own = false;
  const auto keep = [&](std::size_t end) {
    own_.append(text_.substr(start, end - start)), is_own = true;
  };
  for (;;) {
    while (at < text_.size() && text_[at] != quote &&
           (!dialect_.escape || text_[at] != *dialect_.escape)) {
      const std::size_t next = dialect_.escape ? at + 1 : text_.find(quote, at);
      at = next == std::string_view::npos ? text_.size() : next;
    }
    if (at == text_.size()) {
      unterminated_ = last_;
      return false;
    }
    const bool at_end = at + 1 == text_.size();
    if (at_end && !last_) return false;
    if (dialect_.escape && text_[at] == *dialect_.escape && *dialect_.escape != quote) {
      keep(at);
      if (!at_end) own_.push_back(text_[at + 1]);
      at = std::min(at + 2, text_.size());
      start = at;
    } else if (!at_end && dialect_.double_quote && text_[at + 1] == quote) {
      keep(at + 1);
      at += 2;
      start = at;
    } else {
      break;
    }
  }
  const std::size_t end = at++;
  const bool ends = at == text_.size() || text_[at] == dialect_.delimiter || text_[at] == '\n' ||
                    text_[at] == '\r';
  if (ends && !is_own) {
    fields_.push_back(
        {static_cast<std::uint32_t>(start), static_cast<std::uint32_t>(end - start) | kQuoted});
    return true;
  }
  keep(end);
  if (!rest_of_field(at, own_start)) return false;
  fields_.back().size |= kQuoted;
  return true;
}

}  // namespace csv
