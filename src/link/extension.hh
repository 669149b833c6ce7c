// Appends extensions to a finished component: core modules that share the memory, the table and the
// stack of the module that the component is made of.
#pragma once

#include <span>
#include <string>

#include "wasm/component.hh"

namespace pylon::link {

/// An extension as `toolchain/cap extension` makes it: a component that imports interfaces and
/// holds one position-independent core module, which it does not instantiate. That module imports
/// - from "env": memory, table, stack pointer, and where its own data and table slots begin,
/// - from "pylon:extension": functions that the base exports as "extension/NAME",
/// - from the imported interfaces: their functions, lowered.
struct ExtensionModule {
  std::string name;  ///< for messages
  wasm::Component component;
};

/// The base with the extensions behind its last section: it imports what they import, too, and
/// instantiates them with itself. Their data lie behind the base's initial memory, their functions
/// behind its table; of its core module, only these two limits and the exports are other than
/// before. The same input gives the same bytes. What does not fit together is kInput, a malformed
/// component kCorrupt; the types of functions are not compared here: any engine does that.
Result<Bytes> append_extensions(const wasm::Component& base,
                                std::span<const ExtensionModule> extensions);

}  // namespace pylon::link
