#include "link/world_imports.hh"

#include <variant>

#include "link/component_items.hh"
#include "link/sections.hh"
#include "wasm/component_types.hh"

namespace pylon::link {
namespace {

using wasm::ComponentExtern;
using wasm::Cursor;
using wasm::Writer;

struct Import {
  std::string name;
  Cursor type;  // what an instance type declares
};

// The index spaces of a component as far as its imports need them.
class ImportReader {
 public:
  ImportReader(const wasm::Component& component, const std::string& id)
      : component_(component), id_(id) {}

  Result<std::vector<Import>> read() {
    for (const wasm::ComponentSection& section : component_.sections()) {
      Cursor in(section.body, 0, id_);
      if (section.id == kTypeSection) PYLON_CHECK(types(in));
      if (section.id == kAliasSection) PYLON_CHECK(aliases(in));
      if (section.id == kImportSection) PYLON_CHECK(imports(in));
      if (section.id == kInstanceSection) PYLON_CHECK(instances(in));
      if (section.id == kExportSection) PYLON_CHECK(exports(in));
    }
    return std::move(imports_);
  }

  Result<ForeignType> foreign(std::uint32_t index) const {
    if (index < types_.size())
      if (const auto* type = std::get_if<ForeignType>(&types_[index])) return *type;
    return fail(ErrorKind::kInput,
                id_ + " imports an interface that uses a type of no other interface");
  }

 private:
  struct Other {};

  Result<void> types(Cursor& in) {
    PYLON_TRY(count, in.count("the number of types"));
    for (std::uint32_t i = 0; i < count; ++i) {
      Cursor ahead = in;
      PYLON_TRY(kind, ahead.u8("a type"));
      PYLON_CHECK(wasm::skip_type(in));
      if (kind == kInstanceType)
        types_.emplace_back(ahead);
      else
        types_.emplace_back(Other());
    }
    return in.expect_end();
  }

  Result<void> aliases(Cursor& in) {
    PYLON_TRY(count, in.count("the number of aliases", 4));
    for (std::uint32_t i = 0; i < count; ++i) {
      PYLON_TRY(alias, read_alias(in));
      if (alias.sort == ComponentExtern::kInstance) instances_.emplace_back();
      if (alias.sort != ComponentExtern::kType) continue;
      const bool of_import = alias.target == kOfExport && alias.instance < instances_.size() &&
                             !instances_[alias.instance].empty();
      if (of_import)
        types_.emplace_back(ForeignType{instances_[alias.instance], alias.name});
      else
        types_.emplace_back(Other());
    }
    return in.expect_end();
  }

  Result<void> instances(Cursor& in) {
    PYLON_TRY(count, in.count("the number of instances"));
    instances_.resize(instances_.size() + count);
    return {};
  }

  Result<void> exports(Cursor& in) {
    PYLON_TRY(count, in.count("the number of exports", 4));
    for (std::uint32_t i = 0; i < count; ++i) {
      PYLON_TRY(sort, read_export_sort(in));
      if (sort == ComponentExtern::kType) types_.emplace_back(Other());
      if (sort == ComponentExtern::kInstance) instances_.emplace_back();
    }
    return in.expect_end();
  }

  Result<void> imports(Cursor& in) {
    PYLON_TRY(count, in.count("the number of imports", 4));
    for (std::uint32_t i = 0; i < count; ++i) {
      PYLON_TRY(name, wasm::read_extern_name(in));
      PYLON_TRY(item, wasm::read_extern_type(in));
      const bool known = item.sort == ComponentExtern::kInstance && item.index < types_.size();
      const auto* type = known ? std::get_if<Cursor>(&types_[item.index]) : nullptr;
      if (!type)
        return fail(ErrorKind::kInput, id_ + " imports '" + name + "', which is not an interface",
                    "only interfaces can be composed: put it into one");
      instances_.push_back(name);
      imports_.push_back({name, *type});
    }
    return in.expect_end();
  }

  const wasm::Component& component_;
  const std::string& id_;
  std::vector<std::variant<Other, Cursor, ForeignType>> types_;
  std::vector<std::string> instances_;  // names of imports; empty where it is none
  std::vector<Import> imports_;
};

}  // namespace

// Interfaces hand types of others on; the first owner stands for all of them.
ForeignType WorldImports::origin(ForeignType type) const {
  for (auto at = interfaces_.find(type.interface); at != interfaces_.end();
       at = interfaces_.find(type.interface)) {
    const std::optional<ForeignType> next = at->second.origin(type.name);
    if (!next) break;
    type = *next;
  }
  return type;
}

Result<void> WorldImports::add(const wasm::Component& component, const std::string& id,
                               const std::function<bool(const std::string&)>& wanted) {
  ImportReader reader(component, id);
  PYLON_TRY(imports, reader.read());
  for (Import& import : imports) {
    if (!wanted(import.name)) continue;
    const auto foreign = [&](std::uint32_t index) -> Result<ForeignType> {
      PYLON_TRY(type, reader.foreign(index));
      if (wanted(type.interface)) return origin(type);
      return fail(ErrorKind::kInput,
                  id + " imports " + import.name + ", which uses '" + type.name + "' of " +
                      type.interface + ", which another component provides",
                  "compose the component that provides " + import.name + ", too");
    };
    auto at = interfaces_.try_emplace(import.name, import.name).first;
    PYLON_CHECK(at->second.add(import.type, foreign));
  }
  return {};
}

// Imports an interface, after those that it needs.
Result<void> WorldImports::write(const std::string& name, Writer& out) {
  if (instances_.contains(name)) return {};
  const InterfaceType& interface = interfaces_.at(name);
  for (const std::string& needed : interface.needs()) PYLON_CHECK(write(needed, out));
  const auto index_of = [&](const ForeignType& type) {
    const auto [at, is_new] = types_.try_emplace(type, type_count_);
    if (is_new) {
      write_export_alias(out, ComponentExtern::kType, instances_.at(type.interface), type.name);
      ++type_count_;
    }
    return at->second;
  };
  const Bytes type = interface.encode(index_of);
  write_section(out, kTypeSection, [&](Writer& body) { body.bytes(type); });
  write_section(out, kImportSection, [&](Writer& body) {
    body.u8(0).name(name).u8(ComponentExtern::kInstance).u32(type_count_);
  });
  ++type_count_;
  instances_.emplace(name, instance_count_++);
  return {};
}

Result<std::uint32_t> WorldImports::instance(const std::string& name) const {
  const auto at = instances_.find(name);
  if (at != instances_.end()) return at->second;
  return fail(ErrorKind::kInput, "the import " + name + " is not one of the composition's");
}

Result<Bytes> WorldImports::sections() {
  Writer out;
  for (const auto& [name, interface] : interfaces_) PYLON_CHECK(write(name, out));
  return out.take();
}

}  // namespace pylon::link
