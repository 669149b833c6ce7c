// SHA3-512 of FIPS 202, for short messages.
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace sha3 {

using Digest = std::array<std::uint8_t, 64>;

/// The digest of a message.
Digest sha3_512(std::span<const std::uint8_t> message);

}  // namespace sha3
