// The types of a contract as C++ definitions, and what src/bindgen/guest/shapes.hh is told about
// them.
#pragma once

#include <string>

#include "bindgen/cpp_types.hh"

namespace pylon::bindgen {

/// Definitions of all records, variants, enums and flags.
std::string type_definitions(const Contract& contract, CppTypes::Resources resources);

/// The specialisations for them, for inside of the namespace cap::glue.
std::string type_shapes(const Contract& contract, const CppTypes& types);

}  // namespace pylon::bindgen
