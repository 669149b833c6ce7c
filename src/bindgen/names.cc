#include "bindgen/names.hh"

#include <algorithm>
#include <array>

namespace pylon::bindgen {
namespace {

// Words of C and C++, and names that generated code has uses of its own for.
constexpr std::string_view kCppWords[] = {
    "alignas",      "alignof",      "and",           "and_eq",
    "asm",          "auto",         "bitand",        "bitor",
    "bool",         "break",        "case",          "catch",
    "char",         "char8_t",      "char16_t",      "char32_t",
    "class",        "compl",        "concept",       "const",
    "consteval",    "constexpr",    "constinit",     "const_cast",
    "continue",     "co_await",     "co_return",     "co_yield",
    "decltype",     "default",      "delete",        "do",
    "double",       "dynamic_cast", "else",          "enum",
    "errno",        "explicit",     "export",        "extern",
    "false",        "float",        "for",           "friend",
    "goto",         "if",           "inline",        "int",
    "long",         "mutable",      "namespace",     "new",
    "noexcept",     "not",          "not_eq",        "nullptr",
    "operator",     "or",           "or_eq",         "private",
    "protected",    "public",       "register",      "reinterpret_cast",
    "requires",     "return",       "short",         "signed",
    "sizeof",       "static",       "static_assert", "static_cast",
    "std",          "stderr",       "stdin",         "stdout",
    "struct",       "switch",       "template",      "this",
    "thread_local", "throw",        "true",          "try",
    "typedef",      "typeid",       "typename",      "union",
    "unsigned",     "using",        "virtual",       "void",
    "volatile",     "wchar_t",      "while",         "xor",
    "xor_eq"};

constexpr std::string_view kPythonWords[] = {
    "False", "None",     "True",  "and",    "as",   "assert", "async",  "await",    "break",
    "class", "continue", "def",   "del",    "elif", "else",   "except", "finally",  "for",
    "from",  "global",   "if",    "import", "in",   "is",     "lambda", "nonlocal", "not",
    "or",    "pass",     "raise", "return", "try",  "while",  "with",   "yield"};

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}
char upper(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
}

std::string snake(std::string_view wit) {
  std::string out(wit);
  for (char& c : out) c = c == '-' ? '_' : lower(c);
  return out;
}

template <std::size_t N>
std::string avoiding(const std::string_view (&words)[N], std::string name) {
  if (std::find(words, words + N, name) != words + N) name += '_';
  return name;
}

}  // namespace

std::string cpp_name(std::string_view wit) {
  return avoiding(kCppWords, snake(wit));
}

std::string python_name(std::string_view wit) {
  return avoiding(kPythonWords, snake(wit));
}

std::string python_class(std::string_view wit) {
  std::string out;
  bool start = true;
  for (char c : wit) {
    if (c != '-') out += start ? upper(c) : lower(c);
    start = c == '-';
  }
  return avoiding(kPythonWords, out);
}

std::string python_constant(std::string_view wit) {
  std::string out(wit);
  for (char& c : out) c = c == '-' ? '_' : upper(c);
  return out;
}

std::string python_exception(std::string_view wit) {
  std::string name = python_class(wit);
  return name.ends_with("Error") ? name : name + "Error";
}

}  // namespace pylon::bindgen
