// A small plan to change in tests.
#pragma once

#include <string>

#include "compose/plan.hh"

namespace pylon::compose::testing {

inline PlanComponent component(const std::string& id) {
  return {id, Digest::of(id), Digest::of(id + " schema"), Digest::of(id + " facade"), {}, {}};
}

inline Binding binding(const std::string& consumer, const std::string& provider) {
  return {consumer, provider + ":api/codec@1.0.0", provider, provider + ":api/codec@1.0.0",
          Linkage::kDynlink};
}

/// python with two caps; zstd needs xxhash.
inline Plan sample_plan() {
  Plan plan;
  plan.name = "sample";
  plan.serial = 7;
  plan.expires = 1'900'000'000;
  plan.root = "python";
  plan.components = {component("python"), component("xxhash"), component("zstd")};
  plan.components[0].schema.reset();
  plan.components[0].facade.reset();
  plan.components[2].grants.read = {"/data"};
  plan.components[2].source = "caps/zstd";
  plan.bindings = {binding("python", "xxhash"), binding("python", "zstd"),
                   binding("zstd", "xxhash")};
  plan.policy.capabilities = {{"dynlink:invoke", true}, {"dynlink:resolve", true}};
  plan.policy.limits.memory_bytes = 1 << 30;
  return plan;
}

}  // namespace pylon::compose::testing
