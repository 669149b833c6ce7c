#include "printable.hh"

#include <openssl/asn1.h>

namespace cap {
namespace {

bool is_utf8(std::string_view text) {
  const auto* at = reinterpret_cast<const unsigned char*>(text.data());
  for (int left = static_cast<int>(text.size()); left > 0;) {
    unsigned long point = 0;
    const int size = UTF8_getc(at, left, &point);
    if (size <= 0 || point > 0x10ffff || (point >= 0xd800 && point < 0xe000)) return false;
    at += size;
    left -= size;
  }
  return true;
}

}  // namespace

std::string printable(std::string_view text) {
  if (is_utf8(text)) return std::string(text);
  std::string out;
  for (const char c : text) {
    const auto octet = static_cast<unsigned char>(c);
    if (octet >= 0x80) out += static_cast<char>(0xc0 | octet >> 6);
    out += static_cast<char>(octet < 0x80 ? octet : 0x80 | (octet & 0x3f));
  }
  return out;
}

}  // namespace cap
