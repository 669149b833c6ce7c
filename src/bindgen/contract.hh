// What a cap offers and what it calls back, as its WIT world says it: the one model that schema,
// stubs, provider and extension are written from. Aliases are resolved; the list of types is in the
// order of the schema (docs/bindings.md).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace pylon::bindgen {

/// A type, as the schema names it: a primitive, or an entry of Contract::types.
struct TypeRef {
  enum Primitive : std::uint32_t {
    kBool,
    kU8,
    kU16,
    kU32,
    kU64,
    kS8,
    kS16,
    kS32,
    kS64,
    kF32,
    kF64,
    kChar,
    kString,
    kBytes,
  };
  static constexpr std::uint32_t kFirstIndex = 16;

  std::uint32_t code = kBool;

  static TypeRef of(std::size_t index) { return {static_cast<std::uint32_t>(index) + kFirstIndex}; }
  bool primitive() const { return code < kFirstIndex; }
  std::size_t index() const { return code - kFirstIndex; }
  bool operator==(const TypeRef&) const = default;
};

struct Param {
  std::string name;
  TypeRef type;
};

struct Function {
  enum Kind : std::uint8_t { kFree, kConstructor, kMethod, kStatic };

  Kind kind = kFree;
  std::string name;      ///< "new" for a constructor; a method's name without its resource
  std::string wit_name;  ///< as the component model spells it: `[method]r.m`
  std::string method;    ///< as it is called over dynlink: `interface.r.m`
  std::string docs;
  std::vector<Param> params;
  std::optional<TypeRef> result;
};

/// A field, a case or a flag; of list, option, own, borrow and tuple only the types; of result ok
/// and err.
struct Member {
  std::string name;
  std::optional<TypeRef> type;
  std::string docs;

  bool operator==(const Member&) const = default;
};

struct Type {
  enum Kind : std::uint8_t {
    kList,
    kOption,
    kResult,
    kTuple,
    kRecord,
    kVariant,
    kEnum,
    kFlags,
    kResource,
    kOwn,
    kBorrow,
  };

  Kind kind = kList;
  std::vector<Member> members;

  // Of those that have a name:
  std::uint32_t interface = 0;  ///< where it is defined
  std::string name;
  std::string docs;

  // Of resources:
  std::string drop_method;
  std::vector<Function> functions;

  bool named() const { return kind >= kRecord && kind <= kResource; }
  /// What a list, option, own or borrow is of.
  TypeRef element() const { return *members[0].type; }
};

/// A type by its name in an interface: defined there, used from elsewhere, or an alias.
struct NamedType {
  std::string name;
  TypeRef type;
  std::string docs;
};

struct Interface {
  enum Role : std::uint8_t { kTypesOnly, kExported, kCallbacks };

  Role role = kTypesOnly;
  std::string name;  ///< `codec`
  std::string id;    ///< `zstd:compression/codec@0.1.0`
  std::string docs;
  std::vector<NamedType> names;
  std::vector<Function> functions;  ///< those of no resource
};

struct Contract {
  std::string package;  ///< `zstd:compression@0.1.0`
  std::string docs;
  std::vector<Interface>
      interfaces;  ///< exported, then callbacks, then those that only define types
  std::vector<Type> types;
  bool loads_others = false;  ///< the world imports compose:dynlink/linker
  bool locks_files = false;   ///< the world imports pylon:files/locks

  const Type& type(TypeRef ref) const { return types[ref.index()]; }
  bool is(TypeRef ref, Type::Kind kind) const { return !ref.primitive() && type(ref).kind == kind; }
  bool has_callbacks() const {
    for (const Interface& interface : interfaces)
      if (interface.role == Interface::kCallbacks) return true;
    return false;
  }
};

}  // namespace pylon::bindgen
