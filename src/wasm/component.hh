// The outermost layer of a component: its sections, so that a core module inside can be looked at
// or exchanged. Format:
// https://github.com/WebAssembly/component-model/blob/main/design/mvp/Binary.md
#pragma once

#include <array>
#include <vector>

#include "wasm/module.hh"

namespace pylon::wasm {

/// A section of a component.
struct ComponentSection {
  static constexpr std::uint8_t kCoreModule = 1;

  std::uint8_t id = 0;
  ByteView body;
};

/// "\0asm", version 13 of layer 1: what every component begins with.
constexpr std::array<std::uint8_t, 8> kComponentHeader = {0x00, 0x61, 0x73, 0x6d,
                                                          0x0d, 0x00, 0x01, 0x00};

/// A component as a list of sections; their bodies point into the bytes it keeps.
class Component {
 public:
  /// Splits a component. Anything else, or a section that does not fit, is kCorrupt; bodies are not
  /// looked into.
  static Result<Component> parse(Bytes bytes, std::string name);

  const std::vector<ComponentSection>& sections() const { return sections_; }
  /// The whole component.
  ByteView bytes() const { return *bytes_; }

  /// The same component with the body of section `index` exchanged.
  Bytes with_section(std::size_t index, ByteView body) const;

 private:
  std::shared_ptr<const Bytes> bytes_;
  std::vector<ComponentSection> sections_;
};

/// What a component wants from outside and what it offers, by name: "wasi:io/streams@0.2.6".
struct ComponentInterfaces {
  std::vector<std::string> imports;
  std::vector<std::string> exports;
};

/// Reads the component's own import and export sections; those of components inside are not looked
/// into. Imports of instances that hold nothing but types are left out: nothing has to provide
/// them.
Result<ComponentInterfaces> read_interfaces(const Component& component, const std::string& name);

/// The names of all imports, in their order, those of types only among them.
Result<std::vector<std::string>> read_import_names(const Component& component,
                                                   const std::string& name);

/// An export: its name and its sort (ComponentExtern::sort).
struct ComponentExport {
  std::string name;
  std::uint8_t sort = 0;
};

/// The component's own exports, in their order.
Result<std::vector<ComponentExport>> read_exports(const Component& component,
                                                  const std::string& name);

}  // namespace pylon::wasm
