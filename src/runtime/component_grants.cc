#include "runtime/component_grants.hh"

#include <algorithm>

#include "runtime/network_grants.hh"

namespace pylon::runtime {
namespace {

// A path that is not there grants nothing.
void allow_paths(FileGrants& files, const std::vector<std::string>& paths, Access access) {
  for (const std::string& path : paths) (void)files.allow(path == "*" ? "/" : path, access);
}

engine::NetworkPolicy both(engine::NetworkPolicy one, engine::NetworkPolicy other) {
  engine::NetworkPolicy out;
  if (one.allow_address && other.allow_address)
    out.allow_address = [a = one.allow_address, b = other.allow_address](
                            const engine::SocketUse& use) { return a(use) && b(use); };
  if (one.allow_lookup && other.allow_lookup)
    out.allow_lookup = [a = one.allow_lookup, b = other.allow_lookup](std::string_view host) {
      return a(host) && b(host);
    };
  out.found = [a = one.found, b = other.found](std::string_view host, std::string_view address) {
    if (a) a(host, address);
    if (b) b(host, address);
  };
  return out;
}

engine::NetworkPolicy network_of(const std::vector<std::string>& wanted,
                                 const engine::NetworkPolicy& loader) {
  if (wanted.empty()) return {};
  NetworkGrants own;
  for (const std::string& host : wanted)
    if (host == "*")
      own.allow_all();
    else
      (void)own.allow(host);
  return both(own.policy(resolve_host), loader);
}

}  // namespace

ComponentGrants attenuated(const compose::Grants& wanted, const ComponentGrants& loader) {
  ComponentGrants out;
  FileGrants files("/");
  allow_paths(files, wanted.read, Access::kRead);
  allow_paths(files, wanted.write, Access::kWrite);
  out.files = files.within(loader.files);
  out.network = network_of(wanted.net, loader.network);
  const auto granted = [&](const std::string& name) {
    return std::ranges::any_of(wanted.env,
                               [&](const std::string& env) { return env == "*" || env == name; });
  };
  for (const auto& variable : loader.environment)
    if (granted(variable.first)) out.environment.push_back(variable);
  return out;
}

engine::SessionOptions provider_options(const ComponentGrants& grants) {
  engine::SessionOptions options;
  options.environment = grants.environment;
  options.network = grants.network;
  if (!grants.files.empty()) options.preopens = grants.files.preopens();
  return options;
}

}  // namespace pylon::runtime
