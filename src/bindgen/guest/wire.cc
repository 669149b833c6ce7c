#include "wire.hh"

#include "endpoint.hh"

namespace cap::glue {

bool is_utf8(const std::uint8_t* p, std::size_t size) {
  const std::uint8_t* end = p + size;
  while (p < end) {
    std::uint64_t eight;
    while (end - p >= 8 && (std::memcpy(&eight, p, 8), (eight & 0x8080808080808080) == 0)) p += 8;
    if (p == end) break;
    std::uint8_t first = *p++;
    if (first < 0x80) continue;
    int more = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : 1;
    if (first < 0xc2 || first > 0xf4 || end - p < more) return false;
    std::uint8_t second = *p;
    if ((first == 0xe0 && second < 0xa0) || (first == 0xed && second > 0x9f) ||
        (first == 0xf0 && second < 0x90) || (first == 0xf4 && second > 0x8f))
      return false;
    for (; more > 0; --more)
      if ((*p++ & 0xc0) != 0x80) return false;
  }
  return true;
}

namespace {

void append(bytes& to, std::string_view text) {
  to.append(std::span(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()));
}

void append(bytes& to, std::size_t number) {
  char digits[20];
  char* at = std::end(digits);
  do *--at = static_cast<char>('0' + number % 10);
  while (number /= 10);
  append(to, std::string_view(at, std::end(digits)));
}

}  // namespace

answer failed(failure_kind kind, std::string_view message) {
  answer out{answer::failed, kind, {}};
  append(out.data, message);
  return out;
}

answer bad_payload(std::string_view method, const reader& in) {
  answer out = failed(failure_kind::bad_payload, method);
  append(out.data, ": the payload is not what the contract says, at byte ");
  append(out.data, in.position());
  return out;
}

}  // namespace cap::glue
