// Items of a component's sections that have an index of their own.
// Format: https://github.com/WebAssembly/component-model/blob/main/design/mvp/Binary.md
#pragma once

#include <cstdint>
#include <string>

#include "wasm/cursor.hh"

namespace pylon::link {

/// The sort of core items; their own sort is then one of `kCore...` (src/link/sections.hh).
constexpr std::uint8_t kCoreSort = 0x00;

/// What an alias gives an index to.
struct Alias {
  std::uint8_t sort = 0;
  std::uint8_t core_sort = 0;  ///< where sort is kCoreSort
  std::uint8_t target = 0;     ///< kOfExport, kOfCoreExport or kOuter
  std::uint32_t instance = 0;  ///< of an export
  std::string name;            ///< of an export
};
Result<Alias> read_alias(wasm::Cursor& in);

/// The sort of an exported item, which gets a new index of that sort.
Result<std::uint8_t> read_export_sort(wasm::Cursor& in);

}  // namespace pylon::link
