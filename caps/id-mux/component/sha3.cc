#include "sha3.hh"

#include <bit>
#include <utility>

namespace sha3 {

namespace {

using State = std::array<std::uint64_t, 25>;
constexpr std::size_t kRate = 72;
constexpr int kRotations[24] = {1,  3,  6,  10, 15, 21, 28, 36, 45, 55, 2,  14,
                                27, 41, 56, 8,  25, 43, 62, 18, 39, 61, 20, 44};
constexpr int kLanes[24] = {10, 7,  11, 17, 18, 3, 5,  16, 8,  21, 24, 4,
                            15, 23, 19, 13, 12, 2, 20, 14, 22, 9,  6,  1};

/// The constant of the next round: bits of a linear feedback shift register.
std::uint64_t next_constant(std::uint8_t& shift_register) {
  std::uint64_t constant = 0;
  for (int bit = 0; bit < 7; ++bit) {
    if (shift_register & 1) constant |= std::uint64_t{1} << ((1 << bit) - 1);
    shift_register = shift_register << 1 ^ (shift_register & 0x80 ? 0x71 : 0);
  }
  return constant;
}

void permute(State& a) {
  std::uint8_t shift_register = 1;
  for (int round = 0; round < 24; ++round) {
    std::uint64_t parity[5];
    for (int x = 0; x < 5; ++x) parity[x] = a[x] ^ a[x + 5] ^ a[x + 10] ^ a[x + 15] ^ a[x + 20];
    for (int i = 0; i < 25; ++i) a[i] ^= parity[(i + 4) % 5] ^ std::rotl(parity[(i + 1) % 5], 1);
    std::uint64_t moving = a[1];
    for (int i = 0; i < 24; ++i)
      moving = std::exchange(a[kLanes[i]], std::rotl(moving, kRotations[i]));
    for (int y = 0; y < 25; y += 5) {
      const std::uint64_t row[5] = {a[y], a[y + 1], a[y + 2], a[y + 3], a[y + 4]};
      for (int x = 0; x < 5; ++x) a[y + x] = row[x] ^ (~row[(x + 1) % 5] & row[(x + 2) % 5]);
    }
    a[0] ^= next_constant(shift_register);
  }
}

}  // namespace

Digest sha3_512(std::span<const std::uint8_t> message) {
  State state{};
  std::size_t place = 0;
  const auto add = [&](std::size_t at, std::uint8_t byte) {
    state[at / 8] ^= std::uint64_t{byte} << 8 * (at % 8);
  };
  for (std::uint8_t byte : message) {
    add(place++, byte);
    if (place == kRate) permute(state), place = 0;
  }
  add(place, 0x06);
  add(kRate - 1, 0x80);
  permute(state);
  Digest out;
  for (std::size_t i = 0; i < out.size(); ++i)
    out[i] = static_cast<std::uint8_t>(state[i / 8] >> 8 * (i % 8));
  return out;
}

}  // namespace sha3
