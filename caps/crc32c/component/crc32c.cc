// CRC-32C by slicing: sixteen tables, so that sixteen bytes cost sixteen independent lookups.
#include <array>
#include <cstring>

#include "crc32c_cap.hh"

namespace {

constexpr std::uint32_t kPolynomial = 0x82f63b78;  // reflected
constexpr std::size_t kSlices = 16;
using Table = std::array<std::uint32_t, 256>;

constexpr std::array<Table, kSlices> make_tables() {
  std::array<Table, kSlices> tables{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t crc = i;
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? kPolynomial : 0);
    tables[0][i] = crc;
  }
  for (std::size_t slice = 1; slice < kSlices; ++slice)
    for (std::uint32_t i = 0; i < 256; ++i)
      tables[slice][i] = tables[slice - 1][i] >> 8 ^ tables[0][tables[slice - 1][i] & 0xff];
  return tables;
}

constexpr auto kTables = make_tables();

/// What the four bytes of `word`, the first of which is `distance` bytes before the end of the
/// block, contribute.
std::uint32_t contribution(std::uint32_t word, std::size_t distance) {
  return kTables[distance - 1][word & 0xff] ^ kTables[distance - 2][word >> 8 & 0xff] ^
         kTables[distance - 3][word >> 16 & 0xff] ^ kTables[distance - 4][word >> 24];
}

}  // namespace

namespace cap::checksum {

std::uint32_t update(std::span<const std::uint8_t> data, std::uint32_t start) {
  std::uint32_t crc = ~start;
  while (data.size() >= kSlices) {
    std::uint32_t words[4];
    std::memcpy(words, data.data(), kSlices);
    crc = contribution(words[0] ^ crc, 16) ^ contribution(words[1], 12) ^
          contribution(words[2], 8) ^ contribution(words[3], 4);
    data = data.subspan(kSlices);
  }
  for (std::uint8_t byte : data) crc = crc >> 8 ^ kTables[0][(crc ^ byte) & 0xff];
  return ~crc;
}

}  // namespace cap::checksum
