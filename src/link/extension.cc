#include "link/extension.hh"

#include <array>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "link/extension_base.hh"
#include "link/sections.hh"
#include "link/world_imports.hh"
#include "wasm/component_types.hh"
#include "wasm/dylink.hh"

namespace pylon::link {
namespace {

using wasm::ComponentExtern;
using wasm::ExternKind;
using wasm::Writer;

constexpr std::string_view kEnvironment = "env", kOfBase = "pylon:extension";
constexpr std::string_view kDrop = "[resource-drop]";
// In the order in which they have to be called.
constexpr std::string_view kInitialisers[] = {"__wasm_apply_data_relocs", "__wasm_call_ctors"};

std::uint8_t number(wasm::SectionId id) {
  return static_cast<std::uint8_t>(id);
}

// A core item, by its sort and its index.
struct CoreItem {
  std::uint8_t sort = 0;
  std::uint32_t index = 0;
};
using CoreItems = std::vector<std::pair<std::string, CoreItem>>;

// What a core module gets, by the name of the module that it imports from.
using CoreArguments = std::vector<std::pair<std::string, std::uint32_t>>;

// Writes sections and keeps count of what they define.
class Appender {
 public:
  Appender(Writer& out, const IndexSpaces& spaces)
      : out_(out),
        spaces_(spaces),
        core_instances_(static_cast<std::uint32_t>(spaces.instance_modules.size())) {}

  CoreItem core_alias(std::uint8_t sort, std::uint32_t instance, std::string_view name) {
    write_section(out_, kAliasSection, [&](Writer& body) {
      body.u8(0).u8(sort).u8(kOfCoreExport).u32(instance).name(name);
    });
    return {sort, spaces_.core[sort]++};
  }

  std::uint32_t bundle(const CoreItems& items) {
    write_section(out_, kCoreInstanceSection, [&](Writer& body) {
      body.u8(kBundle).u32(static_cast<std::uint32_t>(items.size()));
      for (const auto& [name, item] : items) body.name(name).u8(item.sort).u32(item.index);
    });
    return core_instances_++;
  }

  std::uint32_t instantiate(wasm::ByteView module, const CoreArguments& arguments) {
    out_.section(kCoreModuleSection, module);
    write_section(out_, kCoreInstanceSection, [&](Writer& body) {
      body.u8(kInstantiate).u32(spaces_.core_modules++);
      body.u32(static_cast<std::uint32_t>(arguments.size()));
      for (const auto& [name, instance] : arguments)
        body.name(name).u8(kCoreInstance).u32(instance);
    });
    return core_instances_++;
  }

  // A function of an imported interface for core code.
  CoreItem lower(std::uint32_t instance, std::string_view name, CoreItem memory, CoreItem realloc) {
    write_export_alias(out_, ComponentExtern::kFunction, instance, name);
    write_section(out_, kCanonicalSection, [&](Writer& body) {
      body.u8(kLower).u8(0).u32(spaces_.functions++);
      body.u32(3).u8(kUtf8Option);
      body.u8(kMemoryOption).u32(memory.index).u8(kReallocOption).u32(realloc.index);
    });
    return {kCoreFunction, spaces_.core[kCoreFunction]++};
  }

  CoreItem drop(std::uint32_t instance, std::string_view resource) {
    write_export_alias(out_, ComponentExtern::kType, instance, resource);
    write_section(out_, kCanonicalSection,
                  [&](Writer& body) { body.u8(kDropResource).u32(spaces_.types++); });
    return {kCoreFunction, spaces_.core[kCoreFunction]++};
  }

  // The imports of the appended components; where each of them is is theirs to know.
  void imports(const Bytes& sections, const WorldImports& world) {
    out_.bytes(sections);
    spaces_.types = world.types();
    spaces_.instances = world.instances();
  }

