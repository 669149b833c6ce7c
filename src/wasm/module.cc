#include "wasm/module.hh"

#include <algorithm>
#include <unordered_set>

namespace pylon::wasm {
namespace {

// Position of each section in the order that the specification prescribes; 0: unknown.
constexpr std::array<std::uint8_t, 14> kSectionOrder = {
    0, 1, 2, 3, 4, 5, 7, 8, 9, 10, 12, 13, 11, 6,
};

constexpr std::uint8_t kLimitFlags = 0x07;

bool is_reference(std::uint8_t type) {
  return type == kFuncref || type == kExternref || type == kExnref;
}

bool is_value_type(std::uint8_t type) {
  return (type >= kV128 && type <= kI32) || is_reference(type);
}

std::string_view value_type_name(std::uint8_t type) {
  switch (type) {
    case kI32:
      return "i32";
    case kI64:
      return "i64";
    case kF32:
      return "f32";
    case kF64:
      return "f64";
    case kV128:
      return "v128";
    case kFuncref:
      return "funcref";
    case kExternref:
      return "externref";
    case kExnref:
      return "exnref";
    default:
      return "?";
  }
}

Result<std::uint8_t> read_value_type(Cursor& in) {
  std::size_t at = in.offset();
  PYLON_TRY(type, in.u8("a value type"));
  if (!is_value_type(type))
    return fail(in.error_at(at, "unknown value type " + std::to_string(type)));
  return type;
}

Result<std::vector<std::uint8_t>> read_value_types(Cursor& in, std::string_view what) {
  PYLON_TRY(count, in.count(what));
  std::vector<std::uint8_t> types;
  types.reserve(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    PYLON_TRY(type, read_value_type(in));
    types.push_back(type);
  }
  return types;
}

Result<Limits> read_limits(Cursor& in) {
  std::size_t at = in.offset();
  PYLON_TRY(flags, in.u8("limits"));
  if ((flags & ~kLimitFlags) != 0)
    return fail(in.error_at(at, "unknown limits flags " + std::to_string(flags)));
  Limits limits;
  limits.flags = flags;
  PYLON_TRY(minimum, in.u64("a minimum size"));
  limits.minimum = minimum;
  if ((flags & 1) != 0) {
    PYLON_TRY(maximum, in.u64("a maximum size"));
    if (maximum < minimum) return fail(in.error_at(at, "the maximum size is below the minimum"));
    limits.maximum = maximum;
  }
  return limits;
}

Result<ExternType> read_table_type(Cursor& in) {
  ExternType table;
  table.kind = ExternKind::kTable;
  std::size_t at = in.offset();
  PYLON_TRY(element, in.u8("a table's element type"));
  if (!is_reference(element))
    return fail(in.error_at(at, "unknown element type " + std::to_string(element)));
  table.element_type = element;
  PYLON_TRY(limits, read_limits(in));
  table.limits = limits;
  return table;
}

Result<GlobalType> read_global_type(Cursor& in) {
  GlobalType global;
  PYLON_TRY(type, read_value_type(in));
  global.value_type = type;
  std::size_t at = in.offset();
  PYLON_TRY(flag, in.u8("a global's mutability"));
  if (flag > 1) return fail(in.error_at(at, "unknown global flags " + std::to_string(flag)));
  global.is_mutable = flag == 1;
  return global;
}

Result<std::int64_t> read_fixed(Cursor& in, std::size_t size, std::string_view what) {
  PYLON_TRY(bytes, in.bytes(size, what));
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) value |= std::uint64_t{bytes[i]} << (8 * i);
  return static_cast<std::int64_t>(value);
}

}  // namespace

std::string_view section_name(std::uint8_t id) {
  static constexpr std::array<std::string_view, 14> kNames = {
      "custom section",     "type section",    "import section", "function section",
      "table section",      "memory section",  "global section", "export section",
      "start section",      "element section", "code section",   "data section",
      "data count section", "tag section"};
  return id < kNames.size() ? kNames[id] : "unknown section";
}

std::string_view extern_kind_name(ExternKind kind) {
  static constexpr std::array<std::string_view, 5> kNames = {"function", "table", "memory",
                                                             "global", "tag"};
  return kNames[static_cast<std::size_t>(kind)];
}

std::string describe(const FunctionType& type) {
  auto list = [](const std::vector<std::uint8_t>& types) {
    std::string out = "(";
    for (std::uint8_t t : types) out.append(out.size() > 1 ? ", " : "").append(value_type_name(t));
    return out + ")";
  };
  return list(type.parameters) + " -> " + list(type.results);
}

