// Network permissions: which addresses may be used and which names looked up.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hh"
#include "engine/engine.hh"
#include "runtime/address.hh"

namespace pylon::runtime {

/// Finds a host's numeric addresses; empty if the name is unknown.
using Resolver = std::function<std::vector<Address>(const std::string& host)>;

/// Asks the system's resolver.
std::vector<Address> resolve_host(const std::string& host);

/// Who a run may talk to. Private addresses (is_private) have to be named: by themselves, by a
/// range, or by a name that only this machine and its own network can have given (`localhost`,
/// `db`, `printer.local`). Neither `*` nor a name of the public internet's grants them.
class NetworkGrants {
 public:
  /// Grants `HOST` or `HOST:PORT`. HOST is a name, `*.NAME` for all names below it, a numeric
  /// address, a range of them (`10.0.0.0/8`, `[fd00::/8]`), or `*` for all that is public.
  Result<void> allow(std::string_view text);

  /// Grants all that is public.
  void allow_public();

  /// Grants everything, private addresses too.
  void allow_all() { everything_ = true; }

  /// Notes that `host` was found to have `address`, so that the grants of its name hold for it.
  void found(std::string_view host, std::string_view address);

  /// Looks up the granted names that have not been looked up; false if there was none.
  bool resolve(const Resolver& resolver);

  /// True if `address` at `port` may be used: bound to, or else connected or sent to.
  bool allows(std::string_view address, std::uint16_t port, bool bind) const;

  /// True if `host` may be looked up: a granted name (case does not matter), or any under `*`.
  bool allows_lookup(std::string_view host) const;

  /// These grants for the engine, which asks even if nothing is granted, so that it can tell what
  /// was refused. Granted names are looked up when an address is asked for that they may stand for.
  engine::NetworkPolicy policy(Resolver resolver) const;

 private:
  struct Rule {
    std::string name;                  // lower case; "" for addresses
    bool below = false;                // the names below it, not it
    bool everybody = false;            // *
    std::vector<AddressRange> ranges;  // as written, or as found for the name
    bool resolved = false;             // its name was looked up
    std::optional<std::uint16_t> port;

    bool names(std::string_view host) const;
    bool covers(const Address& address, bool bind) const;
    void add(const Address& address);
  };

  bool everything_ = false;
  std::vector<Rule> rules_;
};

}  // namespace pylon::runtime
