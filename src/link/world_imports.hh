// The imports of a composed component: what its parts import and no other part provides, each
// interface once.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "link/interface_type.hh"

namespace pylon::link {

/// The union of the imports that were added.
class WorldImports {
 public:
  /// The sections come after `types` types and `instances` instances.
  explicit WorldImports(std::uint32_t types = 0, std::uint32_t instances = 0)
      : type_count_(types), instance_count_(instances) {}

  /// Adds the imported interfaces of a component for which `wanted` is true. An import that is not
  /// an interface, or one whose type depends on an interface that is not wanted, is kInput.
  Result<void> add(const wasm::Component& component, const std::string& id,
                   const std::function<bool(const std::string& import)>& wanted);

  /// The sections that import everything, in an order in which each comes after those whose types
  /// it uses.
  Result<Bytes> sections();

  /// The index of an imported instance; only after sections(). An import that was not added is
  /// kInput.
  Result<std::uint32_t> instance(const std::string& name) const;

  /// How many types and instances there are after the sections.
  std::uint32_t types() const { return type_count_; }
  std::uint32_t instances() const { return instance_count_; }

 private:
  ForeignType origin(ForeignType type) const;
  Result<void> write(const std::string& name, wasm::Writer& out);

  std::map<std::string, InterfaceType> interfaces_;
  std::map<std::string, std::uint32_t> instances_;
  std::map<ForeignType, std::uint32_t> types_;
  std::uint32_t type_count_, instance_count_;
};

}  // namespace pylon::link
