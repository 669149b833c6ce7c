// Sections of a component. Format:
// https://github.com/WebAssembly/component-model/blob/main/design/mvp/Binary.md
#pragma once

#include <cstdint>
#include <string_view>

#include "wasm/writer.hh"

namespace pylon::link {

constexpr std::uint8_t kCustomSection = 0, kCoreModuleSection = 1, kCoreInstanceSection = 2,
                       kComponentSection = 4, kInstanceSection = 5, kAliasSection = 6,
                       kTypeSection = 7, kCanonicalSection = 8, kImportSection = 10,
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

/// Sorts of core items.
constexpr std::uint8_t kCoreFunction = 0x00, kCoreTable = 0x01, kCoreMemory = 0x02,
                       kCoreGlobal = 0x03, kCoreModule = 0x11, kCoreInstance = 0x12;

/// Instances, core ones too: of a module or component, or made of items that there are.
constexpr std::uint8_t kInstantiate = 0x00, kBundle = 0x01;

/// Canonical functions and their options.
constexpr std::uint8_t kLift = 0x00, kLower = 0x01, kDropResource = 0x03, kLastOfResource = 0x04;
constexpr std::uint8_t kUtf8Option = 0x00, kMemoryOption = 0x03, kReallocOption = 0x04,
                       kPostReturnOption = 0x05;

/// The target of an alias that names an export of an instance, of a core instance, or an item of a
/// component around.
constexpr std::uint8_t kOfExport = 0x00, kOfCoreExport = 0x01, kOuter = 0x02;

/// The sort of components.
constexpr std::uint8_t kComponentSort = 0x04;

/// Writes an alias section for one export, of sort `sort`, of an instance.
inline void write_export_alias(wasm::Writer& out, std::uint8_t sort, std::uint32_t instance,
                               std::string_view name) {
  write_section(out, kAliasSection,
                [&](wasm::Writer& body) { body.u8(sort).u8(kOfExport).u32(instance).name(name); });
}

}  // namespace pylon::link
