// Type stubs of the Python module that a contract becomes.
#pragma once

#include <string>

#include "bindgen/contract.hh"

namespace pylon::bindgen {

/// The text of `_<name>_cap.pyi`.
std::string stubs_of(const Contract& contract);

}  // namespace pylon::bindgen