// Fills a Module section by section.
class ModuleParser {
 public:
  explicit ModuleParser(Module& module) : module_(module) {}

  Result<void> parse();

 private:
  Result<void> read_section(std::uint8_t id, Cursor& in);
  Result<void> read_custom(Section& section, Cursor in);
  Result<void> read_types(Cursor& in);
  Result<void> read_imports(Cursor& in);
  Result<ExternType> read_extern_type(ExternKind kind, Cursor& in);
  Result<void> read_functions(Cursor& in);
  Result<void> read_tables(Cursor& in);
  Result<void> read_memories(Cursor& in);
  Result<void> read_tags(Cursor& in);
  Result<std::uint32_t> read_tag(Cursor& in);
  Result<void> read_globals(Cursor& in);
  Result<void> read_exports(Cursor& in);
  Result<void> read_start(Cursor& in);
  Result<void> read_elements(Cursor& in);
  Result<ElementSegment> read_element(Cursor& in);
  Result<void> read_code(Cursor& in);
  Result<void> read_data(Cursor& in);
  Result<DataSegment> read_data_segment(Cursor& in);
  Result<ConstantExpression> read_expression(Cursor& in);
  Result<ConstantInstruction> read_instruction(std::uint8_t opcode, std::size_t at, Cursor& in);
  Result<std::uint32_t> read_index(Cursor& in, ExternKind kind);
  Result<std::uint32_t> read_type_index(Cursor& in);
  Result<void> check_totals(const Cursor& in) const;

  Module& module_;
  std::size_t last_order_ = 0;
};

Result<void> ModuleParser::parse() {
  Cursor in(*module_.bytes_, 0, module_.name);
  PYLON_TRY(header, in.bytes(kModuleHeader.size(), "the module's header"));
  if (!std::equal(header.begin(), header.begin() + 4, kModuleHeader.begin()))
    return fail(in.error_at(0, "not a WebAssembly file"));
  if (!std::equal(header.begin(), header.end(), kModuleHeader.begin()))
    return fail(in.error_at(4, "not a core WebAssembly module of version 1"));
  while (!in.at_end()) {
    std::size_t at = in.offset();
    PYLON_TRY(id, in.u8("a section id"));
    if (id >= kSectionOrder.size())
      return fail(in.error_at(at, "unknown section " + std::to_string(id)));
    std::string place = module_.name + ": " + std::string(section_name(id));
    PYLON_TRY(size, in.u32("a section's size"));
    PYLON_TRY(body, in.part(size, place, section_name(id)));
    Section section{.id = id, .name = {}, .body = {}, .offset = body.offset()};
    section.body = ByteView(*module_.bytes_).subspan(section.offset, size);
    if (id == 0) {
      PYLON_CHECK(read_custom(section, body));
    } else {
      if (kSectionOrder[id] <= last_order_)
        return fail(
            in.error_at(at, std::string(section_name(id)) + " is repeated or out of order"));
      last_order_ = kSectionOrder[id];
      PYLON_CHECK(read_section(id, body));
      PYLON_CHECK(body.expect_end());
    }
    module_.sections.push_back(std::move(section));
  }
  return check_totals(in);
}

Result<void> ModuleParser::read_section(std::uint8_t id, Cursor& in) {
  switch (static_cast<SectionId>(id)) {
    case SectionId::kType:
      return read_types(in);
    case SectionId::kImport:
      return read_imports(in);
    case SectionId::kFunction:
      return read_functions(in);
    case SectionId::kTable:
      return read_tables(in);
    case SectionId::kMemory:
      return read_memories(in);
    case SectionId::kTag:
      return read_tags(in);
    case SectionId::kGlobal:
      return read_globals(in);
    case SectionId::kExport:
      return read_exports(in);
    case SectionId::kStart:
      return read_start(in);
    case SectionId::kElement:
      return read_elements(in);
    case SectionId::kCode:
      return read_code(in);
    case SectionId::kData:
      return read_data(in);
    case SectionId::kDataCount: {
      PYLON_TRY(count, in.u32("the number of data segments"));
      module_.data_count = count;
      return {};
    }
    case SectionId::kCustom:
      break;
  }
  return {};
}

Result<void> ModuleParser::read_custom(Section& section, Cursor in) {
  PYLON_TRY(name, in.name("a custom section's name"));
  section.name = name;
  section.offset = in.offset();
  section.body = section.body.subspan(in.position());
  return {};
}

