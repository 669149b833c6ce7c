// The provider's side: what a cap's author includes and implements, and the component's exports.
#pragma once

#include <string>

#include "bindgen/contract.hh"

namespace pylon::bindgen {

/// `NAME_cap.hh`: types, and the functions that the author defines or may call.
std::string provider_header(const Contract& contract);

/// `NAME_cap.cc`: typed exports, the compose:dynlink endpoint and the callbacks, over
/// src/bindgen/guest.
std::string provider_glue(const Contract& contract, const std::string& name);

}  // namespace pylon::bindgen
