#include "fuse/library.hh"

#include <algorithm>

#include "base/file.hh"

namespace pylon::fuse {
namespace {

using wasm::ExternKind;

Result<void> refuse_unsupported(const Library& library) {
  const wasm::Module& module = library.module;
  for (const wasm::Global& global : module.globals)
    if (global.type.is_mutable || global.type.value_type != wasm::kI32)
      return fail(ErrorKind::kInput,
                  library.file + " defines a mutable global or one that is not an i32",
                  "compile and link it with -mextended-const, so that its addresses are constants");
  for (const wasm::DataSegment& segment : module.data)
    if (segment.flags != 0)
      return fail(ErrorKind::kInput, library.file + " has data segments that are not plain",
                  "build it without threads");
  for (const wasm::ElementSegment& segment : module.elements)
    if (segment.flags != 0)
      return fail(ErrorKind::kInput,
                  library.file + " has an element segment that is not a plain list of functions");
  if (!library.dylink.thread_exports.empty())
    return fail(
        ErrorKind::kInput,
        library.file + " exports thread-local data (" + library.dylink.thread_exports.front() + ")",
        "build it without threads");
  return {};
}

// An exported global holds an address relative to the library's memory base, as a plain constant.
Result<std::uint32_t> exported_offset(const Library& library, const wasm::Export& symbol) {
  std::uint32_t imported = library.module.imported(ExternKind::kGlobal);
  if (symbol.index >= imported) {
    const auto& code = library.module.globals[symbol.index - imported].initial.instructions;
    if (code.size() == 1 && code[0].opcode == wasm::kI32Const)
      return static_cast<std::uint32_t>(code[0].value);
  }
  return fail(ErrorKind::kInput, library.file + " exports the data symbol " + symbol.name +
                                     ", which is not a constant address");
}

Result<void> collect_exports(Library& library) {
  for (const wasm::Export& symbol : library.module.exports) {
    if (symbol.kind == ExternKind::kFunction) library.functions[symbol.name] = symbol.index;
    if (symbol.kind == ExternKind::kTag) library.tags[symbol.name] = symbol.index;
    if (symbol.kind == ExternKind::kGlobal) {
      PYLON_TRY(offset, exported_offset(library, symbol));
      library.data[symbol.name] = offset;
    }
  }
  return {};
}

}  // namespace

std::string Library::initialiser() const {
  for (const char* name : {"_initialize", "__wasm_call_ctors"})
    if (functions.contains(name)) return name;
  return {};
}

Result<Library> parse_library(Bytes bytes, const std::string& file) {
  Library library;
  library.file = file;
  library.name = file.ends_with(".so") ? file.substr(0, file.size() - 3) : file;
  PYLON_TRY(module, wasm::Module::parse(std::move(bytes), file));
  library.module = std::move(module);
  PYLON_TRY(dylink, wasm::read_dylink(library.module));
  library.dylink = std::move(dylink);
  library.weak.insert(library.dylink.weak_imports.begin(), library.dylink.weak_imports.end());
  PYLON_CHECK(refuse_unsupported(library));
  PYLON_CHECK(collect_exports(library));
  return library;
}

Result<Library> load_library(const std::filesystem::path& path) {
  PYLON_TRY(bytes, read_file(path));
  return parse_library(std::move(bytes), path.filename().string());
}

std::vector<std::size_t> dependency_order(const std::vector<Library>& libraries) {
  std::unordered_map<std::string, std::size_t> by_file;
  for (std::size_t i = 0; i < libraries.size(); ++i) by_file[libraries[i].file] = i;
  std::vector<std::size_t> order;
  std::vector<bool> seen(libraries.size(), false);
  // Depth first; a library on a cycle comes before the one through which the cycle was entered.
  auto visit = [&](auto&& self, std::size_t index) -> void {
    if (seen[index]) return;
    seen[index] = true;
    for (const std::string& file : libraries[index].dylink.needed)
      if (auto it = by_file.find(file); it != by_file.end()) self(self, it->second);
    order.push_back(index);
  };
  for (std::size_t i = 0; i < libraries.size(); ++i) visit(visit, i);
  return order;
}

}  // namespace pylon::fuse
