#include "link/extension_base.hh"

#include <algorithm>

#include "wasm/writer.hh"

namespace pylon::link {
namespace {

using wasm::ExternKind;
using wasm::SectionId;
using wasm::Writer;

constexpr std::uint64_t kPage = 65536;
// Engines allow tables of ten million entries.
constexpr std::uint64_t kLargestTable = 10'000'000;
constexpr std::uint8_t kHasMaximum = 1;

bool is_for_extensions(const wasm::Export& symbol) {
  return symbol.kind == ExternKind::kFunction && symbol.name.starts_with(kForExtensions);
}

Error wrong_form(const wasm::Module& module, const std::string& what) {
  return Error(ErrorKind::kInput,
               "no extension can be appended to " + module.name + ": it has not " + what);
}

Result<std::uint32_t> take(std::uint64_t& end, std::uint32_t size, std::uint32_t alignment,
                           std::uint64_t largest, const char* what) {
  const std::uint64_t unit = std::uint64_t{1} << alignment;
  const std::uint64_t start = (end + unit - 1) / unit * unit;
  if (start + size > largest)
    return fail(ErrorKind::kInput, std::string("the extensions do not fit into the ") + what,
                "embed fewer caps");
  end = start + size;
  return static_cast<std::uint32_t>(start);
}

void write_limits(Writer& out, const wasm::Limits& limits, std::uint64_t minimum) {
  out.u8(limits.maximum ? kHasMaximum : 0).u32(static_cast<std::uint32_t>(minimum));
  if (limits.maximum) out.u32(static_cast<std::uint32_t>(std::max(*limits.maximum, minimum)));
}

}  // namespace

Result<ExtensionBase> ExtensionBase::find(const wasm::Component& component,
                                          const IndexSpaces& spaces) {
  for (std::uint32_t i = 0; i < spaces.module_sections.size(); ++i) {
    if (!spaces.module_sections[i]) continue;
    const wasm::ByteView body = component.sections()[*spaces.module_sections[i]].body;
    PYLON_TRY(module, wasm::Module::parse(Bytes(body.begin(), body.end()),
                                          "core module " + std::to_string(i)));
    if (std::ranges::none_of(module.exports, is_for_extensions)) continue;
    ExtensionBase base(std::move(module));
    PYLON_CHECK(base.check_form());
    const auto& made_of = spaces.instance_modules;
    const auto instance = std::ranges::find(made_of, std::optional(i));
    if (std::ranges::count(made_of, std::optional(i)) != 1)
      return fail(wrong_form(base.module_, "exactly one instance"));
    base.section_ = *spaces.module_sections[i];
    base.instance_ = static_cast<std::uint32_t>(instance - made_of.begin());
    return base;
  }
  return fail(ErrorKind::kInput,
              std::string("no extension can be appended: no core module exports functions named ") +
                  kForExtensions + "...",
              "take python.wasm of this build");
}

Result<void> ExtensionBase::check_form() {
  const auto one_of_its_own = [&](ExternKind kind) {
    return module_.imported(kind) == 0 && module_.total(kind) == 1;
  };
  if (!one_of_its_own(ExternKind::kMemory) || (module_.memories[0].flags & ~kHasMaximum) != 0)
    return fail(wrong_form(module_, "one 32-bit memory of its own"));
  if (!one_of_its_own(ExternKind::kTable) || module_.tables[0].element_type != wasm::kFuncref ||
      (module_.tables[0].limits.flags & ~kHasMaximum) != 0)
    return fail(wrong_form(module_, "one table of functions of its own"));
  for (const char* name : {"memory", "cabi_realloc"})
    if (!exports(name)) return fail(wrong_form(module_, std::string("the export ") + name));
  for (const char* name : {kTableExport, kStackExport})
    if (exports(name))
      return fail(ErrorKind::kInput, module_.name + " has extensions already",
                  "append all of them at once");
  // What the linker left of the libraries' globals is the stack pointer (src/fuse).
  if (module_.imported(ExternKind::kGlobal) != 0)
    return fail(wrong_form(module_, "only globals of its own"));
  const auto is_mutable = [](const wasm::Global& global) { return global.type.is_mutable; };
  if (std::ranges::count_if(module_.globals, is_mutable) != 1)
    return fail(wrong_form(module_, "exactly one mutable global"));
  stack_pointer_ = static_cast<std::uint32_t>(std::ranges::find_if(module_.globals, is_mutable) -
                                              module_.globals.begin());
  memory_end_ = module_.memories[0].minimum * kPage;
  table_end_ = module_.tables[0].limits.minimum;
  return {};
}

Result<std::uint32_t> ExtensionBase::take_memory(std::uint32_t size, std::uint32_t alignment) {
  return take(memory_end_, size, alignment, UINT32_MAX, "memory");
}

Result<std::uint32_t> ExtensionBase::take_table(std::uint32_t size, std::uint32_t alignment) {
  return take(table_end_, size, alignment, kLargestTable, "table of functions");
}

Bytes ExtensionBase::grown() const {
  Writer table, memory, exports, out;
  table.u32(1).u8(wasm::kFuncref);
  write_limits(table, module_.tables[0].limits, table_end_);
  memory.u32(1);
  write_limits(memory, module_.memories[0], (memory_end_ + kPage - 1) / kPage);
  exports.u32(static_cast<std::uint32_t>(module_.exports.size()) + 2);
  const auto add = [&](const std::string& name, ExternKind kind, std::uint32_t index) {
    exports.name(name).u8(static_cast<std::uint8_t>(kind)).u32(index);
  };
  for (const wasm::Export& symbol : module_.exports) add(symbol.name, symbol.kind, symbol.index);
  add(kTableExport, ExternKind::kTable, 0);
  add(kStackExport, ExternKind::kGlobal, stack_pointer_);
  out.module_header();
  for (const wasm::Section& section : module_.sections) {
    if (section.id == static_cast<std::uint8_t>(SectionId::kCustom))
      out.custom_section(section.name, section.body);
    else if (section.id == static_cast<std::uint8_t>(SectionId::kTable))
      out.section(section.id, table.data());
    else if (section.id == static_cast<std::uint8_t>(SectionId::kMemory))
      out.section(section.id, memory.data());
    else if (section.id == static_cast<std::uint8_t>(SectionId::kExport))
      out.section(section.id, exports.data());
    else
      out.section(section.id, section.body);
  }
  return out.take();
}

}  // namespace pylon::link
