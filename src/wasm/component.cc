#include "wasm/component.hh"

#include <algorithm>

#include "wasm/writer.hh"

namespace pylon::wasm {
namespace {

// "\0asm", version 13 of layer 1.
constexpr std::array<std::uint8_t, 8> kComponentHeader = {0x00, 0x61, 0x73, 0x6d,
                                                          0x0d, 0x00, 0x01, 0x00};

constexpr std::uint8_t kImportSection = 10;
constexpr std::uint8_t kExportSection = 11;

// importname' and exportname': a tag that says whether a version suffix follows the name.
Result<std::string> read_extern_name(Cursor& in) {
  PYLON_TRY(tag, in.u8("the kind of a name"));
  if (tag > 2) return fail(in.error("a name of unknown kind"));
  PYLON_TRY(name, in.name("an interface name"));
  if (tag == 2) PYLON_CHECK(in.name("a version suffix"));
  return std::move(name);
}

// externdesc: what kind of thing it is, and which type it has.
Result<void> skip_extern_type(Cursor& in) {
  PYLON_TRY(kind, in.u8("the kind of an import or export"));
  if (kind == 0x00) PYLON_CHECK(in.u8("the kind of a core item"));
  if (kind == 0x02 || kind == 0x03) {
    PYLON_TRY(bound, in.u8("a bound"));
    if (kind == 0x03 && bound == 0x01) return {};  // a resource type, without an index
    if (kind == 0x02 && bound == 0x01) return fail(in.error("a value import"));
  }
  if (kind > 0x05) return fail(in.error("an import or export of unknown kind"));
  PYLON_CHECK(in.u32("a type index"));
  return {};
}

Result<void> skip_export_target(Cursor& in) {
  PYLON_TRY(sort, in.u8("a sort"));
  if (sort == 0x00) PYLON_CHECK(in.u8("a core sort"));
  PYLON_CHECK(in.u32("an index"));
  PYLON_TRY(typed, in.u8("whether an export has a type"));
  if (typed > 1) return fail(in.error("neither a type nor none"));
  if (typed == 1) PYLON_CHECK(skip_extern_type(in));
  return {};
}

Result<void> read_names(const ComponentSection& section, const std::string& file,
                        std::vector<std::string>& out) {
  const bool imports = section.id == kImportSection;
  Cursor in(section.body, 0, file + (imports ? ": import section" : ": export section"));
  PYLON_TRY(count, in.count("the number of names", 4));
  for (std::uint32_t i = 0; i < count; ++i) {
    PYLON_TRY(name, read_extern_name(in));
    out.push_back(std::move(name));
    PYLON_CHECK(imports ? skip_extern_type(in) : skip_export_target(in));
  }
  return in.expect_end();
}

}  // namespace

Result<ComponentInterfaces> read_interfaces(const Component& component, const std::string& name) {
  ComponentInterfaces out;
  for (const ComponentSection& section : component.sections()) {
    if (section.id == kImportSection) PYLON_CHECK(read_names(section, name, out.imports));
    if (section.id == kExportSection) PYLON_CHECK(read_names(section, name, out.exports));
  }
  return out;
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
