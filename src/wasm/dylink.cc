#include "wasm/dylink.hh"

namespace pylon::wasm {
namespace {

// Subsections.
constexpr std::uint8_t kMemoryInfo = 1, kNeeded = 2, kExportInfo = 3, kImportInfo = 4;
// Symbol flags.
constexpr std::uint32_t kBindingMask = 0x3, kBindingWeak = 0x1, kThreadLocal = 0x100;
// 2^16 is far above every alignment a linker asks for.
constexpr std::uint32_t kMaxAlignment = 16;

Result<std::uint32_t> read_alignment(Cursor& in) {
  PYLON_TRY(alignment, in.u32("an alignment"));
  if (alignment > kMaxAlignment)
    return fail(in.error("alignment 2^" + std::to_string(alignment) + " is too large"));
  return alignment;
}

Result<void> read_memory_info(Cursor& in, Dylink& out) {
  PYLON_TRY(memory_size, in.u32("the memory size"));
  PYLON_TRY(memory_alignment, read_alignment(in));
  PYLON_TRY(table_size, in.u32("the table size"));
  PYLON_TRY(table_alignment, read_alignment(in));
  out.memory_size = memory_size;
  out.memory_alignment = memory_alignment;
  out.table_size = table_size;
  out.table_alignment = table_alignment;
  return {};
}

Result<void> read_needed(Cursor& in, Dylink& out) {
  PYLON_TRY(count, in.count("needed libraries"));
  for (std::uint32_t i = 0; i < count; ++i) {
    PYLON_TRY(name, in.name("a needed library"));
    out.needed.push_back(std::move(name));
  }
  return {};
}

Result<void> read_export_info(Cursor& in, Dylink& out) {
  PYLON_TRY(count, in.count("export flags", 2));
  for (std::uint32_t i = 0; i < count; ++i) {
    PYLON_TRY(name, in.name("an export's name"));
    PYLON_TRY(flags, in.u32("an export's flags"));
    if ((flags & kThreadLocal) != 0) out.thread_exports.push_back(std::move(name));
  }
  return {};
}

Result<void> read_import_info(Cursor& in, Dylink& out) {
  PYLON_TRY(count, in.count("import flags", 3));
  for (std::uint32_t i = 0; i < count; ++i) {
    PYLON_TRY(module, in.name("an import's module name"));
    PYLON_TRY(name, in.name("an import's name"));
    PYLON_TRY(flags, in.u32("an import's flags"));
    static_cast<void>(module);
    if ((flags & kBindingMask) == kBindingWeak) out.weak_imports.push_back(std::move(name));
  }
  return {};
}

}  // namespace

Result<Dylink> read_dylink(const Module& module) {
  const Section* section = module.custom_section("dylink.0");
  if (!section)
    return fail(ErrorKind::kInput,
                module.name + " has no dylink.0 section, so it is not a shared library",
                "compile with -fPIC and link it with wasm-ld -shared --experimental-pic");
  Dylink out;
  Cursor in(section->body, section->offset, module.name + ": custom section dylink.0");
  while (!in.at_end()) {
    PYLON_TRY(id, in.u8("a subsection id"));
    PYLON_TRY(size, in.u32("a subsection's size"));
    PYLON_TRY(part, in.part(size, in.place(), "a subsection"));
    if (id == kMemoryInfo) PYLON_CHECK(read_memory_info(part, out));
    if (id == kNeeded) PYLON_CHECK(read_needed(part, out));
    if (id == kExportInfo) PYLON_CHECK(read_export_info(part, out));
    if (id == kImportInfo) PYLON_CHECK(read_import_info(part, out));
    bool known = id >= kMemoryInfo && id <= kImportInfo;
    if (known) PYLON_CHECK(part.expect_end());
  }
  return out;
}

}  // namespace pylon::wasm
