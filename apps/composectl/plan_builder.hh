// Makes a plan of a root and caps.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "compose/blob_store.hh"
#include "compose/plan.hh"
#include "composectl/cap_manifest.hh"
#include "wasm/component.hh"

namespace pylon::composectl {

/// What a component file imports and exports.
Result<wasm::ComponentInterfaces> interfaces_of(const std::filesystem::path& file);

/// True for an interface of a contract; WASI's and those of dynlink are not bound.
bool is_typed_interface(const std::string& name);

/// Collects components and binds what they import to what others export.
class PlanBuilder {
 public:
  /// Blobs go into `store`; null: nowhere.
  PlanBuilder(std::string root_id, compose::BlobStore* store) : store_(store) {
    plan_.root = std::move(root_id);
  }

  /// The root. Its file goes into the store only if `put` is set: an install has it elsewhere.
  Result<void> add_root(const std::filesystem::path& file, bool put);

  /// A cap with its default provider, schema and facade; its other providers only go into the
  /// store.
  Result<void> add_cap(const CapManifest& cap);

  /// Binds everything: the root to the interfaces of every cap, caps to the interfaces that they
  /// import or require. An import that nothing meets is an error, and names who could meet it.
  Result<compose::Plan> finish();

 private:
  struct Part {
    std::string id;
    wasm::ComponentInterfaces interfaces;
    std::vector<std::string> requires_caps;
    compose::Linkage linkage = compose::Linkage::kDynlink;
  };

  Result<compose::Digest> store(const std::filesystem::path& file, bool put = true);
  void bind(const std::string& consumer, const Part& provider);
  Result<void> bind_needs(const Part& part);

  compose::Plan plan_;
  compose::BlobStore* store_;
  std::vector<Part> parts_;
};

/// An error unless each component of the plan that `file_of` has (by id) gets its imports, and
/// exports what the bindings take from it.
Result<void> check_interfaces(const compose::Plan& plan,
                              const std::map<std::string, std::filesystem::path>& file_of);

}  // namespace pylon::composectl
