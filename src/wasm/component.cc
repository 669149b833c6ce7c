#include "wasm/component.hh"

#include <algorithm>

#include "wasm/component_types.hh"
#include "wasm/writer.hh"

namespace pylon::wasm {
namespace {

constexpr std::uint8_t kAliasSection = 6;
constexpr std::uint8_t kTypeSection = 7;
constexpr std::uint8_t kImportSection = 10;
constexpr std::uint8_t kExportSection = 11;

struct OutsideImport {
  std::string name;
  bool types_only = false;
};

// All that the outermost layer imports and exports.
struct Outside {
  std::vector<OutsideImport> imports;
  std::vector<ComponentExport> exports;
};

Result<void> read_imports(Cursor in, ComponentTypes& types, std::vector<OutsideImport>& out) {
  PYLON_TRY(count, in.count("the number of imports", 4));
  for (std::uint32_t i = 0; i < count; ++i) {
    PYLON_TRY(name, read_extern_name(in));
    PYLON_TRY(type, read_extern_type(in));
    if (type.sort == ComponentExtern::kType) types.add_type();
    out.push_back({std::move(name),
                   type.sort == ComponentExtern::kInstance && types.is_types_only(type.index)});
  }
  return in.expect_end();
}

Result<void> read_exports(Cursor in, ComponentTypes& types, std::vector<ComponentExport>& out) {
  PYLON_TRY(count, in.count("the number of exports", 4));
  for (std::uint32_t i = 0; i < count; ++i) {
    PYLON_TRY(name, read_extern_name(in));
    PYLON_TRY(sort, in.u8("an export's sort"));
    if (sort == 0x00) PYLON_CHECK(in.u8("an export's core sort"));
    PYLON_CHECK(in.u32("an export's index"));
    PYLON_TRY(typed, in.u8("whether an export has a type"));
    if (typed > 1) return fail(in.error("neither a type nor none"));
    if (typed == 1) PYLON_CHECK(read_extern_type(in));
    if (sort == ComponentExtern::kType) types.add_type();
    out.push_back({std::move(name), sort});
  }
  return in.expect_end();
}

Result<Outside> read_outside(const Component& component, const std::string& name) {
  Outside out;
  ComponentTypes types;
  for (const ComponentSection& section : component.sections()) {
    auto body = [&](const char* what) { return Cursor(section.body, 0, name + ": " + what); };
    if (section.id == kTypeSection) PYLON_CHECK(types.add_types(body("type section")));
    if (section.id == kAliasSection) PYLON_CHECK(types.add_aliases(body("alias section")));
    if (section.id == kImportSection)
      PYLON_CHECK(read_imports(body("import section"), types, out.imports));
    if (section.id == kExportSection)
      PYLON_CHECK(read_exports(body("export section"), types, out.exports));
  }
  return out;
}

}  // namespace

Result<ComponentInterfaces> read_interfaces(const Component& component, const std::string& name) {
  PYLON_TRY(outside, read_outside(component, name));
  ComponentInterfaces out;
  for (OutsideImport& import : outside.imports)
    if (!import.types_only) out.imports.push_back(std::move(import.name));
  for (ComponentExport& item : outside.exports) out.exports.push_back(std::move(item.name));
  return out;
}

Result<std::vector<std::string>> read_import_names(const Component& component,
                                                   const std::string& name) {
  PYLON_TRY(outside, read_outside(component, name));
  std::vector<std::string> out;
  for (OutsideImport& import : outside.imports) out.push_back(std::move(import.name));
  return out;
}

Result<std::vector<ComponentExport>> read_exports(const Component& component,
                                                  const std::string& name) {
  PYLON_TRY(outside, read_outside(component, name));
  return std::move(outside.exports);
}

Result<Component> Component::parse(Bytes bytes, std::string name) {
  Component component;
  component.bytes_ = std::make_shared<const Bytes>(std::move(bytes));
  Cursor in(*component.bytes_, 0, std::move(name));
  PYLON_TRY(header, in.bytes(kComponentHeader.size(), "the component's header"));
  if (!std::equal(header.begin(), header.end(), kComponentHeader.begin()))
    return fail(in.error_at(0, "not a WebAssembly component"));
  while (!in.at_end()) {
    PYLON_TRY(id, in.u8("a section id"));
    PYLON_TRY(size, in.u32("a section's size"));
    PYLON_TRY(body, in.bytes(size, "a section"));
    component.sections_.push_back({id, body});
  }
  return component;
}

Bytes Component::with_section(std::size_t index, ByteView body) const {
  Writer out;
  out.bytes(kComponentHeader);
  for (std::size_t i = 0; i < sections_.size(); ++i)
    out.section(sections_[i].id, i == index ? body : sections_[i].body);
  return out.take();
}

}  // namespace pylon::wasm
