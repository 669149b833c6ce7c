// The index spaces of a component, so that sections can be added at its end.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "wasm/component.hh"

namespace pylon::link {

/// How many items of each sort a component defines.
struct IndexSpaces {
  /// Functions, tables, memories and globals of core instances, by their sort.
  std::array<std::uint32_t, 4> core{};
  std::uint32_t core_modules = 0;
  std::uint32_t functions = 0;
  std::uint32_t types = 0;
  std::uint32_t instances = 0;

  /// By core module: the section that holds it, none where it is an alias.
  std::vector<std::optional<std::size_t>> module_sections;
  /// By core instance: the core module it is made of, none where it bundles exports of others.
  std::vector<std::optional<std::uint32_t>> instance_modules;
};

/// Reads all sections of a component; components inside are not looked into. What defines indices
/// in a way that is not known here is kCorrupt.
Result<IndexSpaces> read_index_spaces(const wasm::Component& component, const std::string& name);

}  // namespace pylon::link
