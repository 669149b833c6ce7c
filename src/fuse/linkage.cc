#include "fuse/linkage.hh"

#include <algorithm>

#include "wasm/memory_image.hh"
#include "wasm/names.hh"

namespace pylon::fuse {
namespace {

using wasm::ExternKind;

constexpr std::uint32_t kPage = 65536;
// Names that every library may define for itself: they never reach another one.
const std::set<std::string> kPrivateNames = {"_initialize", "__wasm_call_ctors",
                                             "__wasm_call_dtors", "__wasm_apply_data_relocs"};

std::uint64_t align_up(std::uint64_t value, std::uint32_t power) {
  std::uint64_t alignment = std::uint64_t{1} << power;
  return (value + alignment - 1) / alignment * alignment;
}

std::string join(const std::vector<std::string>& lines) {
  std::string out;
  for (const std::string& line : lines) out.append("\n  ").append(line);
  return out;
}

class Linker {
 public:
  Linker(Linkage& linkage, const FuseOptions& options) : linkage_(linkage), options_(options) {}

  Result<void> run() {
    PYLON_CHECK(check_names());
    PYLON_CHECK(find_wraps());
    collect_symbols();
    PYLON_CHECK(find_public_exports());
    PYLON_CHECK(resolve_imports());
    PYLON_CHECK(assign_wrap_slots());
    return lay_out();
  }

 private:
  Result<void> check_names();
  Result<void> find_wraps();
  Result<ResolvedWrap> find_wrap(const Wrap& wrap);
  Result<std::uint32_t> find_local_function(const Library& library, const std::string& name);
  void collect_symbols();
  Result<void> find_public_exports();
  Result<void> resolve_imports();
  void resolve(std::size_t library, const wasm::Import& import);
  void resolve_function(std::size_t library, const wasm::Import& import);
  void resolve_data(std::size_t library, const std::string& name);
  void resolve_slot(std::size_t library, const std::string& name);
  void resolve_environment(std::size_t library, const wasm::Import& import);
  void undefined(std::size_t library, const std::string& kind, const std::string& name);
  std::uint32_t slot_for(const std::string& name, std::size_t provider);
  Result<void> assign_wrap_slots();
  Result<void> lay_out();

