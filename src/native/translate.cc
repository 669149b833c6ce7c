#include "native/translate.hh"

#include <algorithm>

#include "base/file.hh"
#include "native/body.hh"
#include "native/host.h"
#include "native/protocol.hh"

namespace pylon::native {
namespace {

using wasm::ExternKind;

std::string mail(const char* type, std::size_t index) {
  return "AT(" + std::string(type) + ", " + std::to_string(kMail + 8 * index) + ", 0)";
}

std::string function_name(std::uint32_t index) {
  return "f" + std::to_string(index);
}

// A function that the host stands for (protocol.hh).
struct HostFunction {
  const char* name;
  const char* member;  // of native_host
  wasm::FunctionType type;
};

const std::vector<HostFunction>& host_functions() {
  using wasm::kI32;
  static const std::vector<HostFunction> all = {
      {kMakeStack, "make_stack", {{kI32, kI32, kI32}, {kI32}}},
      {kChangeStack, "change_stack", {{kI32}, {}}},
      {kDropStack, "drop_stack", {{kI32}, {}}},
  };
  return all;
}

// The host function that a module's function is; null for all others.
const HostFunction* host_function(const wasm::Module& module, std::uint32_t index) {
  for (const HostFunction& function : host_functions()) {
    const wasm::Export* symbol = module.find_export(function.name);
    if (symbol && symbol->kind == ExternKind::kFunction && symbol->index == index) return &function;
  }
  return nullptr;
}

// Functions between the module and the host must be what they are called, and none of them twice:
// an optimiser may have made one of two that do the same.
Result<void> check_between(const wasm::Module& module) {
  auto wrong = [&](const std::string& what) {
    return fail(ErrorKind::kInput, module.name + ": " + what,
                "give each function its own type and body (src/native/protocol.hh)");
  };
  for (const wasm::Export& symbol : module.exports) {
    if (!symbol.name.starts_with(kBetween)) continue;
    const auto* function =
        symbol.kind == ExternKind::kFunction ? host_function(module, symbol.index) : nullptr;
    const wasm::FunctionType expected = function ? function->type : wasm::FunctionType{};
    if (symbol.kind != ExternKind::kFunction || (!function && symbol.name != kThread) ||
        !(module.function_type(symbol.index) == expected) ||
        symbol.index < module.imported(ExternKind::kFunction))
      return wrong(symbol.name + " is not what the host knows by this name");
    if (std::count_if(module.exports.begin(), module.exports.end(), [&](const wasm::Export& other) {
          return other.kind == ExternKind::kFunction && other.index == symbol.index;
        }) > 1)
      return wrong(symbol.name + " is also exported under another name");
  }
  return {};
}

// One value or none comes back, and everything fits into the mailbox.
Result<void> check_type(const wasm::Module& module, const wasm::FunctionType& type) {
  auto has_form = [](std::uint8_t value) { return letter(value) != 0; };
  if (type.results.size() <= 1 && type.parameters.size() <= kMailSlots &&
      std::all_of(type.parameters.begin(), type.parameters.end(), has_form) &&
      std::all_of(type.results.begin(), type.results.end(), has_form))
    return {};
  return fail(ErrorKind::kInput,
              module.name + ": functions of type " + wasm::describe(type) + " have no native form");
}

}  // namespace

Result<void> check_form(const wasm::Module& module) {
  for (const wasm::FunctionType& type : module.types) PYLON_CHECK(check_type(module, type));
  for (const wasm::Import& import : module.imports)
    if (import.type.kind != ExternKind::kFunction)
      return fail(ErrorKind::kInput, module.name + " imports a " +
                                         std::string(extern_kind_name(import.type.kind)) + ", " +
                                         import.field);
  if (module.memories.size() != 1 || module.tables.size() > 1 || module.start)
    return fail(ErrorKind::kInput,
                module.name + " does not have one memory, at most one table and no start function",
                "make the module with pylon-build fuse");
  return check_between(module);
}

namespace {

std::string prototypes(const wasm::Module& module) {
  std::string out =
      "#pragma once\n#include \"native/support.h\"\n#pragma GCC visibility push(hidden)\n";
  for (std::uint32_t i = 0; i < module.types.size(); ++i)
    if (type_number(module, i) == i)
      out += "typedef " + signature(module.types[i], "(*T" + std::to_string(i) + ")") + ";\n";
  for (std::uint32_t i = 0; i < module.total(ExternKind::kFunction); ++i)
    out += signature(module.function_type(i), function_name(i)) + ";\n";
  for (std::size_t i = 0; i < module.globals.size(); ++i)
    out += std::string("extern ") + (module.globals[i].type.is_mutable ? "" : "const ") +
           c_type(letter(module.globals[i].type.value_type)) + " g" + std::to_string(i) + ";\n";
  return out + "#pragma GCC visibility pop\n";
}

// Arguments into the mailbox, the gate makes the call, its result is in the mailbox.
std::string import_stub(const wasm::Module& module, std::uint32_t index) {
  const wasm::FunctionType& type = module.function_type(index);
  std::string out = signature(type, function_name(index)) + " { ";
  for (std::size_t i = 0; i < type.parameters.size(); ++i)
    out += mail(c_type(letter(type.parameters[i])), i) + " = x" + std::to_string(i) + "; ";
  out += "pylon_host.leave(pylon_host.user, " + std::to_string(index) + ");";
  if (!type.results.empty()) out += " return " + mail(c_type(letter(type.results[0])), 0) + ";";
  return out + " }\n";
}

// The arguments go to the host, which does what the module's own body cannot.
std::string host_stub(const wasm::Module& module, std::uint32_t index,
                      const HostFunction& function) {
  const wasm::FunctionType& type = module.function_type(index);
  std::string out = signature(type, function_name(index)) + " { ";
  out += std::string(type.results.empty() ? "" : "return ") + "pylon_host." + function.member +
         "(pylon_host.user";
  for (std::size_t i = 0; i < type.parameters.size(); ++i) out += ", x" + std::to_string(i);
  return out + "); }\n";
}

std::string entry(const wasm::Module& module, const wasm::Export& symbol) {
  const wasm::FunctionType& type = module.function_type(symbol.index);
  std::string call = function_name(symbol.index) + "(";
  for (std::size_t i = 0; i < type.parameters.size(); ++i)
    call += std::string(i ? ", " : "") + mail(c_type(letter(type.parameters[i])), i);
  call += ")";
  if (type.results.empty()) return call + ";";
  const std::string result = c_type(letter(type.results[0]));
  return "{ " + result + " y = " + call + "; " + mail(result.c_str(), 0) + " = y; }";
}

Result<std::string> globals(const wasm::Module& module) {
  std::string out;
  for (std::size_t i = 0; i < module.globals.size(); ++i) {
    const wasm::Global& global = module.globals[i];
    const auto& instructions = global.initial.instructions;
    const char type = letter(global.type.value_type);
    if (instructions.size() != 1 ||
        (instructions[0].opcode != wasm::kI32Const && instructions[0].opcode != wasm::kI64Const))
      return fail(ErrorKind::kInput, module.name + ": global " + std::to_string(i) +
                                         " does not begin as an integer constant");
    out += std::string(global.type.is_mutable ? "" : "const ") + c_type(type) + " g" +
           std::to_string(i) + " = " +
           std::to_string(static_cast<std::uint64_t>(instructions[0].value)) + "ull;\n";
  }
  return out;
}

Result<std::string> glue(const wasm::Module& module) {
  PYLON_TRY(variables, globals(module));
  std::string out = "#include \"module.h\"\n" + variables + "native_host pylon_host;\n";
  out += "void pylon_trap(u32 why) { pylon_host.trap(pylon_host.user, why); }\n";
  for (std::uint32_t i = 0; i < module.imported(ExternKind::kFunction); ++i)
    out += import_stub(module, i);
  out +=
      "__attribute__((visibility(\"hidden\"))) u32 pylon_enter(u32 number) {\nswitch (number) {\n";
  std::size_t number = 0;
  for (const wasm::Export* symbol : native_exports(module))
    out += "case " + std::to_string(number++) + ": " + entry(module, *symbol) + " break;\n";
  return out + "}\nreturn " + std::to_string(operations_of(module).done) + ";\n}\n";
}

// The function table as pairs of type number and distance, which need no relocation when the code
// is mapped.
Result<std::string> table(const wasm::Module& module) {
  const std::uint64_t size = module.tables.empty() ? 0 : module.tables[0].limits.minimum;
  std::vector<std::int64_t> functions(size, -1);
  for (const wasm::ElementSegment& segment : module.elements) {
    const auto& start = segment.start.instructions;
    if (segment.flags != 0 || start.size() != 1 || start[0].opcode != wasm::kI32Const ||
        static_cast<std::uint32_t>(start[0].value) + std::uint64_t{segment.functions.size()} > size)
      return fail(ErrorKind::kInput, module.name + " has an element segment without native form");
    std::copy(segment.functions.begin(), segment.functions.end(),
              functions.begin() + start[0].value);
  }
  std::string out =
      ".section .rodata\n.balign 8\n.globl pylon_table\n.hidden pylon_table\npylon_table:\n";
  for (std::int64_t function : functions) {
    if (function < 0) {
      out += ".long -1, 0\n";
      continue;
    }
    const auto index = static_cast<std::uint32_t>(function);
    out += ".long " + std::to_string(type_number(module, module.function_type_index(index))) +
           ", " + function_name(index) + " - pylon_table\n";
  }
  out += ".globl pylon_table_size\n.hidden pylon_table_size\npylon_table_size: .long " +
         std::to_string(size) + "\n";
  // What the loader looks for (src/engine/native_code.cc): a name with a version, and where the two
  // are, relative to it.
  out += ".balign 8\n.globl pylon_native\npylon_native: .ascii \"" NATIVE_FORMAT
         "\"\n.long pylon_enter - pylon_native, pylon_host - pylon_native, ";
  const wasm::Export* thread = module.find_export(kThread);
  out += thread ? function_name(thread->index) + " - pylon_native\n" : "0\n";
  return out + ".section .note.GNU-stack,\"\",@progbits\n";
}

Result<void> write(const std::filesystem::path& file, const std::string& text) {
  return write_file_atomically(file,
                               {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

}  // namespace

std::vector<const wasm::Export*> native_exports(const wasm::Module& module) {
  std::vector<const wasm::Export*> out;
  for (const wasm::Export& symbol : module.exports)
    if (symbol.kind == ExternKind::kFunction && symbol.name != "cabi_realloc" &&
        !symbol.name.starts_with(kForExtensions) && !symbol.name.starts_with(kBetween))
      out.push_back(&symbol);
  return out;
}

Result<std::vector<std::string>> translate(const wasm::Module& module,
                                           const std::filesystem::path& directory, unsigned parts) {
  PYLON_CHECK(check_form(module));
  PYLON_CHECK(write(directory / "module.h", prototypes(module)));
  PYLON_TRY(glue_text, glue(module));
  PYLON_CHECK(write(directory / "glue.c", glue_text));
  PYLON_TRY(table_text, table(module));
  PYLON_CHECK(write(directory / "table.s", table_text));
  std::vector<std::string> files = {"glue.c", "table.s"};
  std::size_t total = 0, done = 0;
  for (wasm::ByteView body : module.code) total += body.size();
  std::uint32_t index = 0;
  for (unsigned part = 0; part < parts; ++part) {
    std::string text = "#include \"module.h\"\n";
    for (; index < module.code.size() && done * parts <= total * (part + 1); ++index) {
      const std::uint32_t function = module.imported(ExternKind::kFunction) + index;
      if (const HostFunction* known = host_function(module, function)) {
        text += host_stub(module, function, *known);
      } else {
        PYLON_TRY(body, translate_body(module, index));
        text += body;
      }
      done += module.code[index].size();
    }
    files.push_back("part-" + std::to_string(part) + ".c");
    PYLON_CHECK(write(directory / files.back(), text));
  }
  return files;
}

}  // namespace pylon::native
