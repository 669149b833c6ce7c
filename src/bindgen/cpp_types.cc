#include "bindgen/cpp_types.hh"

#include <algorithm>
#include <array>

#include "bindgen/canonical_abi.hh"
#include "bindgen/names.hh"

namespace pylon::bindgen {
namespace {

constexpr const char* kPrimitives[] = {
    "bool",         "std::uint8_t", "std::uint16_t", "std::uint32_t", "std::uint64_t",
    "std::int8_t",  "std::int16_t", "std::int32_t",  "std::int64_t",  "float",
    "double",       "char32_t",     "std::string",   "::cap::bytes"};

// Names that cap.hh has taken.
constexpr std::string_view kTaken[] = {"bytes", "err", "failure", "forget_failure", "glue", "outcome", "result"};

std::string members_of(const Contract& contract, const Type& type,
                       std::string (*of)(const Contract&, TypeRef)) {
  std::string out;
  for (const Member& member : type.members)
    out += (out.empty() ? "" : ", ") + (member.type ? of(contract, *member.type) : "void");
  return out;
}

// What is decoded without a copy, inside of lists, options and tuples too.
std::string cpp_view(const Contract& contract, TypeRef ref) {
  if (ref.code == TypeRef::kString) return "std::string_view";
  if (ref.code == TypeRef::kBytes) return "std::span<const std::uint8_t>";
  if (ref.primitive()) return kPrimitives[ref.code];
  const Type& type = contract.type(ref);
  if (type.kind == Type::kOption)
    return "std::optional<" + cpp_view(contract, type.element()) + ">";
  if (type.kind == Type::kTuple) return "std::tuple<" + members_of(contract, type, cpp_view) + ">";
  return cpp_owned(contract, ref);
}

}  // namespace

std::string cpp_namespace(const Interface& interface) {
  std::string name = cpp_name(interface.name);
  if (std::find(std::begin(kTaken), std::end(kTaken), name) != std::end(kTaken)) name += '_';
  return "::cap::" + name;
}

std::string cpp_inner_name(const std::string& wit, const Type& type) {
  std::string name = cpp_name(wit);
  bool taken = name == cpp_name(type.name) || (type.kind == Type::kVariant && name == "value") ||
               (type.kind == Type::kFlags && name == "bits");
  return taken ? name + "_" : name;
}

std::string cpp_function_name(const Function& function, const Type* resource) {
  if (!resource) return cpp_name(function.name);
  if (function.kind == Function::kMethod) return cpp_inner_name(function.name, *resource);
  std::string stem = cpp_name(resource->name);
  if (stem.ends_with("_")) stem.pop_back();
  return function.kind == Function::kConstructor ? "make_" + stem
                                                 : stem + "_" + cpp_name(function.name);
}

std::string cpp_type(const Contract& contract, const Type& type) {
  return cpp_namespace(contract.interfaces[type.interface]) + "::" + cpp_name(type.name);
}

std::string cpp_owned(const Contract& contract, TypeRef ref) {
  if (ref.primitive()) return kPrimitives[ref.code];
  const Type& type = contract.type(ref);
  switch (type.kind) {
    case Type::kList:
      return "std::vector<" + cpp_owned(contract, type.element()) + ">";
    case Type::kOption:
      return "std::optional<" + cpp_owned(contract, type.element()) + ">";
    case Type::kTuple:
      return "std::tuple<" + members_of(contract, type, cpp_owned) + ">";
    case Type::kResult:
      return "::cap::result<" + members_of(contract, type, cpp_owned) + ">";
    case Type::kOwn:
      return "std::unique_ptr<" + cpp_type(contract, contract.type(type.element())) + ">";
    case Type::kBorrow:
      return cpp_type(contract, contract.type(type.element())) + "*";
    default:
      return cpp_type(contract, type);
  }
}

std::string cpp_holder(const Contract& contract, TypeRef ref) {
  if (contract.is(ref, Type::kList))
    return "std::vector<" + cpp_view(contract, contract.type(ref).element()) + ">";
  return cpp_view(contract, ref);
}

std::string cpp_param(const Contract& contract, TypeRef ref) {
  if (ref.primitive()) return cpp_view(contract, ref);
  const Type& type = contract.type(ref);
  if (contains(contract, ref, Type::kOwn)) return cpp_holder(contract, ref);
  switch (type.kind) {
    case Type::kList:
      if (type.element().code == TypeRef::kBool) return "const std::vector<bool>&";
      return "std::span<" + cpp_view(contract, type.element()) + " const>";
    case Type::kBorrow:
      return cpp_type(contract, contract.type(type.element())) + "&";
    case Type::kRecord:
    case Type::kVariant:
    case Type::kResult:
      return "const " + cpp_owned(contract, ref) + "&";
    default:
      return cpp_view(contract, ref);
  }
}

std::string cpp_argument(const Contract& contract, TypeRef ref, const std::string& holder) {
  if (contract.is(ref, Type::kBorrow)) return "*" + holder;
  if (contains(contract, ref, Type::kOwn)) return "std::move(" + holder + ")";
  return holder;
}

std::string cpp_result(const Contract& contract, const std::optional<TypeRef>& type) {
  return type ? cpp_owned(contract, *type) : "void";
}

}  // namespace pylon::bindgen