 private:
  Writer& out_;
  IndexSpaces spaces_;
  std::uint32_t core_instances_;
};

// A module that exports constants.
Bytes constants(const std::vector<std::pair<std::string, std::uint32_t>>& values) {
  Writer globals, exports, out;
  const auto count = static_cast<std::uint32_t>(values.size());
  globals.u32(count);
  exports.u32(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    globals.u8(wasm::kI32).u8(0).i32_expression(values[i].second);
    exports.name(values[i].first).u8(kCoreGlobal).u32(i);
  }
  out.module_header();
  out.section(number(wasm::SectionId::kGlobal), globals.data());
  out.section(number(wasm::SectionId::kExport), exports.data());
  return out.take();
}

// A module that calls its imports, functions without parameters, when it is instantiated.
Bytes starter(const std::vector<std::string>& functions) {
  const auto count = static_cast<std::uint32_t>(functions.size());
  Writer imports, body, out;
  imports.u32(count);
  for (const std::string& name : functions) imports.name("").name(name).u8(kCoreFunction).u32(0);
  body.u32(0);
  for (std::uint32_t i = 0; i < count; ++i) body.u8(wasm::kCall).u32(i);
  body.u8(wasm::kEnd);
  out.module_header();
  out.section(number(wasm::SectionId::kType),
              Writer().u32(1).u8(wasm::kFunctionType).u32(0).u32(0).data());
  out.section(number(wasm::SectionId::kImport), imports.data());
  out.section(number(wasm::SectionId::kFunction), Writer().u32(1).u32(0).data());
  out.section(number(wasm::SectionId::kStart), Writer().u32(count).data());
  out.section(number(wasm::SectionId::kCode), Writer().u32(1).sized(body.data()).data());
  return out.take();
}

// The core module of an extension.
Result<wasm::Module> core_module(const ExtensionModule& extension) {
  const wasm::ComponentSection* found = nullptr;
  for (const wasm::ComponentSection& section : extension.component.sections()) {
    if (section.id != kCoreModuleSection) continue;
    if (found) return fail(ErrorKind::kInput, extension.name + " has more than one core module");
    found = &section;
  }
  if (!found) return fail(ErrorKind::kInput, extension.name + " has no core module");
  return wasm::Module::parse(Bytes(found->body.begin(), found->body.end()), extension.name);
}

class Extending {
 public:
  Extending(ExtensionBase base, const IndexSpaces& spaces)
      : base_(std::move(base)), append_(behind_, spaces), world_(spaces.types, spaces.instances) {}

  Result<void> append(std::span<const ExtensionModule> extensions) {
    for (const ExtensionModule& extension : extensions)
      PYLON_CHECK(
          world_.add(extension.component, extension.name, [](const std::string&) { return true; }));
    PYLON_TRY(imports, world_.sections());
    append_.imports(imports, world_);
    const std::uint32_t instance = base_.instance();
    memory_ = append_.core_alias(kCoreMemory, instance, "memory");
    table_ = append_.core_alias(kCoreTable, instance, kTableExport);
    stack_ = append_.core_alias(kCoreGlobal, instance, kStackExport);
    realloc_ = append_.core_alias(kCoreFunction, instance, "cabi_realloc");
    for (const ExtensionModule& extension : extensions) PYLON_CHECK(add(extension));
    return {};
  }

  Bytes write(const wasm::Component& base) const {
    Writer out;
    out.bytes(base.with_section(base_.section(), base_.grown())).bytes(behind_.data());
    return out.take();
  }

 private:
  Result<void> add(const ExtensionModule& extension) {
    PYLON_TRY(module, core_module(extension));
    PYLON_TRY(environment, place(module));
    std::map<std::string, CoreItems> wanted;
    for (const wasm::Import& import : module.imports) {
      if (import.module == kEnvironment) {
        PYLON_CHECK(check_environment(module, import, environment));
        continue;
      }
      if (import.type.kind != ExternKind::kFunction) return fail(unknown(module, import));
      PYLON_TRY(item, function(module, import));
      wanted[import.module].emplace_back(import.field, item);
    }
    CoreArguments arguments = {{std::string(kEnvironment), append_.bundle(environment)}};
    for (const auto& [name, items] : wanted) arguments.emplace_back(name, append_.bundle(items));
    const std::uint32_t instance = append_.instantiate(module.bytes(), arguments);
    std::vector<std::string> initialisers;
    for (std::string_view name : kInitialisers)
      if (module.find_export(name)) initialisers.emplace_back(name);
    append_.instantiate(starter(initialisers), {{"", instance}});
    return {};
  }

