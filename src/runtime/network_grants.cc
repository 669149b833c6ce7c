#include "runtime/network_grants.hh"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <charconv>
#include <memory>

namespace pylon::runtime {
namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  if (out.size() > 1 && out.ends_with('.')) out.pop_back();
  return out;
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (problem != std::errc() || end != text.data() + text.size() || port == 0) return std::nullopt;
  return port;
}

// The two parts of HOST[:PORT]; a bare IPv6 address has no port.
struct HostAndPort {
  std::string_view host;
  std::optional<std::string_view> port;
};

std::optional<HostAndPort> split(std::string_view text) {
  if (text.starts_with('[')) {
    std::size_t close = text.find(']');
    if (close == std::string_view::npos) return std::nullopt;
    std::string_view host = text.substr(1, close - 1), rest = text.substr(close + 1);
    if (rest.empty()) return HostAndPort{host, std::nullopt};
    if (rest[0] != ':') return std::nullopt;
    return HostAndPort{host, rest.substr(1)};
  }
  std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || text.find(':', colon + 1) != std::string_view::npos)
    return HostAndPort{text, std::nullopt};
  return HostAndPort{text.substr(0, colon), text.substr(colon + 1)};
}

bool is_host_name(std::string_view text) {
  return !text.empty() && text.size() <= 253 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' ||
           static_cast<unsigned char>(c) >= 0x80;
  });
}

bool is_below(std::string_view host, std::string_view domain) {
  return host.size() > domain.size() + 1 && host.ends_with(domain) &&
         host[host.size() - domain.size() - 1] == '.';
}

// The machine itself, whatever a resolver says.
bool is_localhost(std::string_view host) {
  return host == "localhost" || is_below(host, "localhost");
}

// A name that nobody outside of this machine's own network can give an address: without a dot, or
// below a domain that the public internet does not have (RFC 6761, 6762, 8375, and ICANN's
// .internal).
bool is_local_name(std::string_view host) {
  return host.find('.') == std::string_view::npos || is_localhost(host) ||
         is_below(host, "local") || is_below(host, "internal") || is_below(host, "home.arpa");
}

}  // namespace

std::vector<Address> resolve_host(const std::string& host) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* entries = nullptr;
  std::vector<Address> out;
  if (::getaddrinfo(host.c_str(), nullptr, &hints, &entries) != 0) return out;
  for (const addrinfo* entry = entries; entry; entry = entry->ai_next) {
    char text[INET6_ADDRSTRLEN];
    if (::getnameinfo(entry->ai_addr, entry->ai_addrlen, text, sizeof text, nullptr, 0,
                      NI_NUMERICHOST) != 0)
      continue;
    if (const std::optional<Address> address = parse_address(text)) out.push_back(*address);
  }
  ::freeaddrinfo(entries);
  return out;
}

Result<void> NetworkGrants::allow(std::string_view text) {
  auto refuse = [&] {
    return fail(ErrorKind::kUsage, "'" + std::string(text) + "' is not a network host",
                "write HOST, HOST:PORT, *.HOST, ADDRESS/BITS, [IPV6]:PORT or *:PORT");
  };
  std::optional<HostAndPort> parts = split(text);
  if (!parts) return refuse();
  Rule rule;
  if (parts->port) {
    rule.port = parse_port(*parts->port);
    if (!rule.port) return refuse();
  }
  std::string host = lower(parts->host);
  if (parts->host == "*") {
    rule.everybody = true;
  } else if (std::optional<AddressRange> range = parse_range(host)) {
    rule.ranges.push_back(*range);
  } else {
    rule.below = host.starts_with("*.");
    if (rule.below) host.erase(0, 2);
    if (!is_host_name(host)) return refuse();
    rule.name = host;
    if (is_localhost(host)) {
      rule.ranges = {*parse_range("127.0.0.1"), *parse_range("::1")};
      rule.resolved = true;
    }
  }
  rules_.push_back(std::move(rule));
  return {};
}

void NetworkGrants::allow_public() {
  rules_.emplace_back().everybody = true;
}

bool NetworkGrants::Rule::names(std::string_view host) const {
  return !name.empty() && (below ? is_below(host, name) : host == name);
}

// Listening everywhere is listening to the public, too.
bool NetworkGrants::Rule::covers(const Address& address, bool bind) const {
  if (everybody) return !is_private(address) || (bind && is_unspecified(address));
  return std::any_of(ranges.begin(), ranges.end(),
                     [&](const AddressRange& range) { return range.contains(address); });
}

void NetworkGrants::Rule::add(const Address& address) {
  if (!covers(address, false)) ranges.push_back({address, 128});
}

void NetworkGrants::found(std::string_view host, std::string_view address) {
  const std::string name = lower(host);
  const std::optional<Address> known = parse_address(address);
  if (!known || (is_private(*known) && !is_local_name(name))) return;
  for (Rule& rule : rules_)
    if (rule.names(name)) rule.add(*known);
}

bool NetworkGrants::resolve(const Resolver& resolver) {
  bool any = false;
  for (Rule& rule : rules_) {
    if (rule.name.empty() || rule.below || rule.resolved) continue;
    any = rule.resolved = true;
    for (const Address& address : resolver(rule.name))
      if (!is_private(address) || is_local_name(rule.name)) rule.add(address);
  }
  return any;
}

bool NetworkGrants::allows(std::string_view address, std::uint16_t port, bool bind) const {
  if (everything_) return true;
  std::optional<Address> wanted = parse_address(address);
  if (!wanted) return false;
  if (!bind && is_unspecified(*wanted))  // which leads to the machine itself
    wanted = parse_address(address.find(':') == std::string_view::npos ? "127.0.0.1" : "::1");
  return std::any_of(rules_.begin(), rules_.end(), [&](const Rule& rule) {
    return (!rule.port || *rule.port == port) && rule.covers(*wanted, bind);
  });
}

bool NetworkGrants::allows_lookup(std::string_view host) const {
  const std::string wanted = lower(host);
  return everything_ || std::any_of(rules_.begin(), rules_.end(), [&](const Rule& rule) {
           return rule.everybody || rule.names(wanted);
         });
}

engine::NetworkPolicy NetworkGrants::policy(Resolver resolver) const {
  auto shared = std::make_shared<NetworkGrants>(*this);
  engine::NetworkPolicy policy;
  policy.allow_address = [shared, resolver](const engine::SocketUse& use) {
    return shared->allows(use.address, use.port, use.bind) ||
           (shared->resolve(resolver) && shared->allows(use.address, use.port, use.bind));
  };
  policy.allow_lookup = [shared](std::string_view host) { return shared->allows_lookup(host); };
  policy.found = [shared](std::string_view host, std::string_view address) {
    shared->found(host, address);
  };
  return policy;
}

}  // namespace pylon::runtime
