// Sections of a component. Format:
// https://github.com/WebAssembly/component-model/blob/main/design/mvp/Binary.md
#pragma once

#include <cstdint>

#include "wasm/writer.hh"

namespace pylon::link {

constexpr std::uint8_t kCoreModuleSection = 1, kComponentSection = 4, kInstanceSection = 5,
                       kAliasSection = 6, kTypeSection = 7, kImportSection = 10,
                       kExportSection = 11;

/// Writes a section with one entry, which `entry` writes.
template <typename Entry>
void write_section(wasm::Writer& out, std::uint8_t id, Entry entry) {
  wasm::Writer body;
  body.u32(1);
  entry(body);
  out.section(id, body.data());
}

}  // namespace pylon::link
