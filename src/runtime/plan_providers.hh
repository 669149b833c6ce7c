// The providers of a run, as its plan has them.
#pragma once

#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "compose/audit_log.hh"
#include "compose/plan_file.hh"
#include "compose/resolver.hh"
#include "engine/provider.hh"
#include "runtime/code_cache.hh"
#include "runtime/component_grants.hh"
#include "runtime/install.hh"
#include "runtime/plan_gate.hh"
#include "runtime/stamps.hh"

namespace pylon::runtime {

/// Resolves what the plan binds: verified blob, code compiled from it, grants attenuated. Reads the
/// plan at the first resolve.
class PlanProviders : public engine::ProviderSource {
 public:
  /// `program` is what the program itself may use.
  PlanProviders(engine::Engine engine, const Install& install, AdmittedPlan plan,
                ComponentGrants program);

  tl::expected<std::shared_ptr<engine::Provider>, engine::Failure> resolve(
      std::uint64_t loader, By by, std::string_view name) override;

  /// What was resolved so far, the root first, with what the plan grants; from any thread.
  std::vector<compose::AuditedComponent> used() const;

 private:
  // A component with the grants that one loader leaves it.
  struct Resident {
    std::string id;
    ComponentGrants grants;
    std::shared_ptr<engine::Provider> provider;
  };

  Result<void> load_plan();
  void note_use(const compose::PlanComponent& component);
  Result<std::shared_ptr<engine::Provider>> find(std::uint64_t loader, By by,
                                                 std::string_view name);
  Result<std::shared_ptr<engine::Provider>> open(const compose::PlanComponent& component,
                                                 std::uint64_t key, ComponentGrants& grants);
  Result<std::filesystem::path> checked_blob(const compose::PlanComponent& component) const;
  std::filesystem::path compiler() const { return install_root_ / "bin" / "pylon-build"; }

  engine::Engine engine_;
  std::filesystem::path install_root_;
  AdmittedPlan admitted_;
  ComponentGrants program_;
  std::vector<compose::BlobStore> stores_;
  Stamps stamps_;
  CodeCache code_;
  std::optional<compose::PlanFile> file_;
  std::optional<compose::Resolver> resolver_;
  std::map<std::pair<std::string, std::uint64_t>, std::uint64_t> keys_;  // id, loader -> key
  std::map<std::uint64_t, Resident> residents_;
  mutable std::mutex mutex_;  // for used_
  std::vector<compose::AuditedComponent> used_;
};

}  // namespace pylon::runtime
