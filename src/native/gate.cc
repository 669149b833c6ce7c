#include "native/gate.hh"

#include <algorithm>

#include "native/operators.hh"
#include "native/protocol.hh"
#include "native/translate.hh"
#include "wasm/writer.hh"

namespace pylon::native {
namespace {

using wasm::ExternKind;
using wasm::FunctionType;
using wasm::SectionId;
using wasm::Writer;

// The allocator that stays in the gate gets a stack of its own, at the far end of the
// interpreter's.
constexpr std::uint32_t kInnerStack = 64 << 10;

struct ValueCode {
  std::uint8_t load, store, alignment;
};

ValueCode value_code(std::uint8_t type) {
  switch (type) {
    case wasm::kI64:
      return {0x29, 0x37, 3};
    case wasm::kF32:
      return {0x2a, 0x38, 2};
    case wasm::kF64:
      return {0x2b, 0x39, 3};
    default:
      return {wasm::kI32Load, wasm::kI32Store, 2};
  }
}

std::uint8_t section_number(SectionId id) {
  return static_cast<std::uint8_t>(id);
}

// ---- the inner module: the original with other exports and another stack

Result<Bytes> inner_module(const wasm::Module& module) {
  const wasm::Export* memory = module.find_export("memory");
  const wasm::Export* allocator = module.find_export("cabi_realloc");
  if (!memory || memory->kind != ExternKind::kMemory || !allocator ||
      allocator->kind != ExternKind::kFunction)
    return fail(ErrorKind::kInput, module.name + " does not export memory and cabi_realloc");
  Writer exports, globals, out;
  exports.u32(2)
      .name("memory")
      .u8(static_cast<std::uint8_t>(ExternKind::kMemory))
      .u32(memory->index);
  exports.name("cabi_realloc")
      .u8(static_cast<std::uint8_t>(ExternKind::kFunction))
      .u32(allocator->index);
  globals.u32(static_cast<std::uint32_t>(module.globals.size()));
  for (const wasm::Global& global : module.globals) {
    const auto& initial = global.initial.instructions;
    if (global.type.value_type != wasm::kI32 || initial.size() != 1 ||
        initial[0].opcode != wasm::kI32Const)
      return fail(ErrorKind::kInput,
                  module.name + " has a global that is not an i32 with a constant value");
    globals.u8(wasm::kI32).u8(global.type.is_mutable);
    globals.i32_expression(global.type.is_mutable ? kInnerStack
                                                  : static_cast<std::uint32_t>(initial[0].value));
  }
  out.module_header();
  for (const wasm::Section& section : module.sections) {
    if (section.id == 0 || section.id == section_number(SectionId::kElement)) continue;
    if (section.id == section_number(SectionId::kExport))
      out.section(section.id, exports.data());
    else if (section.id == section_number(SectionId::kGlobal))
      out.section(section.id, globals.data());
    else
      out.section(section.id, section.body);
  }
  return out.take();
}

// ---- the outer module

class Outer {
 public:
  explicit Outer(const wasm::Module& module)
      : module_(module),
        imports_(module.imported(ExternKind::kFunction)),
        exports_(native_exports(module)) {}

  Bytes make() {
    Writer out;
    out.module_header();
    out.section(section_number(SectionId::kType), types());
    out.section(section_number(SectionId::kImport), import_section());
    out.section(section_number(SectionId::kFunction), functions());
    out.section(section_number(SectionId::kExport), export_section());
    out.section(section_number(SectionId::kCode), code());
    return out.take();
  }

 private:
  // Function indexes: the imports, switch, drive, then an entry each for the exports.
  std::uint32_t switch_index() const { return imports_; }
  std::uint32_t drive_index() const { return imports_ + 1; }
  std::uint32_t entry_index(std::size_t i) const {
    return imports_ + 2 + static_cast<std::uint32_t>(i);
  }
  // Types of our own come after the module's.
  std::uint32_t switch_type() const { return static_cast<std::uint32_t>(module_.types.size()); }
  std::uint32_t drive_type() const { return switch_type() + 1; }

  Bytes types() const {
    Writer out;
    out.u32(static_cast<std::uint32_t>(module_.types.size()) + 2);
    auto write = [&](const FunctionType& type) {
      out.u8(wasm::kFunctionType).sized(type.parameters).sized(type.results);
    };
    for (const FunctionType& type : module_.types) write(type);
    write({{wasm::kI32, wasm::kI32, wasm::kI32}, {wasm::kI32}});
    write({{wasm::kI32}, {}});
    return out.take();
  }

  Bytes import_section() const {
    Writer out;
    out.u32(imports_ + 2);
    const auto function = static_cast<std::uint8_t>(ExternKind::kFunction);
    for (const wasm::Import& import : module_.imports)
      out.name(import.module).name(import.field).u8(function).u32(import.type.type_index);
    out.name(kInterface).name("switch").u8(function).u32(switch_type());
    const wasm::Limits& limits = module_.memories[0];
    out.name(kInnerName)
        .name("memory")
        .u8(static_cast<std::uint8_t>(ExternKind::kMemory))
        .u8(limits.maximum ? 1 : 0);
    out.u32(static_cast<std::uint32_t>(limits.minimum));
    if (limits.maximum) out.u32(static_cast<std::uint32_t>(*limits.maximum));
    return out.take();
  }