Result<void> ModuleParser::check_totals(const Cursor& in) const {
  if (module_.functions.size() != module_.code.size())
    return fail(in.error(std::to_string(module_.functions.size()) + " functions are declared but " +
                         std::to_string(module_.code.size()) + " have bodies"));
  if (module_.data_count && *module_.data_count != module_.data.size())
    return fail(in.error("the data count section promises " + std::to_string(*module_.data_count) +
                         " segments, the data section has " + std::to_string(module_.data.size())));
  return {};
}

Result<void> ModuleParser::read_types(Cursor& in) {
  PYLON_TRY(count, in.count("types", 3));
  module_.types.reserve(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    std::size_t at = in.offset();
    PYLON_TRY(form, in.u8("a type"));
    if (form != kFunctionType)
      return fail(in.error_at(
          at, "type form " + std::to_string(form) + " is not supported, only functions are"));
    PYLON_TRY(parameters, read_value_types(in, "parameters"));
    PYLON_TRY(results, read_value_types(in, "results"));
    module_.types.push_back({std::move(parameters), std::move(results)});
  }
  return {};
}

Result<std::uint32_t> ModuleParser::read_type_index(Cursor& in) {
  std::size_t at = in.offset();
  PYLON_TRY(index, in.u32("a type index"));
  if (index >= module_.types.size())
    return fail(in.error_at(at, "type " + std::to_string(index) + " does not exist"));
  return index;
}

Result<std::uint32_t> ModuleParser::read_tag(Cursor& in) {
  std::size_t at = in.offset();
  PYLON_TRY(attribute, in.u8("a tag's attribute"));
  if (attribute != 0)
    return fail(in.error_at(at, "unknown tag attribute " + std::to_string(attribute)));
  return read_type_index(in);
}

Result<ExternType> ModuleParser::read_extern_type(ExternKind kind, Cursor& in) {
  ExternType type;
  type.kind = kind;
  switch (kind) {
    case ExternKind::kFunction: {
      PYLON_TRY(index, read_type_index(in));
      type.type_index = index;
      break;
    }
    case ExternKind::kTag: {
      PYLON_TRY(index, read_tag(in));
      type.type_index = index;
      break;
    }
    case ExternKind::kTable:
      return read_table_type(in);
    case ExternKind::kMemory: {
      PYLON_TRY(limits, read_limits(in));
      type.limits = limits;
      break;
    }
    case ExternKind::kGlobal: {
      PYLON_TRY(global, read_global_type(in));
      type.global = global;
      break;
    }
  }
  return type;
}

Result<void> ModuleParser::read_imports(Cursor& in) {
  PYLON_TRY(count, in.count("imports", 4));
  module_.imports.reserve(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    PYLON_TRY(module, in.name("an import's module name"));
    PYLON_TRY(field, in.name("an import's name"));
    std::size_t at = in.offset();
    PYLON_TRY(kind, in.u8("an import's kind"));
    if (kind > 4) return fail(in.error_at(at, "unknown import kind " + std::to_string(kind)));
    std::size_t begin = in.offset();
    PYLON_TRY(type, read_extern_type(static_cast<ExternKind>(kind), in));
    ByteView encoded = ByteView(*module_.bytes_).subspan(begin, in.offset() - begin);
    ++module_.imported_[kind];
    module_.imports.push_back({std::move(module), std::move(field), type, encoded});
  }
  return {};
}

Result<void> ModuleParser::read_functions(Cursor& in) {
  PYLON_TRY(count, in.count("functions"));
  module_.functions.reserve(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    PYLON_TRY(index, read_type_index(in));
    module_.functions.push_back(index);
  }
  return {};
}

Result<void> ModuleParser::read_tables(Cursor& in) {
  PYLON_TRY(count, in.count("tables", 3));
  for (std::uint32_t i = 0; i < count; ++i) {
    PYLON_TRY(table, read_table_type(in));
    module_.tables.push_back(table);
  }
  return {};
}

Result<void> ModuleParser::read_memories(Cursor& in) {
  PYLON_TRY(count, in.count("memories", 2));
  for (std::uint32_t i = 0; i < count; ++i) {
    PYLON_TRY(limits, read_limits(in));
    module_.memories.push_back(limits);
  }
  return {};
}

Result<void> ModuleParser::read_tags(Cursor& in) {
  PYLON_TRY(count, in.count("tags", 2));
  for (std::uint32_t i = 0; i < count; ++i) {
    PYLON_TRY(tag, read_tag(in));
    module_.tags.push_back(tag);
  }
  return {};
}

