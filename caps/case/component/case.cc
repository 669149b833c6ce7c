// Case conversions behind their contract, over utf8proc's tables.
#include <utf8proc.h>

#include "case_cap.hh"

namespace cap::convert {

namespace {

using Text = std::u32string;
constexpr char32_t kSharpS = 0xdf, kSigma = 0x3c3, kFinalSigma = 0x3c2;

enum class Kind { kSeparator, kOther, kLower, kUpper };

Kind kind_of(char32_t c) {
  switch (utf8proc_category(static_cast<utf8proc_int32_t>(c))) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LT:
      return Kind::kUpper;
    case UTF8PROC_CATEGORY_LL:
      return Kind::kLower;
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ME:
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_NL:
    case UTF8PROC_CATEGORY_NO:
      return Kind::kOther;
    default:
      return Kind::kSeparator;
  }
}

Text decode(std::string_view text) {
  Text out;
  const auto* next = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  for (auto left = static_cast<utf8proc_ssize_t>(text.size()); left > 0;) {
    utf8proc_int32_t c = 0;
    const utf8proc_ssize_t used = utf8proc_iterate(next, left, &c);
    if (used <= 0) break;
    out += static_cast<char32_t>(c);
    next += used;
    left -= used;
  }
  return out;
}

void encode(std::string& out, char32_t c) {
  utf8proc_uint8_t unit[4];
  out.append(reinterpret_cast<char*>(unit),
             utf8proc_encode_char(static_cast<utf8proc_int32_t>(c), unit));
}

std::vector<Text> split(std::string_view text) {
  const Text all = decode(text);
  std::vector<Text> words;
  Kind before = Kind::kSeparator;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const Kind kind = kind_of(all[i]);
    const bool next_is_lower = i + 1 < all.size() && kind_of(all[i + 1]) == Kind::kLower;
    const bool starts = before == Kind::kSeparator ||
                        (kind == Kind::kUpper &&
                         (before == Kind::kLower || (before == Kind::kUpper && next_is_lower)));
    if (kind != Kind::kSeparator) {
      if (starts) words.emplace_back();
      words.back() += all[i];
    }
    // A digit or mark leaves the case of what came before it.
    if (kind != Kind::kOther || before == Kind::kSeparator) before = kind;
  }
  return words;
}

void lower(std::string& out, const Text& word, std::size_t from = 0) {
  for (std::size_t i = from; i < word.size(); ++i) {
    const auto c = static_cast<char32_t>(utf8proc_tolower(static_cast<utf8proc_int32_t>(word[i])));
    encode(out, c == kSigma && i > 0 && i + 1 == word.size() ? kFinalSigma : c);
  }
}

void upper(std::string& out, const Text& word) {
  for (char32_t c : word) {
    if (c == kSharpS)
      out += "SS";
    else
      encode(out, static_cast<char32_t>(utf8proc_toupper(static_cast<utf8proc_int32_t>(c))));
  }
}

void capital(std::string& out, const Text& word) {
  if (word[0] == kSharpS)
    out += "Ss";
  else
    encode(out, static_cast<char32_t>(utf8proc_totitle(static_cast<utf8proc_int32_t>(word[0]))));
  lower(out, word, 1);
}

/// How the words of a style are written: the first, the others, and what is between them.
enum class Form { kLower, kUpper, kCapital };
struct Shape {
  Form first, rest;
  std::string_view between;
};
constexpr Shape kShapes[] = {
    {Form::kLower, Form::kCapital, ""},     // camel
    {Form::kCapital, Form::kCapital, ""},   // pascal
    {Form::kLower, Form::kLower, "_"},      // snake
    {Form::kUpper, Form::kUpper, "_"},      // constant
    {Form::kLower, Form::kLower, "-"},      // kebab
    {Form::kUpper, Form::kUpper, "-"},      // cobol
    {Form::kCapital, Form::kCapital, "-"},  // train
    {Form::kCapital, Form::kCapital, " "},  // title
    {Form::kCapital, Form::kLower, " "},    // sentence
    {Form::kLower, Form::kLower, "."},      // dot
    {Form::kLower, Form::kLower, "/"},      // path
    {Form::kLower, Form::kLower, ""},       // flat
    {Form::kLower, Form::kLower, " "},      // lower
    {Form::kUpper, Form::kUpper, " "},      // upper
};

void write(std::string& out, const Text& word, Form form) {
  if (form == Form::kCapital) return capital(out, word);
  return form == Form::kUpper ? upper(out, word) : lower(out, word);
}

}  // namespace

std::vector<std::string> words(std::string_view text) {
  std::vector<std::string> out;
  for (const Text& word : split(text)) {
    out.emplace_back();
    for (char32_t c : word) encode(out.back(), c);
  }
  return out;
}

std::string convert(std::string_view text, style to) {
  const Shape& shape = kShapes[static_cast<std::size_t>(to)];
  std::string out;
  bool first = true;
  for (const Text& word : split(text)) {
    if (!first) out += shape.between;
    write(out, word, first ? shape.first : shape.rest);
    first = false;
  }
  return out;
}

}  // namespace cap::convert
