#include "runtime/network_grants.hh"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <memory>

namespace pylon::runtime {
namespace {

constexpr std::uint8_t kMapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

Address mapped(const void* ipv4) {
  Address out;
  std::memcpy(out.data(), kMapped, 12);
  std::memcpy(out.data() + 12, ipv4, 4);
  return out;
}

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

}  // namespace

std::optional<Address> parse_address(std::string_view text) {
  const std::string terminated(text);
  in_addr ipv4;
  if (::inet_pton(AF_INET, terminated.c_str(), &ipv4) == 1) return mapped(&ipv4);
  Address out;
  if (::inet_pton(AF_INET6, terminated.c_str(), out.data()) == 1) return out;
  return std::nullopt;
}

std::vector<Address> resolve_host(const std::string& host) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  std::vector<Address> out;
  if (::getaddrinfo(host.c_str(), nullptr, &hints, &found) != 0) return out;
  for (const addrinfo* entry = found; entry; entry = entry->ai_next) {
    if (entry->ai_family == AF_INET)
      out.push_back(mapped(&reinterpret_cast<const sockaddr_in*>(entry->ai_addr)->sin_addr));
    if (entry->ai_family == AF_INET6) {
      Address& address = out.emplace_back();
      std::memcpy(address.data(), &reinterpret_cast<const sockaddr_in6*>(entry->ai_addr)->sin6_addr,
                  address.size());
    }
  }
  ::freeaddrinfo(found);
  return out;
}

Result<void> NetworkGrants::allow(std::string_view text) {
  auto refuse = [&] {
    return fail(ErrorKind::kUsage, "'" + std::string(text) + "' is not a network host",
                "write HOST, HOST:PORT, [IPV6]:PORT or *:PORT");
  };
  std::optional<HostAndPort> parts = split(text);
  if (!parts) return refuse();
  Rule rule;
  if (parts->port) {
    rule.port = parse_port(*parts->port);
    if (!rule.port) return refuse();
  }
  const std::string host = lower(parts->host);
  if (host == "*") {
    rule.any_host = true;
  } else if (std::optional<Address> address = parse_address(host)) {
    rule.addresses.push_back(*address);
  } else if (is_host_name(host)) {
    rule.name = host;
  } else {
    return refuse();
  }
  rules_.push_back(std::move(rule));
  return {};
}

void NetworkGrants::resolve(const Resolver& resolver) {
  for (Rule& rule : rules_)
    if (!rule.name.empty()) rule.addresses = resolver(rule.name);
}

bool NetworkGrants::allows(std::string_view address, std::uint16_t port) const {
  if (everything_) return true;
  std::optional<Address> wanted = parse_address(address);
  if (!wanted) return false;
  return std::any_of(rules_.begin(), rules_.end(), [&](const Rule& rule) {
    if (rule.port && *rule.port != port) return false;
    return rule.any_host ||
           std::find(rule.addresses.begin(), rule.addresses.end(), *wanted) != rule.addresses.end();
  });
}

bool NetworkGrants::allows_lookup(std::string_view host) const {
  if (everything_ || parse_address(host)) return true;
  const std::string wanted = lower(host);
  return std::any_of(rules_.begin(), rules_.end(),
                     [&](const Rule& rule) { return rule.any_host || rule.name == wanted; });
}

engine::NetworkPolicy NetworkGrants::policy(Resolver resolver) const {
  auto shared = std::make_shared<NetworkGrants>(*this);
  shared->resolve(resolver);
  engine::NetworkPolicy policy;
  policy.grants_any = everything_ || !rules_.empty();
  policy.allow_address = [shared](const engine::SocketUse& use) {
    return shared->allows(use.address, use.port);
  };
  policy.allow_lookup = [shared, resolver](std::string_view host) {
    if (!shared->allows_lookup(host)) return false;
    const std::string wanted = lower(host);
    for (Rule& rule : shared->rules_) {
      if (rule.name != wanted) continue;
      for (const Address& address : resolver(wanted))
        if (std::find(rule.addresses.begin(), rule.addresses.end(), address) ==
            rule.addresses.end())
          rule.addresses.push_back(address);
    }
    return true;
  };
  return policy;
}

}  // namespace pylon::runtime
