// The parts of the component model's canonical ABI that generated declarations need.
#pragma once

#include <optional>
#include <vector>

#include "bindgen/contract.hh"

namespace pylon::bindgen {

/// A core type of WebAssembly.
enum class Core : std::uint8_t { kI32, kI64, kF32, kF64 };

/// Its name in C and C++.
const char* core_name(Core core);

/// Above this many flat parameters, they lie in memory; above one flat result, it does.
inline constexpr std::size_t kMostFlatParams = 16;

/// A type as core types in a row; those of a variant's cases are joined.
std::vector<Core> flatten(const Contract& contract, TypeRef type);

/// All parameters in a row.
std::vector<Core> flatten_params(const Contract& contract, const Function& function);

/// Of a type that is one flat value: the integer or float that it is in memory.
TypeRef::Primitive sole_primitive(const Contract& contract, TypeRef type);

/// Whether there is a handle of this kind anywhere in the type.
bool contains(const Contract& contract, TypeRef type, Type::Kind handle);

}  // namespace pylon::bindgen
