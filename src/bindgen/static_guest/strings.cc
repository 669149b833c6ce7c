// The libc++ of the toolchain is not position-independent: what it has compiled of strings is
// compiled again.
#include <charconv>
#include <string>

template class std::basic_string<char>;

_LIBCPP_BEGIN_NAMESPACE_STD
namespace {

template <typename Number>
string decimal(Number number) {
  char digits[24];
  return string(digits, to_chars(digits, digits + sizeof(digits), number).ptr);
}

}  // namespace

string to_string(int number) {
  return decimal(number);
}
string to_string(unsigned number) {
  return decimal(number);
}
string to_string(long number) {
  return decimal(number);
}
string to_string(unsigned long number) {
  return decimal(number);
}
string to_string(long long number) {
  return decimal(number);
}
string to_string(unsigned long long number) {
  return decimal(number);
}
_LIBCPP_END_NAMESPACE_STD
