#include "link/interface_type.hh"

#include <algorithm>
#include <set>

#include "link/sections.hh"
#include "wasm/component_types.hh"

namespace pylon::link {
namespace {

using wasm::Cursor;
using wasm::Writer;

// Kinds of declarations in an instance type, and of what they declare.
constexpr std::uint8_t kTypeDeclaration = 0x01, kAliasDeclaration = 0x02, kExportDeclaration = 0x04;
constexpr std::uint8_t kTypeSort = 0x03, kFunctionSort = 0x01, kOuterAlias = 0x02;
constexpr std::uint8_t kEqual = 0x00, kResource = 0x01;

// The component around an instance type, counted from inside of it.
constexpr std::uint32_t kAround = 1;

Result<std::uint32_t> read_alias(Cursor& in) {
  PYLON_TRY(sort, in.u8("an alias's sort"));
  PYLON_TRY(target, in.u8("an alias's target"));
  if (sort != kTypeSort || target != kOuterAlias)
    return fail(in.error("an interface's type has an alias that is not one of an outer type"));
  PYLON_TRY(around, in.u32("how far out an alias points"));
  if (around != kAround)
    return fail(in.error("an interface's type has an alias that points too far out"));
  return in.u32("where an alias points");
}

}  // namespace

std::vector<std::string> InterfaceType::needs() const {
  std::set<std::string> out;
  for (const Declaration& declaration : declarations_)
    if (declaration.kind == Declaration::Kind::kForeign) out.insert(declaration.foreign.interface);
  return {out.begin(), out.end()};
}

std::optional<ForeignType> InterfaceType::origin(std::string_view type) const {
  std::vector<const Declaration*> types;
  for (const Declaration& declaration : declarations_) {
    if (declaration.kind == Declaration::Kind::kTypeName && declaration.name == type) {
      if (!declaration.index) return std::nullopt;
      const Declaration& same = *types[*declaration.index];
      if (same.kind == Declaration::Kind::kForeign) return same.foreign;
      return same.kind == Declaration::Kind::kTypeName ? origin(same.name) : std::nullopt;
    }
    if (defines_type(declaration)) types.push_back(&declaration);
  }
  return std::nullopt;
}

// The index of the type that a declaration defines; that of one that is there already.
Result<std::uint32_t> InterfaceType::put(Declaration declaration) {
  std::uint32_t index = 0;
  for (const Declaration& present : declarations_) {
    if (present == declaration) return index;
    if (!declaration.name.empty() && present.name == declaration.name)
      return fail(
          ErrorKind::kInput,
          "the components do not agree on what '" + declaration.name + "' of " + name_ + " is",
          "build them against one version of the interface");
    if (defines_type(present)) ++index;
  }
  declarations_.push_back(std::move(declaration));
  if (defines_type(declarations_.back())) ++types_;
  return types_ - 1;
}

Result<void> InterfaceType::add(Cursor& in,
                                const std::function<Result<ForeignType>(std::uint32_t)>& foreign) {
  std::vector<std::uint32_t> types;  // of the added type, by its own indices
  const auto known = [&](std::uint32_t index) -> Result<std::uint32_t> {
    if (index < types.size()) return types[index];
    return fail(in.error("a type index beyond the types"));
  };
  PYLON_TRY(count, in.count("the number of declarations", 2));
  for (std::uint32_t i = 0; i < count; ++i) {
    PYLON_TRY(kind, in.u8("a declaration"));
    Declaration declaration;
    if (kind == kTypeDeclaration) {
      Writer type;
      PYLON_CHECK(wasm::copy_type(in, type, known));
      declaration.type = type.take();
    } else if (kind == kAliasDeclaration) {
      PYLON_TRY(index, read_alias(in));
      PYLON_TRY(type, foreign(index));
      declaration.kind = Declaration::Kind::kForeign;
      declaration.foreign = type;
    } else if (kind == kExportDeclaration) {
      PYLON_TRY(name, wasm::read_extern_name(in));
      PYLON_TRY(item, wasm::read_extern_type(in));
      if (item.sort != kTypeSort && item.sort != kFunctionSort)
        return fail(in.error("'" + name + "' is neither a type nor a function"));
      declaration.kind =
          item.sort == kTypeSort ? Declaration::Kind::kTypeName : Declaration::Kind::kFunction;
      declaration.name = name;
      if (!item.is_resource) {
        PYLON_TRY(index, known(item.index));
        declaration.index = index;
      }
    } else {
      return fail(in.error("an interface's type has a declaration of unknown kind"));
    }
    const bool type = defines_type(declaration);
    PYLON_TRY(index, put(std::move(declaration)));
    if (type) types.push_back(index);
  }
  return {};
}

Bytes InterfaceType::encode(
    const std::function<std::uint32_t(const ForeignType&)>& index_of) const {
  Writer out;
  out.u8(kInstanceType).u32(static_cast<std::uint32_t>(declarations_.size()));
  for (const Declaration& declaration : declarations_) {
    switch (declaration.kind) {
      case Declaration::Kind::kType:
        out.u8(kTypeDeclaration).bytes(declaration.type);
        break;
      case Declaration::Kind::kForeign:
        out.u8(kAliasDeclaration).u8(kTypeSort).u8(kOuterAlias).u32(kAround);
        out.u32(index_of(declaration.foreign));
        break;
      case Declaration::Kind::kTypeName:
        out.u8(kExportDeclaration).u8(0).name(declaration.name).u8(kTypeSort);
        if (declaration.index)
          out.u8(kEqual).u32(*declaration.index);
        else
          out.u8(kResource);
        break;
      case Declaration::Kind::kFunction:
        out.u8(kExportDeclaration).u8(0).name(declaration.name).u8(kFunctionSort);
        out.u32(*declaration.index);
        break;
    }
  }
  return out.take();
}

}  // namespace pylon::link