  Bytes functions() const {
    Writer out;
    out.u32(static_cast<std::uint32_t>(exports_.size()) + 1).u32(drive_type());
    for (const wasm::Export* symbol : exports_) out.u32(module_.function_type_index(symbol->index));
    return out.take();
  }

  Bytes export_section() const {
    Writer out;
    out.u32(static_cast<std::uint32_t>(exports_.size()));
    for (std::size_t i = 0; i < exports_.size(); ++i)
      out.name(exports_[i]->name)
          .u8(static_cast<std::uint8_t>(ExternKind::kFunction))
          .u32(entry_index(i));
    return out.take();
  }

  Bytes code() const {
    Writer out;
    out.u32(static_cast<std::uint32_t>(exports_.size()) + 1).sized(drive());
    for (std::size_t i = 0; i < exports_.size(); ++i) out.sized(entry(i));
    return out.take();
  }

  static void load(Writer& out, std::uint8_t type, std::size_t slot) {
    const ValueCode code = value_code(type);
    out.u8(wasm::kI32Const)
        .s32(0)
        .u8(code.load)
        .u32(code.alignment)
        .u32(kMail + 8 * static_cast<std::uint32_t>(slot));
  }
  // What `value` leaves on the stack, into a slot.
  static void store(Writer& out, std::uint8_t type, std::size_t slot, const Writer& value) {
    const ValueCode code = value_code(type);
    out.u8(wasm::kI32Const).s32(0).bytes(value.data());
    out.u8(code.store).u32(code.alignment).u32(kMail + 8 * static_cast<std::uint32_t>(slot));
  }

  // Asks the native code to go on, does what it wants, and so on until it is done.
  Bytes drive() const {
    const Operations operations = operations_of(module_);
    const std::uint32_t count = operations.done + 1;
    Writer out;
    out.u32(0).u8(kLoop).u8(kEmptyBlock);
    for (std::uint32_t i = 0; i < count; ++i) out.u8(kBlock).u8(kEmptyBlock);
    out.u8(wasm::kI32Const)
        .s32(kMail)
        .u8(wasm::kI32Const)
        .s32(8 * kMailSlots)
        .u8(wasm::kLocalGet)
        .u32(0);
    out.u8(wasm::kCall).u32(switch_index());
    out.u8(kBranchTable).u32(count);
    for (std::uint32_t i = 0; i < count; ++i) out.u32(i);
    out.u32(operations.done);
    for (std::uint32_t i = 0; i < count; ++i) {
      out.u8(wasm::kEnd);
      if (i == operations.done) {
        out.u8(kReturn);
        break;
      }
      if (i == operations.grow)
        grow(out);
      else if (i == operations.size)
        size(out);
      else
        call_import(out, i);
      out.u8(wasm::kI32Const).s32(kResume).u8(kLocalSet).u32(0).u8(kBranch).u32(count - 1 - i);
    }
    return out.u8(wasm::kEnd).u8(wasm::kEnd).take();
  }

  void call_import(Writer& out, std::uint32_t index) const {
    const FunctionType& type = module_.function_type(index);
    Writer call;
    for (std::size_t i = 0; i < type.parameters.size(); ++i) load(call, type.parameters[i], i);
    call.u8(wasm::kCall).u32(index);
    if (type.results.empty())
      out.bytes(call.data());
    else
      store(out, type.results[0], 0, call);
  }

  static void grow(Writer& out) {
    Writer value;
    load(value, wasm::kI32, 0);
    value.u8(kMemoryGrow).u8(0);
    store(out, wasm::kI32, 0, value);
  }

  static void size(Writer& out) {
    Writer value;
    value.u8(kMemorySize).u8(0);
    store(out, wasm::kI32, 0, value);
  }

  Bytes entry(std::size_t number) const {
    const FunctionType& type = module_.function_type(exports_[number]->index);
    Writer out;
    out.u32(0);
    for (std::size_t i = 0; i < type.parameters.size(); ++i) {
      Writer value;
      value.u8(wasm::kLocalGet).u32(static_cast<std::uint32_t>(i));
      store(out, type.parameters[i], i, value);
    }
    out.u8(wasm::kI32Const)
        .s32(static_cast<std::int32_t>(kCall + number))
        .u8(wasm::kCall)
        .u32(drive_index());
    if (!type.results.empty()) load(out, type.results[0], 0);
    return out.u8(wasm::kEnd).take();
  }

  const wasm::Module& module_;
  std::uint32_t imports_;
  std::vector<const wasm::Export*> exports_;
};

}  // namespace

Result<Gate> make_gate(const wasm::Module& module) {
  PYLON_CHECK(check_form(module));
  for (const wasm::Export& symbol : module.exports)
    if (symbol.name.starts_with("cabi_post_"))
      return fail(ErrorKind::kInput,
                  module.name + " exports " + symbol.name +
                      ", which runs while the component may not call out",
                  "let the next call release what an answer needs");
  PYLON_TRY(inner, inner_module(module));
  return Gate{std::move(inner), Outer(module).make()};
}

}  // namespace pylon::native