Result<std::uint32_t> ModuleParser::read_index(Cursor& in, ExternKind kind) {
  std::size_t at = in.offset();
  PYLON_TRY(index, in.u32("an index"));
  if (index >= module_.total(kind))
    return fail(in.error_at(
        at, std::string(extern_kind_name(kind)) + " " + std::to_string(index) + " does not exist"));
  return index;
}

Result<ConstantInstruction> ModuleParser::read_instruction(std::uint8_t opcode, std::size_t at,
                                                           Cursor& in) {
  ConstantInstruction out;
  out.opcode = opcode;
  switch (opcode) {
    case kI32Const: {
      PYLON_TRY(value, in.s32("a constant"));
      out.value = value;
      return out;
    }
    case kI64Const: {
      PYLON_TRY(value, in.s64("a constant"));
      out.value = value;
      return out;
    }
    case kF32Const:
    case kF64Const: {
      PYLON_TRY(value, read_fixed(in, opcode == kF32Const ? 4 : 8, "a constant"));
      out.value = value;
      return out;
    }
    case kGlobalGet:
    case kRefFunc: {
      PYLON_TRY(index,
                read_index(in, opcode == kGlobalGet ? ExternKind::kGlobal : ExternKind::kFunction));
      out.value = index;
      return out;
    }
    case kRefNull: {
      PYLON_TRY(type, in.u8("a reference type"));
      out.value = type;
      return out;
    }
    case kI32Add:
    case kI32Sub:
    case kI32Mul:
    case kI64Add:
    case kI64Sub:
    case kI64Mul:
      return out;
    default:
      return fail(
          in.error_at(at, "instruction " + std::to_string(opcode) + " in a constant expression"));
  }
}

Result<ConstantExpression> ModuleParser::read_expression(Cursor& in) {
  ConstantExpression out;
  out.offset = in.offset();
  for (;;) {
    std::size_t at = in.offset();
    PYLON_TRY(opcode, in.u8("a constant expression"));
    if (opcode == kEnd) break;
    PYLON_TRY(instruction, read_instruction(opcode, at, in));
    out.instructions.push_back(instruction);
  }
  if (out.instructions.empty())
    return fail(in.error_at(out.offset, "a constant expression is empty"));
  return out;
}

Result<void> ModuleParser::read_globals(Cursor& in) {
  PYLON_TRY(count, in.count("globals", 4));
  module_.globals.reserve(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    PYLON_TRY(type, read_global_type(in));
    PYLON_TRY(initial, read_expression(in));
    module_.globals.push_back({type, std::move(initial)});
  }
  return {};
}

Result<void> ModuleParser::read_exports(Cursor& in) {
  PYLON_TRY(count, in.count("exports", 3));
  module_.exports.reserve(count);
  std::unordered_set<std::string> seen;
  for (std::uint32_t i = 0; i < count; ++i) {
    std::size_t at = in.offset();
    PYLON_TRY(name, in.name("an export's name"));
    if (!seen.insert(name).second)
      return fail(in.error_at(at, "export \"" + name + "\" is there twice"));
    std::size_t kind_at = in.offset();
    PYLON_TRY(kind, in.u8("an export's kind"));
    if (kind > 4) return fail(in.error_at(kind_at, "unknown export kind " + std::to_string(kind)));
    PYLON_TRY(index, read_index(in, static_cast<ExternKind>(kind)));
    module_.exports.push_back({std::move(name), static_cast<ExternKind>(kind), index});
  }
  return {};
}

Result<void> ModuleParser::read_start(Cursor& in) {
  PYLON_TRY(index, read_index(in, ExternKind::kFunction));
  module_.start = index;
  return {};
}

Result<ElementSegment> ModuleParser::read_element(Cursor& in) {
  ElementSegment out;
  out.offset = in.offset();
  PYLON_TRY(flags, in.u32("an element segment's flags"));
  if (flags > 7)
    return fail(in.error_at(out.offset, "unknown element segment flags " + std::to_string(flags)));
  out.flags = flags;
  bool active = (flags & 1) == 0;
  if (active && (flags & 2) != 0) {
    PYLON_TRY(table, read_index(in, ExternKind::kTable));
    out.table = table;
  }
  if (active) {
    if (module_.total(ExternKind::kTable) == 0)
      return fail(in.error_at(out.offset, "an element segment without a table"));
    PYLON_TRY(start, read_expression(in));
    out.start = std::move(start);
  }
  if ((flags & 3) != 0) {
    PYLON_TRY(kind, in.u8("an element segment's kind"));
    static_cast<void>(kind);
  }
  bool expressions = (flags & 4) != 0;
  PYLON_TRY(count, in.count("elements", expressions ? 2 : 1));
  for (std::uint32_t i = 0; i < count; ++i) {
    if (expressions) {
      PYLON_TRY(expression, read_expression(in));
      out.expressions.push_back(std::move(expression));
    } else {
      PYLON_TRY(index, read_index(in, ExternKind::kFunction));
      out.functions.push_back(index);
    }
  }
  return out;
}

