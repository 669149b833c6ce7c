// Numeric network addresses and ranges of them.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace pylon::runtime {

/// A numeric address, IPv4 as IPv4-mapped IPv6, so that both spellings compare equal.
using Address = std::array<std::uint8_t, 16>;

/// Reads "192.0.2.1", "2001:db8::1" or "::ffff:192.0.2.1".
std::optional<Address> parse_address(std::string_view text);

/// The addresses that begin with the same bits.
struct AddressRange {
  Address first{};
  int bits = 128;  ///< of 128; an IPv4 range has 96 more than it is written with

  bool contains(const Address& address) const;
};

/// Reads an address, or a range such as "10.0.0.0/8" or "fd00::/8".
std::optional<AddressRange> parse_range(std::string_view text);

/// True for 0.0.0.0 and ::, by which a server listens everywhere.
bool is_unspecified(const Address& address);

/// True for an address that is not one of the public internet's: of this machine, of a private or
/// link-local network, or reserved; also where it is written inside of an IPv6 address.
bool is_private(const Address& address);

}  // namespace pylon::runtime
