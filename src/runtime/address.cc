#include "runtime/address.hh"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <string>

namespace pylon::runtime {
namespace {

constexpr std::uint8_t kMapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr int kMappedBits = 96;

Address mapped(const void* ipv4) {
  Address out;
  std::memcpy(out.data(), kMapped, sizeof kMapped);
  std::memcpy(out.data() + sizeof kMapped, ipv4, 4);
  return out;
}

bool is_mapped(const Address& address) {
  return std::memcmp(address.data(), kMapped, sizeof kMapped) == 0;
}

// IANA's special-purpose registries, as far as an address in them is somebody's on the way here.
constexpr const char* kPrivate[] = {
    "0.0.0.0/8",     "10.0.0.0/8",   "100.64.0.0/10",  "127.0.0.0/8",    "169.254.0.0/16",
    "172.16.0.0/12", "192.0.0.0/24", "192.168.0.0/16", "198.18.0.0/15",  "224.0.0.0/4",
    "240.0.0.0/4",   "::/128",       "::1/128",        "64:ff9b:1::/48", "fc00::/7",
    "fe80::/10",     "fec0::/10",    "ff00::/8",
};

// Ranges whose addresses carry an IPv4 address, and where: NAT64, 6to4, and the old
// IPv4-compatible.
struct Carrier {
  const char* range;
  std::size_t at;
};
constexpr Carrier kCarriers[] = {{"64:ff9b::/96", 12}, {"2002::/16", 2}, {"::/96", 12}};

}  // namespace

std::optional<Address> parse_address(std::string_view text) {
  const std::string terminated(text);
  in_addr ipv4;
  if (::inet_pton(AF_INET, terminated.c_str(), &ipv4) == 1) return mapped(&ipv4);
  Address out;
  if (::inet_pton(AF_INET6, terminated.c_str(), out.data()) == 1) return out;
  return std::nullopt;
}

bool AddressRange::contains(const Address& address) const {
  const auto whole = static_cast<std::size_t>(bits) / 8;
  if (std::memcmp(first.data(), address.data(), whole) != 0) return false;
  const int rest = bits % 8;
  const auto mask = static_cast<std::uint8_t>(0xff00 >> rest);
  return rest == 0 || ((first[whole] ^ address[whole]) & mask) == 0;
}

std::optional<AddressRange> parse_range(std::string_view text) {
  const std::size_t slash = text.find('/');
  const std::optional<Address> address = parse_address(text.substr(0, slash));
  if (!address) return std::nullopt;
  if (slash == std::string_view::npos) return AddressRange{*address, 128};
  const std::string_view digits = text.substr(slash + 1);
  const int before = text.find(':') == std::string_view::npos ? kMappedBits : 0;
  int bits = 0;
  const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
  if (problem != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  if (bits < 0 || bits > 128 - before) return std::nullopt;
  return AddressRange{*address, before + bits};
}

bool is_unspecified(const Address& address) {
  const std::size_t from = is_mapped(address) ? sizeof kMapped : 0;
  return std::all_of(address.begin() + static_cast<std::ptrdiff_t>(from), address.end(),
                     [](std::uint8_t byte) { return byte == 0; });
}

bool is_private(const Address& address) {
  for (const char* range : kPrivate)
    if (parse_range(range)->contains(address)) return true;
  for (const auto& [range, at] : kCarriers)
    if (parse_range(range)->contains(address)) return is_private(mapped(address.data() + at));
  return false;
}

}  // namespace pylon::runtime
