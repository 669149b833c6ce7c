// Reads a contract from WIT, in the JSON that `wasm-tools component wit --json` prints.
#pragma once

#include <string>
#include <string_view>

#include "base/error.hh"
#include "bindgen/contract.hh"

namespace pylon::bindgen {

/// The contract of the world called `world`, or of the only world of the last package if `world` is
/// empty. `name` is what errors call the input. Anything that docs/bindings.md does not list is
/// kInput, naming the WIT item.
Result<Contract> read_contract(std::string_view json, const std::string& name,
                               const std::string& world);

}  // namespace pylon::bindgen