  // Room in memory and table for an extension, and what it imports as its environment.
  Result<CoreItems> place(const wasm::Module& module) {
    PYLON_TRY(dylink, wasm::read_dylink(module));
    if (!dylink.needed.empty())
      return fail(ErrorKind::kInput, module.name + " needs the library " + dylink.needed[0],
                  "link it into the extension");
    PYLON_TRY(memory, base_.take_memory(dylink.memory_size, dylink.memory_alignment));
    PYLON_TRY(table, base_.take_table(dylink.table_size, dylink.table_alignment));
    const std::uint32_t places =
        append_.instantiate(constants({{"__memory_base", memory}, {"__table_base", table}}), {});
    return CoreItems{{"memory", memory_},
                     {"__indirect_function_table", table_},
                     {"__stack_pointer", stack_},
                     {"__memory_base", append_.core_alias(kCoreGlobal, places, "__memory_base")},
                     {"__table_base", append_.core_alias(kCoreGlobal, places, "__table_base")}};
  }

  static Error unknown(const wasm::Module& module, const wasm::Import& import) {
    return Error(ErrorKind::kInput,
                 module.name + " imports " + import.module + " " + import.field +
                     ", which no extension is given",
                 "take one that toolchain/cap made; a cap with callbacks is loaded by dynlink");
  }

  static Result<void> check_environment(const wasm::Module& module, const wasm::Import& import,
                                        const CoreItems& environment) {
    for (const auto& [name, item] : environment)
      if (name == import.field && item.sort == static_cast<std::uint8_t>(import.type.kind))
        return {};
    return fail(unknown(module, import));
  }

  Result<CoreItem> function(const wasm::Module& module, const wasm::Import& import) {
    if (import.module == kOfBase) {
      const std::string name = kForExtensions + import.field;
      if (!base_.exports(name)) return fail(unknown(module, import));
      const auto [at, is_new] = of_base_.try_emplace(name);
      if (is_new) at->second = append_.core_alias(kCoreFunction, base_.instance(), name);
      return at->second;
    }
    const auto instance = world_.instance(import.module);
    if (!instance) return fail(unknown(module, import));
    if (import.field.starts_with(kDrop))
      return append_.drop(*instance, std::string_view(import.field).substr(kDrop.size()));
    return append_.lower(*instance, import.field, memory_, realloc_);
  }

  ExtensionBase base_;
  Writer behind_;
  Appender append_;
  WorldImports world_;
  CoreItem memory_, table_, stack_, realloc_;
  std::map<std::string, CoreItem> of_base_;
};

// What the base imports cannot be imported again.
Result<void> check_imports(const wasm::Component& base,
                           std::span<const ExtensionModule> extensions) {
  PYLON_TRY(names, wasm::read_import_names(base, "the base"));
  const std::set<std::string> taken(names.begin(), names.end());
  for (const ExtensionModule& extension : extensions) {
    PYLON_TRY(imports, wasm::read_import_names(extension.component, extension.name));
    for (const std::string& import : imports)
      if (taken.contains(import))
        return fail(ErrorKind::kInput,
                    extension.name + " imports " + import + ", which the base imports for itself");
  }
  return {};
}

}  // namespace

Result<Bytes> append_extensions(const wasm::Component& base,
                                std::span<const ExtensionModule> extensions) {
  PYLON_CHECK(check_imports(base, extensions));
  PYLON_TRY(spaces, read_index_spaces(base, "the base"));
  PYLON_TRY(found, ExtensionBase::find(base, spaces));
  Extending extending(std::move(found), spaces);
  PYLON_CHECK(extending.append(extensions));
  return extending.write(base);
}

}  // namespace pylon::link
