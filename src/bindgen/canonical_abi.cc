#include "bindgen/canonical_abi.hh"

#include <algorithm>

namespace pylon::bindgen {
namespace {

Core join(Core a, Core b) {
  if (a == b) return a;
  bool narrow = (a == Core::kI32 || a == Core::kF32) && (b == Core::kI32 || b == Core::kF32);
  return narrow ? Core::kI32 : Core::kI64;
}

void append(std::vector<Core>& out, const std::vector<Core>& more) {
  out.insert(out.end(), more.begin(), more.end());
}

std::vector<Core> flatten_primitive(std::uint32_t code) {
  switch (code) {
    case TypeRef::kU64:
    case TypeRef::kS64:
      return {Core::kI64};
    case TypeRef::kF32:
      return {Core::kF32};
    case TypeRef::kF64:
      return {Core::kF64};
    case TypeRef::kString:
    case TypeRef::kBytes:
      return {Core::kI32, Core::kI32};
    default:
      return {Core::kI32};
  }
}

// A discriminant, then the payloads laid over each other.
std::vector<Core> flatten_cases(const Contract& contract, const Type& type) {
  std::vector<Core> payload;
  for (const Member& member : type.members) {
    if (!member.type) continue;
    std::vector<Core> one = flatten(contract, *member.type);
    for (std::size_t i = 0; i < one.size(); ++i) {
      if (i < payload.size())
        payload[i] = join(payload[i], one[i]);
      else
        payload.push_back(one[i]);
    }
  }
  payload.insert(payload.begin(), Core::kI32);
  return payload;
}

}  // namespace

const char* core_name(Core core) {
  static constexpr const char* kNames[] = {"std::int32_t", "std::int64_t", "float", "double"};
  return kNames[static_cast<std::size_t>(core)];
}

std::vector<Core> flatten(const Contract& contract, TypeRef ref) {
  if (ref.primitive()) return flatten_primitive(ref.code);
  const Type& type = contract.type(ref);
  std::vector<Core> out;
  switch (type.kind) {
    case Type::kList:
      return {Core::kI32, Core::kI32};
    case Type::kOption:
    case Type::kResult:
    case Type::kVariant:
      return flatten_cases(contract, type);
    case Type::kTuple:
    case Type::kRecord:
      for (const Member& member : type.members) append(out, flatten(contract, *member.type));
      return out;
    default:
      return {Core::kI32};
  }
}

std::vector<Core> flatten_params(const Contract& contract, const Function& function) {
  std::vector<Core> out;
  for (const Param& param : function.params) append(out, flatten(contract, param.type));
  return out;
}

TypeRef::Primitive sole_primitive(const Contract& contract, TypeRef ref) {
  if (ref.primitive()) return static_cast<TypeRef::Primitive>(ref.code);
  const Type& type = contract.type(ref);
  std::size_t count = type.members.size();
  switch (type.kind) {
    case Type::kTuple:
    case Type::kRecord:
      return sole_primitive(contract, *type.members[0].type);
    case Type::kFlags:
      return count <= 8 ? TypeRef::kU8 : count <= 16 ? TypeRef::kU16 : TypeRef::kU32;
    case Type::kOwn:
    case Type::kBorrow:
      return TypeRef::kU32;
    default:
      return count <= 256 ? TypeRef::kU8 : count <= 65536 ? TypeRef::kU16 : TypeRef::kU32;
  }
}

bool contains(const Contract& contract, TypeRef ref, Type::Kind handle) {
  if (ref.primitive()) return false;
  const Type& type = contract.type(ref);
  if (type.kind == handle) return true;
  if (type.kind == Type::kOwn || type.kind == Type::kBorrow) return false;
  return std::any_of(type.members.begin(), type.members.end(), [&](const Member& member) {
    return member.type && contains(contract, *member.type, handle);
  });
}

}  // namespace pylon::bindgen
