// Sections of a component. Format:
// https://github.com/WebAssembly/component-model/blob/main/design/mvp/Binary.md
#pragma once

#include <cstdint>
#include <string_view>

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

/// The first byte of the type of an instance.
constexpr std::uint8_t kInstanceType = 0x42;

/// The target of an alias that names an export of an instance.
constexpr std::uint8_t kOfExport = 0x00;

/// Writes an alias section for one export, of sort `sort`, of an instance.
inline void write_export_alias(wasm::Writer& out, std::uint8_t sort, std::uint32_t instance,
                               std::string_view name) {
  write_section(out, kAliasSection,
                [&](wasm::Writer& body) { body.u8(sort).u8(kOfExport).u32(instance).name(name); });
}

}  // namespace pylon::link
