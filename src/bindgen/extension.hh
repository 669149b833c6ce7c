// The consumer's side of typed linkage: a Python extension that calls a cap's typed imports.
#pragma once

#include <string>

#include "bindgen/contract.hh"

namespace pylon::bindgen {

/// `_NAME_cap.cc`: the extension module, over python/binding and src/bindgen/guest. It adds itself
/// to the interpreter's built-in modules before that is initialised.
std::string extension_source(const Contract& contract, const std::string& name);

}  // namespace pylon::bindgen
