// The Python side of a cap that is linked into the component: an extension, which src/link appends
// to the finished component. It hands the interpreter the schema and a way to call; the module is
// made by python/binding.
#pragma once

#include <string>

#include "bindgen/contract.hh"

namespace pylon::bindgen {

/// `_NAME_cap.cc`: the extension that calls the cap's typed imports, for embed linkage. Over
/// src/bindgen/guest and src/bindgen/extension_guest.
std::string extension_source(const Contract& contract, const std::string& name);

/// `_NAME_static.cc`: the extension that calls the provider in the same module, for static linkage.
/// To compile together with all that the provider is made of.
std::string static_extension_source(const Contract& contract, const std::string& name);

}  // namespace pylon::bindgen
