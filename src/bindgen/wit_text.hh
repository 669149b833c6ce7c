// The worlds that generated code implements, as WIT text for `wasm-tools component embed`: one
// file, self-contained.
#pragma once

#include <string>

#include "bindgen/contract.hh"

namespace pylon::bindgen {

/// World `provider`: exports the typed interfaces and the endpoint, imports the way back if there
/// are callbacks.
std::string provider_world(const Contract& contract);

/// World `extension`: imports the typed interfaces.
std::string extension_world(const Contract& contract);

}  // namespace pylon::bindgen
