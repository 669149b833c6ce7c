// The C++ types of a contract, as the author of a component sees them (docs/bindings.md).
#pragma once

#include <string>

#include "bindgen/contract.hh"

namespace pylon::bindgen {

/// The namespace of an interface: `::cap::codec`.
std::string cpp_namespace(const Interface& interface);

/// A case, a flag or a method as it is called inside of its type.
std::string cpp_inner_name(const std::string& wit, const Type& type);

/// A function as the author defines it: `make_r` for the constructor of `r`, `r_s` for its static function `s`.
std::string cpp_function_name(const Function& function, const Type* resource);

/// A named type: `::cap::codec::frame`.
std::string cpp_type(const Contract& contract, const Type& type);

/// What results and records hold: std::string, cap::bytes...
std::string cpp_owned(const Contract& contract, TypeRef type);

/// What a parameter is decoded into: views of the payload where possible, a vector for a list.
std::string cpp_holder(const Contract& contract, TypeRef type);

/// A parameter as it is declared.
std::string cpp_param(const Contract& contract, TypeRef type);

/// The argument that is passed for a parameter whose holder is `holder`.
std::string cpp_argument(const Contract& contract, TypeRef type, const std::string& holder);

/// A result: void, or owned.
std::string cpp_result(const Contract& contract, const std::optional<TypeRef>& type);

}  // namespace pylon::bindgen