  Linkage& linkage_;
  const FuseOptions& options_;
  std::vector<std::string> undefined_;
  std::vector<std::string> mismatches_;
};

Result<void> Linker::check_names() {
  if (linkage_.libraries.empty()) return fail(ErrorKind::kUsage, "no library to fuse was given");
  std::set<std::string> names;
  for (const Library& library : linkage_.libraries)
    if (!names.insert(library.name).second)
      return fail(ErrorKind::kInput, "two libraries are named " + library.name,
                  "give each its own file name");
  linkage_.order = dependency_order(linkage_.libraries);
  linkage_.needed_exports.resize(linkage_.libraries.size());
  return {};
}

Result<std::uint32_t> Linker::find_local_function(const Library& library, const std::string& name) {
  PYLON_TRY(names, wasm::read_function_names(library.module));
  std::optional<std::uint32_t> found;
  for (const auto& [index, function] : names) {
    if (function != name) continue;
    if (found)
      return fail(ErrorKind::kInput, library.file + " has several local functions named " + name +
                                         ", so it cannot be wrapped");
    found = index;
  }
  if (!found)
    return fail(ErrorKind::kInput,
                "cannot wrap " + name + ": " + library.file + " does not define it",
                "look at the exports with: wasm-tools print " + library.file);
  return *found;
}

Result<ResolvedWrap> Linker::find_wrap(const Wrap& wrap) {
  auto& libraries = linkage_.libraries;
  auto it = std::find_if(libraries.begin(), libraries.end(), [&](const Library& l) {
    return l.name == wrap.library || l.file == wrap.library;
  });
  if (it == libraries.end())
    return fail(ErrorKind::kUsage, "cannot wrap " + wrap.library + ":" + wrap.function +
                                       ": no library is named " + wrap.library);
  ResolvedWrap out{};
  out.library = static_cast<std::size_t>(it - libraries.begin());
  out.function = wrap.function;
  if (auto symbol = it->functions.find(wrap.function); symbol != it->functions.end()) {
    out.index = symbol->second;
  } else {
    PYLON_TRY(index, find_local_function(*it, wrap.function));
    out.index = index;
  }
  if (out.index < it->imported_functions() || out.index >= it->module.total(ExternKind::kFunction))
    return fail(ErrorKind::kInput,
                "cannot wrap " + wrap.function + ": " + it->file + " only imports it");
  return out;
}

Result<void> Linker::find_wraps() {
  std::set<std::string> functions;
  std::vector<std::uint32_t> added(linkage_.libraries.size(), 0);
  for (const Wrap& wrap : options_.wraps) {
    PYLON_TRY(found, find_wrap(wrap));
    if (!functions.insert(wrap.function).second)
      return fail(ErrorKind::kUsage, wrap.function + " is wrapped twice",
                  "wrap it in one library only");
    Library& library = linkage_.libraries[found.library];
    found.real_index = library.module.total(ExternKind::kFunction) + added[found.library]++;
    library.functions["__real_" + wrap.function] = found.real_index;
    linkage_.wraps.push_back(found);
  }
  return {};
}

void Linker::collect_symbols() {
  std::map<std::string, std::vector<std::size_t>> definers;
  for (std::size_t i = 0; i < linkage_.libraries.size(); ++i) {
    const Library& library = linkage_.libraries[i];
    for (const auto& [name, index] : library.functions) {
      if (kPrivateNames.contains(name)) continue;
      linkage_.function_providers.emplace(name, i);
      definers[name].push_back(i);
    }
    for (const auto& [name, offset] : library.data) {
      linkage_.data_providers.emplace(name, i);
      definers[name].push_back(i);
    }
    for (const auto& [name, index] : library.tags) linkage_.tag_providers.emplace(name, i);
  }
  for (const auto& [name, libraries] : definers)
    if (libraries.size() > 1)
      linkage_.duplicates.push_back({name, libraries[0], {libraries.begin() + 1, libraries.end()}});
}

Result<void> Linker::find_public_exports() {
  std::map<std::string, std::size_t> found;
  for (const std::string& pattern : options_.exports) {
    bool glob = pattern.ends_with('*');
    std::string prefix = pattern.substr(0, pattern.size() - (glob ? 1 : 0));
    if (glob) {
      for (const auto& [name, library] : linkage_.function_providers)
        if (name.starts_with(prefix)) found.emplace(name, library);
    } else if (auto it = linkage_.function_providers.find(pattern);
               it != linkage_.function_providers.end()) {
      found.emplace(pattern, it->second);
    } else {
      return fail(ErrorKind::kInput, "no library exports the function " + pattern,
                  "export it with __attribute__((export_name(\"" + pattern + "\")))");
    }
  }
  for (const auto& [name, library] : found) {
    linkage_.public_exports.emplace_back(name, library);
    linkage_.needed_exports[library].insert(name);
  }
  return {};
}

void Linker::undefined(std::size_t library, const std::string& kind, const std::string& name) {
  undefined_.push_back(kind + " " + name + ", needed by " + linkage_.libraries[library].file);
}

std::uint32_t Linker::slot_for(const std::string& name, std::size_t provider) {
  auto [it, added] =
      linkage_.slot_of.emplace(name, static_cast<std::uint32_t>(linkage_.slots.size()));
  if (added) {
    linkage_.slots.push_back({name, provider, it->second});
    linkage_.needed_exports[provider].insert(name);
  }
  return it->second;
}

void Linker::resolve_function(std::size_t library, const wasm::Import& import) {
  const Library& importer = linkage_.libraries[library];
  const wasm::FunctionType& type = importer.module.types[import.type.type_index];
  auto it = linkage_.function_providers.find(import.field);
  if (it != linkage_.function_providers.end()) {
    linkage_.needed_exports[it->second].insert(import.field);
    const wasm::FunctionType& defined = linkage_.type_of(it->second, import.field);
    if (defined != type)
      mismatches_.push_back(import.field + ": " + importer.file + " calls " + describe(type) +
                            ", " + linkage_.libraries[it->second].file + " defines " +
                            describe(defined));
  } else if (import.field == kConstruct) {
    if (type != wasm::FunctionType{})
      mismatches_.push_back(import.field + ": " + importer.file + " calls " + describe(type) +
                            ", it is () -> ()");
  } else if (importer.weak.contains(import.field)) {
    linkage_.weak_undefined.insert(import.field);
    linkage_.weak_stubs.push_back({library, import.field, type});
  } else {
    undefined(library, "function", import.field);
  }
}

void Linker::resolve_data(std::size_t library, const std::string& name) {
  static const std::set<std::string> kLinkerData = {"__heap_base",  "__heap_end",    "__stack_low",
                                                    "__stack_high", "__global_base", "__data_end"};
  if (kLinkerData.contains(name) || linkage_.data_providers.contains(name)) return;
  if (linkage_.libraries[library].weak.contains(name)) {
    linkage_.weak_undefined.insert(name);
  } else {
    undefined(library, "data", name);
  }
}

void Linker::resolve_slot(std::size_t library, const std::string& name) {
  auto it = linkage_.function_providers.find(name);
  if (it != linkage_.function_providers.end()) {
    slot_for(name, it->second);
  } else if (linkage_.libraries[library].weak.contains(name)) {
    linkage_.weak_undefined.insert(name);
  } else {
    undefined(library, "function", name);
  }
}

void Linker::resolve_environment(std::size_t library, const wasm::Import& import) {
  static const std::set<std::string> kGlobals = {"__stack_pointer", "__memory_base",
                                                 "__table_base"};
  switch (import.type.kind) {
    case ExternKind::kFunction:
      return resolve_function(library, import);
    case ExternKind::kMemory:
      if (import.field != "memory") undefined(library, "memory", import.field);
      return;
    case ExternKind::kTable:
      if (import.field != "__indirect_function_table") undefined(library, "table", import.field);
      return;
    case ExternKind::kGlobal:
      if (!kGlobals.contains(import.field)) undefined(library, "global", import.field);
      return;
    case ExternKind::kTag:
      return;
  }
}

void Linker::resolve(std::size_t library, const wasm::Import& import) {
  if (import.module == "env") return resolve_environment(library, import);
  if (import.module == "GOT.mem") return resolve_data(library, import.field);
  if (import.module == "GOT.func") return resolve_slot(library, import.field);
  if (import.type.kind != ExternKind::kFunction)
    undefined(library, std::string(extern_kind_name(import.type.kind)),
              import.module + "." + import.field);
}

Result<void> Linker::resolve_imports() {
  for (std::size_t i = 0; i < linkage_.libraries.size(); ++i)
    for (const wasm::Import& import : linkage_.libraries[i].module.imports) resolve(i, import);
  for (std::size_t i = 0; i < linkage_.libraries.size(); ++i)
    if (std::string init = linkage_.libraries[i].initialiser(); !init.empty())
      linkage_.needed_exports[i].insert(init);
  if (!undefined_.empty())
    return fail(ErrorKind::kInput,
                std::to_string(undefined_.size()) + " undefined symbols:" + join(undefined_),
                "add the library that defines them, or define them in the main library");
  if (!mismatches_.empty())
    return fail(ErrorKind::kInput,
                "functions are called with another signature than they have:" + join(mismatches_),
                "build the libraries against the same headers");
  return {};
}

Result<void> Linker::assign_wrap_slots() {
  for (ResolvedWrap& wrap : linkage_.wraps) {
    std::string wrapper = "__wrap_" + wrap.function;
    auto it = linkage_.function_providers.find(wrapper);
    if (it == linkage_.function_providers.end())
      return fail(ErrorKind::kInput,
                  "cannot wrap " + wrap.function + ": no library exports " + wrapper);
    const Library& library = linkage_.libraries[wrap.library];
    const wasm::FunctionType& wanted = library.module.function_type(wrap.index);
    const wasm::FunctionType& given = linkage_.type_of(it->second, wrapper);
    if (wanted != given)
      return fail(ErrorKind::kInput, wrapper + " is " + describe(given) + ", but " + wrap.function +
                                         " is " + describe(wanted));
    if (library.module.total(ExternKind::kTable) == 0)
      return fail(ErrorKind::kInput, "cannot wrap " + wrap.function + ": " + library.file +
                                         " imports no function table");
    wrap.slot = slot_for(wrapper, it->second);
  }
  return {};
}

Result<void> Linker::lay_out() {
  linkage_.image_start = options_.stack_size;
  std::uint64_t address = std::uint64_t{options_.stack_size} + wasm::kImageHeaderSize;
  std::uint64_t table = 1;  // slot 0 is the null function pointer
  for (std::size_t index : linkage_.order) {
    Library& library = linkage_.libraries[index];
    address = align_up(address, library.dylink.memory_alignment);
    table = align_up(table, library.dylink.table_alignment);
    library.memory_base = static_cast<std::uint32_t>(address);
    library.table_base = static_cast<std::uint32_t>(table);
    address += library.dylink.memory_size;
    table += library.dylink.table_size;
    if (address > UINT32_MAX || table > UINT32_MAX)
      return fail(ErrorKind::kInput, "the libraries do not fit in 32-bit memory");
  }
  for (TableSlot& slot : linkage_.slots) slot.slot += static_cast<std::uint32_t>(table);
  for (auto& [name, slot] : linkage_.slot_of) slot += static_cast<std::uint32_t>(table);
  for (ResolvedWrap& wrap : linkage_.wraps) wrap.slot += static_cast<std::uint32_t>(table);
  linkage_.table_size = static_cast<std::uint32_t>(table + linkage_.slots.size());
  linkage_.data_end = static_cast<std::uint32_t>(address);
  linkage_.heap_base = static_cast<std::uint32_t>(align_up(address, 4));
  std::uint64_t memory = std::uint64_t{options_.memory_pages} * kPage;
  if (options_.stack_size % kPage != 0 || options_.stack_size <= kNullGuard || memory > UINT32_MAX)
    return fail(ErrorKind::kUsage,
                "the stack must be a multiple of 64 KiB, the initial memory below 65536 pages");
  if (linkage_.heap_base >= memory)
    return fail(ErrorKind::kInput,
                "stack and data take " + std::to_string(linkage_.heap_base) +
                    " bytes, more than the " + std::to_string(options_.memory_pages) +
                    " pages of initial memory",
                "give a larger --memory-pages");
  linkage_.memory_size = static_cast<std::uint32_t>(memory);
  return {};
}

}  // namespace

const wasm::FunctionType& Linkage::type_of(std::size_t library, const std::string& name) const {
  const Library& provider = libraries[library];
  std::uint32_t index = provider.functions.at(name);
  for (const ResolvedWrap& wrap : wraps)
    if (wrap.library == library && wrap.real_index == index) index = wrap.index;
  return provider.module.function_type(index);
}

std::optional<std::uint32_t> Linkage::data_address(const std::string& name) const {
  if (name == "__heap_base") return heap_base;
  if (name == "__heap_end") return memory_size;
  if (name == "__stack_low") return kNullGuard;
  if (name == "__stack_high" || name == "__global_base") return image_start;
  if (name == "__data_end") return data_end;
  auto it = data_providers.find(name);
  if (it == data_providers.end()) return std::nullopt;
  const Library& provider = libraries[it->second];
  return provider.memory_base + provider.data.at(name);
}

Result<Linkage> link(std::vector<Library> libraries, const FuseOptions& options) {
  Linkage linkage;
  linkage.libraries = std::move(libraries);
  PYLON_CHECK(Linker(linkage, options).run());
  return linkage;
}

}  // namespace pylon::fuse
