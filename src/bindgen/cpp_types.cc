#include "bindgen/cpp_types.hh"

#include <algorithm>

#include "bindgen/canonical_abi.hh"
#include "bindgen/names.hh"

namespace pylon::bindgen {
namespace {

constexpr const char* kPrimitives[] = {
    "bool",        "std::uint8_t", "std::uint16_t", "std::uint32_t", "std::uint64_t",
    "std::int8_t", "std::int16_t", "std::int32_t",  "std::int64_t",  "float",
    "double",      "char32_t",     "std::string",   "::cap::bytes"};

// Names that cap.hh has taken.
constexpr std::string_view kTaken[] = {"bytes", "err",     "failure", "forget_failure",
                                       "glue",  "outcome", "result"};

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

std::string CppTypes::named(const Type& type) const {
  return cpp_namespace(contract_.interfaces[type.interface]) + "::" + cpp_name(type.name);
}

std::string CppTypes::members(const Type& type, std::string (CppTypes::*of)(TypeRef) const) const {
  std::string out;
  for (const Member& member : type.members)
    out += (out.empty() ? "" : ", ") + (member.type ? (this->*of)(*member.type) : "void");
  return out;
}

std::string CppTypes::handle(const Type& type) const {
  if (resources_ == kHandles) return "::cap::glue::handle";
  std::string object = named(contract_.type(type.element()));
  return type.kind == Type::kOwn ? "std::unique_ptr<" + object + ">" : object + "*";
}

// What is decoded without a copy, inside of lists, options and tuples too.
std::string CppTypes::view(TypeRef ref) const {
  if (ref.code == TypeRef::kString) return "std::string_view";
  if (ref.code == TypeRef::kBytes) return "std::span<const std::uint8_t>";
  if (ref.primitive()) return kPrimitives[ref.code];
  const Type& type = contract_.type(ref);
  if (type.kind == Type::kOption) return "std::optional<" + view(type.element()) + ">";
  if (type.kind == Type::kTuple) return "std::tuple<" + members(type, &CppTypes::view) + ">";
  return owned(ref);
}

std::string CppTypes::owned(TypeRef ref) const {
  if (ref.primitive()) return kPrimitives[ref.code];
  const Type& type = contract_.type(ref);
  switch (type.kind) {
    case Type::kList:
      return "std::vector<" + owned(type.element()) + ">";
    case Type::kOption:
      return "std::optional<" + owned(type.element()) + ">";
    case Type::kTuple:
      return "std::tuple<" + members(type, &CppTypes::owned) + ">";
    case Type::kResult:
      return "::cap::result<" + members(type, &CppTypes::owned) + ">";
    case Type::kOwn:
    case Type::kBorrow:
      return handle(type);
    default:
      return named(type);
  }
}

std::string CppTypes::holder(TypeRef ref) const {
  if (contract_.is(ref, Type::kList))
    return "std::vector<" + view(contract_.type(ref).element()) + ">";
  return view(ref);
}

std::string CppTypes::holders(const Function& function) const {
  std::string out;
  for (const Param& param : function.params) out += (out.empty() ? "" : ", ") + holder(param.type);
  return "std::tuple<" + out + ">";
}

std::string CppTypes::param(TypeRef ref) const {
  if (ref.primitive()) return view(ref);
  const Type& type = contract_.type(ref);
  if (contains(contract_, ref, Type::kOwn)) return holder(ref);
  switch (type.kind) {
    case Type::kList:
      if (type.element().code == TypeRef::kBool) return "const std::vector<bool>&";
      return "std::span<" + view(type.element()) + " const>";
    case Type::kBorrow:
      return named(contract_.type(type.element())) + "&";
    case Type::kRecord:
    case Type::kVariant:
    case Type::kResult:
      return "const " + owned(ref) + "&";
    default:
      return view(ref);
  }
}

std::string CppTypes::argument(TypeRef ref, const std::string& holder) const {
  if (contract_.is(ref, Type::kBorrow)) return "*" + holder;
  if (contains(contract_, ref, Type::kOwn)) return "std::move(" + holder + ")";
  return holder;
}

std::string CppTypes::result(const std::optional<TypeRef>& type) const {
  return type ? owned(*type) : "void";
}

}  // namespace pylon::bindgen
