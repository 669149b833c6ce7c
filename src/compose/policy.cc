#include "compose/policy.hh"

#include <algorithm>

namespace pylon::compose {
namespace {

using Texts = std::vector<std::string>;

std::optional<std::uint64_t> smaller(std::optional<std::uint64_t> a,
                                     std::optional<std::uint64_t> b) {
  if (!a || !b) return a ? a : b;
  return std::min(*a, *b);
}

Result<void> check_enforced(const char* name, const std::optional<std::uint64_t>& limit,
                            bool enforced, const std::string& instead) {
  if (!limit || enforced) return {};
  return fail(
      ErrorKind::kRefused,
      std::string("the plan sets policy.limits.") + name + ", which this host does not enforce",
      "take it out of the plan and sign it again (`composectl plan sign FILE`); " + instead);
}

bool covers_path(const std::string& outer, const std::string& inner) {
  if (outer == "*" || outer == "/" || outer == inner) return true;
  return inner.starts_with(outer) && (outer.ends_with('/') || inner[outer.size()] == '/');
}

bool covers_name(const std::string& outer, const std::string& inner) {
  return outer == "*" || outer == inner;
}

// "example.org" covers "example.org:443"; "*:443" covers every host there.
bool covers_host(const std::string& outer, const std::string& inner) {
  if (outer == "*" || outer == inner) return true;
  const std::size_t port = inner.rfind(':');
  const bool has_port = port != std::string::npos && !inner.ends_with(']');
  if (!has_port) return false;
  return outer == inner.substr(0, port) || outer == "*" + inner.substr(port);
}

// What one list has that the other covers, in either direction.
template <typename Covers>
Texts common(const Texts& one, const Texts& other, Covers covers) {
  Texts out;
  auto add = [&](const Texts& from, const Texts& by) {
    for (const std::string& text : from)
      if (std::ranges::any_of(by, [&](const std::string& outer) { return covers(outer, text); }))
        out.push_back(text);
  };
  add(one, other);
  add(other, one);
  std::ranges::sort(out);
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

Texts joined(Texts one, const Texts& other) {
  one.insert(one.end(), other.begin(), other.end());
  return one;
}

}  // namespace

Result<Limits> limits_under(const PlanPolicy& policy, const HostOffer& host) {
  for (const Capability& capability : policy.capabilities)
    if (capability.required &&
        std::ranges::find(host.capabilities, capability.name) == host.capabilities.end())
      return fail(ErrorKind::kRefused,
                  "the plan requires '" + capability.name + "', which this host does not offer",
                  "run it on a host that does, or make it optional in the plan");
  const Limits& limits = policy.limits;
  PYLON_CHECK(check_enforced("cpu_ms", limits.cpu_ms, host.enforces_cpu,
                             "what ends a run here after some time is `pylon --timeout=SECONDS`"));
  PYLON_CHECK(check_enforced("memory_bytes", limits.memory_bytes, host.enforces_memory,
                             "a host can limit the memory of the whole process"));
  PYLON_CHECK(check_enforced("io_ops", limits.io_ops, host.enforces_io,
                             "what a program may read and write is said by its grants"));
  return Limits{smaller(limits.cpu_ms, host.maxima.cpu_ms),
                smaller(limits.memory_bytes, host.maxima.memory_bytes),
                smaller(limits.io_ops, host.maxima.io_ops)};
}

Grants intersect(const Grants& wanted, const Grants& loader) {
  Grants out;
  // Whoever may write a path may read it.
  out.read = common(wanted.read, joined(loader.read, loader.write), covers_path);
  out.write = common(wanted.write, loader.write, covers_path);
  out.env = common(wanted.env, loader.env, covers_name);
  out.net = common(wanted.net, loader.net, covers_host);
  return out;
}

}  // namespace pylon::compose
