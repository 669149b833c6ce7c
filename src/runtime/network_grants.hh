// Network permissions: which addresses may be used and which names looked up.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hh"
#include "engine/engine.hh"

namespace pylon::runtime {

/// A numeric address, IPv4 as IPv4-mapped IPv6, so that both spellings compare equal.
using Address = std::array<std::uint8_t, 16>;

/// Reads "192.0.2.1", "2001:db8::1" or "::ffff:192.0.2.1".
std::optional<Address> parse_address(std::string_view text);

/// Finds a host's numeric addresses; empty if the name is unknown.
using Resolver = std::function<std::vector<Address>(const std::string& host)>;

/// Asks the system's resolver.
std::vector<Address> resolve_host(const std::string& host);

/// Who a run may talk to.
class NetworkGrants {
 public:
  /// Grants `HOST`, `HOST:PORT`, `[IPV6]:PORT`, `*` or `*:PORT`. HOST is a name or a numeric
  /// address.
  Result<void> allow(std::string_view text);
  void allow_all() { everything_ = true; }

  /// Looks the granted names up, once, so that their addresses may be used.
  void resolve(const Resolver& resolver);

  /// True if `address` at `port` may be used.
  bool allows(std::string_view address, std::uint16_t port) const;

  /// True if `host` may be looked up: a granted name (case does not matter), any under `*`, or a
  /// numeric address, which asks nobody.
  bool allows_lookup(std::string_view host) const;

  /// These grants for the engine, which asks even if nothing is granted, so that it can tell what
  /// was refused. A lookup of a granted name also refreshes its addresses.
  engine::NetworkPolicy policy(Resolver resolver) const;

 private:
  struct Rule {
    std::string name;  // lower case; empty for a numeric address or any host
    bool any_host = false;
    std::vector<Address> addresses;
    std::optional<std::uint16_t> port;
  };

  bool everything_ = false;
  std::vector<Rule> rules_;
};

}  // namespace pylon::runtime
