#include "cli/help_format.hh"

#include <algorithm>

namespace pylon::cli {
namespace {

constexpr std::size_t kWidth = 96;
constexpr std::size_t kIndent = 26;

}  // namespace

std::string wrapped(std::string_view text, std::size_t indent, std::size_t column) {
  std::string out;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(word.size() + 1, text.size()));
    if (column + word.size() > kWidth) {
      if (!out.empty() && out.back() == ' ') out.pop_back();
      out += "\n" + std::string(indent, ' ');
      column = indent;
    }
    out.append(word).append(text.empty() ? "" : " ");
    column += word.size() + 1;
  }
  return out + "\n";
}

std::string entry(const std::string& term, std::string_view text) {
  std::string out = "  " + term;
  if (out.size() + 2 > kIndent)
    out += "\n" + std::string(kIndent, ' ');
  else
    out.append(kIndent - out.size(), ' ');
  return out + wrapped(text, kIndent, kIndent);
}

std::string escaped(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (c == '\\')
      out += "\\e";
    else if (c == '-')
      out += "\\-";
    else if ((c == '.' || c == '\'') && (out.empty() || out.back() == '\n'))
      out += std::string("\\&") + c;
    else
      out += c;
  }
  return out;
}

std::string man_entry(const std::string& term, std::string_view text) {
  return ".TP\n.B " + escaped(term) + "\n" + escaped(text) + ".\n";
}

}  // namespace pylon::cli
