#include "composectl/plan_builder.hh"

#include <algorithm>

#include "base/file.hh"
#include "compose/host_interface.hh"
#include "compose/resolver.hh"

namespace pylon::composectl {
namespace {

namespace fs = std::filesystem;
using compose::Binding;
using compose::Digest;
using compose::Plan;

constexpr const char* kEndpoint = "compose:dynlink/endpoint@0.1.0";
constexpr std::size_t kLargestComponent = std::size_t{1} << 30;

}  // namespace

bool is_typed_interface(const std::string& name) {
  return !compose::is_host_interface(name);
}

Result<wasm::ComponentInterfaces> interfaces_of(const fs::path& file) {
  PYLON_TRY(bytes, read_file(file, kLargestComponent));
  PYLON_TRY(component, wasm::Component::parse(std::move(bytes), file.string()));
  return wasm::read_interfaces(component, file.string());
}

Result<Digest> PlanBuilder::store(const fs::path& file, bool put) {
  return store_ && put ? store_->put_file(file) : Digest::of_file(file);
}

Result<void> PlanBuilder::add_root(const fs::path& file, bool put) {
  PYLON_TRY(digest, store(file, put));
  PYLON_TRY(interfaces, interfaces_of(file));
  plan_.components.push_back({plan_.root, digest, {}, {}, {}, {}, {}, {}});
  parts_.push_back({plan_.root, std::move(interfaces), {}, {}});
  return {};
}

Result<void> PlanBuilder::add_cap(const CapManifest& cap) {
  PYLON_TRY(digest, store(cap.providers[0]));
  compose::PlanComponent component{cap.name, digest, {}, {}, {}, {}, {}, cap.grants};
  for (auto [file, blob] : {std::pair{&cap.schema, &component.schema},
                            {&cap.facade, &component.facade},
                            {&cap.extension, &component.extension},
                            {&cap.static_extension, &component.static_extension}}) {
    if (!*file) continue;
    PYLON_TRY(stored, store(**file));
    *blob = stored;
  }
  PYLON_TRY(interfaces, interfaces_of(cap.providers[0]));
  plan_.components.push_back(std::move(component));
  parts_.push_back({cap.name, std::move(interfaces), cap.requires_caps, cap.linkage});
  for (std::size_t i = 1; i < cap.providers.size(); ++i) PYLON_CHECK(store(cap.providers[i]));
  return {};
}

void PlanBuilder::bind(const std::string& consumer, const Part& provider) {
  bool any = false;
  auto add = [&](const std::string& import_name, const std::string& export_name) {
    const bool there = std::ranges::any_of(plan_.bindings, [&](const Binding& one) {
      return one.consumer_id == consumer && one.import_name == import_name;
    });
    if (!there)
      plan_.bindings.push_back({consumer, import_name, provider.id, export_name, provider.linkage});
    any = true;
  };
  for (const std::string& name : provider.interfaces.exports)
    if (is_typed_interface(name)) add(name, name);
  if (!any) add(provider.id, kEndpoint);
}

Result<void> PlanBuilder::bind_needs(const Part& part) {
  for (std::string id : part.requires_caps) {
    const bool optional = id.ends_with('?');
    if (optional) id.pop_back();
    const auto found = std::ranges::find(parts_, id, &Part::id);
    if (found == parts_.end() && optional) continue;
    if (found == parts_.end())
      return fail(
          ErrorKind::kInput,
          "'" + part.id + "' requires the cap '" + id + "', which is not among those of this plan",
          "build that cap, too");
    bind(part.id, *found);
  }
  for (const std::string& name : part.interfaces.imports)
    for (const Part& other : parts_)
      if (is_typed_interface(name) &&
          std::ranges::find(other.interfaces.exports, name) != other.interfaces.exports.end())
        bind(part.id, other);
  return {};
}

Result<Plan> PlanBuilder::finish() {
  for (const Part& part : parts_) {
    if (part.id != plan_.root) bind(plan_.root, part);
    PYLON_CHECK(bind_needs(part));
  }
  if (std::ranges::any_of(plan_.bindings, [](const Binding& one) {
        return one.linkage == compose::Linkage::kDynlink;
      }))
    plan_.policy.capabilities = {{"dynlink:invoke", true}, {"dynlink:resolve", true}};
  PYLON_CHECK(plan_.validate("the plan"));
  for (const Part& part : parts_)
    PYLON_CHECK(compose::Resolver(plan_, {}).check_imports(part.id, part.interfaces.imports));
  return plan_;
}

Result<void> check_interfaces(const Plan& plan, const std::map<std::string, fs::path>& file_of) {
  for (const auto& [id, file] : file_of) {
    PYLON_TRY(interfaces, interfaces_of(file));
    PYLON_CHECK(compose::Resolver(plan, {}).check_imports(id, interfaces.imports));
    for (const Binding& binding : plan.bindings)
      if (binding.provider_id == id &&
          std::ranges::find(interfaces.exports, binding.export_name) == interfaces.exports.end())
        return fail(ErrorKind::kInput,
                    "'" + id + "' does not export " + binding.export_name + ", which '" +
                        binding.consumer_id + "' is bound to",
                    "take a component of the same contract for '" + id + "'");
  }
  return {};
}

}  // namespace pylon::composectl
