// CRC-32C from one table, byte by byte.
#include <array>

#include "crc32c_cap.hh"

namespace {

constexpr std::uint32_t kPolynomial = 0x82f63b78;  // reflected

constexpr std::array<std::uint32_t, 256> kTable = [] {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    table[i] = i;
    for (int bit = 0; bit < 8; ++bit) table[i] = table[i] >> 1 ^ (table[i] & 1 ? kPolynomial : 0);
  }
  return table;
}();

}  // namespace

namespace cap::checksum {

std::uint32_t update(std::span<const std::uint8_t> data, std::uint32_t start) {
  std::uint32_t crc = ~start;
  for (std::uint8_t byte : data) crc = crc >> 8 ^ kTable[(crc ^ byte) & 0xff];
  return ~crc;
}

}  // namespace cap::checksum