Result<void> ModuleParser::read_elements(Cursor& in) {
  PYLON_TRY(count, in.count("element segments", 2));
  for (std::uint32_t i = 0; i < count; ++i) {
    PYLON_TRY(segment, read_element(in));
    module_.elements.push_back(std::move(segment));
  }
  return {};
}

Result<void> ModuleParser::read_code(Cursor& in) {
  PYLON_TRY(count, in.count("function bodies", 3));
  module_.code.reserve(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    PYLON_TRY(size, in.u32("a function body's size"));
    PYLON_TRY(body, in.bytes(size, "a function body"));
    if (body.size() < 2 || body.back() != kEnd)
      return fail(in.error("a function body does not close with `end`"));
    module_.code.push_back(body);
  }
  return {};
}

Result<DataSegment> ModuleParser::read_data_segment(Cursor& in) {
  DataSegment out;
  out.offset = in.offset();
  PYLON_TRY(flags, in.u32("a data segment's flags"));
  if (flags > 2)
    return fail(in.error_at(out.offset, "unknown data segment flags " + std::to_string(flags)));
  out.flags = flags;
  if (flags == 2) {
    PYLON_TRY(memory, in.u32("a memory index"));
    out.memory = memory;
  }
  if (flags != 1) {
    if (out.memory >= module_.total(ExternKind::kMemory))
      return fail(
          in.error_at(out.offset, "memory " + std::to_string(out.memory) + " does not exist"));
    PYLON_TRY(start, read_expression(in));
    out.start = std::move(start);
  }
  PYLON_TRY(size, in.u32("a data segment's size"));
  PYLON_TRY(data, in.bytes(size, "a data segment"));
  out.data = data;
  return out;
}

Result<void> ModuleParser::read_data(Cursor& in) {
  PYLON_TRY(count, in.count("data segments", 2));
  module_.data.reserve(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    PYLON_TRY(segment, read_data_segment(in));
    module_.data.push_back(std::move(segment));
  }
  return {};
}

Result<Module> Module::parse(Bytes bytes, std::string name) {
  Module module;
  module.name = std::move(name);
  module.bytes_ = std::make_shared<const Bytes>(std::move(bytes));
  PYLON_CHECK(ModuleParser(module).parse());
  return module;
}

const Section* Module::section(SectionId id) const {
  auto it = std::find_if(sections.begin(), sections.end(),
                         [&](const Section& s) { return s.id == static_cast<std::uint8_t>(id); });
  return it == sections.end() ? nullptr : &*it;
}

const Section* Module::custom_section(std::string_view custom_name) const {
  auto it = std::find_if(sections.begin(), sections.end(),
                         [&](const Section& s) { return s.id == 0 && s.name == custom_name; });
  return it == sections.end() ? nullptr : &*it;
}

const Export* Module::find_export(std::string_view export_name) const {
  auto it = std::find_if(exports.begin(), exports.end(),
                         [&](const Export& e) { return e.name == export_name; });
  return it == exports.end() ? nullptr : &*it;
}

std::uint32_t Module::total(ExternKind kind) const {
  std::size_t defined = 0;
  switch (kind) {
    case ExternKind::kFunction:
      defined = functions.size();
      break;
    case ExternKind::kTable:
      defined = tables.size();
      break;
    case ExternKind::kMemory:
      defined = memories.size();
      break;
    case ExternKind::kGlobal:
      defined = globals.size();
      break;
    case ExternKind::kTag:
      defined = tags.size();
      break;
  }
  return imported(kind) + static_cast<std::uint32_t>(defined);
}

std::uint32_t Module::function_type_index(std::uint32_t index) const {
  if (index >= imported(ExternKind::kFunction))
    return functions[index - imported(ExternKind::kFunction)];
  for (const Import& import : imports)
    if (import.type.kind == ExternKind::kFunction && index-- == 0) return import.type.type_index;
  return 0;
}

const FunctionType& Module::function_type(std::uint32_t index) const {
  return types[function_type_index(index)];
}

}  // namespace pylon::wasm
