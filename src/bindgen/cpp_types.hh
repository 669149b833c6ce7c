// The C++ types of a contract, as the author of a component sees them (docs/bindings.md).
#pragma once

#include <string>

#include "bindgen/contract.hh"

namespace pylon::bindgen {

/// The namespace of an interface: `::cap::codec`.
std::string cpp_namespace(const Interface& interface);

/// A case, a flag or a method as it is called inside of its type.
std::string cpp_inner_name(const std::string& wit, const Type& type);

/// A function as the author defines it: `make_r` for the constructor of `r`, `r_s` for its static
/// function `s`.
std::string cpp_function_name(const Function& function, const Type* resource);

/// Spells types.
class CppTypes {
 public:
  /// How resources appear: as objects to who implements them, as handles to who only passes them
  /// on.
  enum Resources : std::uint8_t { kObjects, kHandles };

  CppTypes(const Contract& contract, Resources resources)
      : contract_(contract), resources_(resources) {}

  /// A named type: `::cap::codec::frame`.
  std::string named(const Type& type) const;
  /// What results and records hold: std::string, cap::bytes...
  std::string owned(TypeRef type) const;
  /// What a parameter is decoded into: views of the payload where possible, a vector for a list.
  std::string holder(TypeRef type) const;
  /// A parameter as it is declared.
  std::string param(TypeRef type) const;
  /// The argument that is passed for a parameter whose holder is `holder`.
  std::string argument(TypeRef type, const std::string& holder) const;
  /// A result: void, or owned.
  std::string result(const std::optional<TypeRef>& type) const;
  /// The holders of all parameters: `std::tuple<...>`.
  std::string holders(const Function& function) const;

 private:
  std::string view(TypeRef type) const;
  std::string handle(const Type& type) const;
  std::string members(const Type& type, std::string (CppTypes::*of)(TypeRef) const) const;

  const Contract& contract_;
  Resources resources_;
};

}  // namespace pylon::bindgen
