// The function names of the custom section "name".
// Format: the WebAssembly core specification, appendix "Custom Sections".
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "wasm/module.hh"

namespace pylon::wasm {

/// (function index, name), by ascending index.
using FunctionNames = std::vector<std::pair<std::uint32_t, std::string>>;

/// Reads the function names; none if the module has no name section.
Result<FunctionNames> read_function_names(const Module& module);

/// The body of a name section with these function names only.
Bytes write_function_names(const FunctionNames& names);

}  // namespace pylon::wasm
