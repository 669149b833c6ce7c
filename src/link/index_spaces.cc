#include "link/index_spaces.hh"

#include "link/component_items.hh"
#include "link/sections.hh"
#include "wasm/component_types.hh"

namespace pylon::link {
namespace {

using wasm::ComponentExtern;
using wasm::Cursor;

class Reader {
 public:
  Reader(const wasm::Component& component, const std::string& name)
      : component_(component), name_(name) {}

  Result<IndexSpaces> read() {
    for (std::size_t i = 0; i < component_.sections().size(); ++i) PYLON_CHECK(section(i));
    return std::move(spaces_);
  }

 private:
  using Entry = Result<void> (Reader::*)(Cursor&);

  Result<void> section(std::size_t index) {
    const wasm::ComponentSection& section = component_.sections()[index];
    Cursor in(section.body, 0, name_);
    switch (section.id) {
      case kCustomSection:
      case kComponentSection:
        return {};
      case kCoreModuleSection:
        add_module(index);
        return {};
      case kCoreInstanceSection:
        return each(in, &Reader::core_instance);
      case kInstanceSection:
        return count(in, spaces_.instances);
      case kAliasSection:
        return each(in, &Reader::alias);
      case kTypeSection:
        return count(in, spaces_.types);
      case kCanonicalSection:
        return each(in, &Reader::canonical);
      case kImportSection:
        return each(in, &Reader::import);
      case kExportSection:
        return each(in, &Reader::exported);
      default:
        return fail(
            in.error("a section that cannot be extended, number " + std::to_string(section.id)));
    }
  }

  Result<void> each(Cursor& in, Entry entry) {
    PYLON_TRY(count, in.count("the number of items"));
    for (std::uint32_t i = 0; i < count; ++i) PYLON_CHECK((this->*entry)(in));
    return in.expect_end();
  }

  // Each entry of these sections defines one item.
  static Result<void> count(Cursor& in, std::uint32_t& space) {
    PYLON_TRY(count, in.count("the number of items"));
    space += count;
    return {};
  }

  void add_module(std::optional<std::size_t> section) {
    spaces_.module_sections.push_back(section);
    ++spaces_.core_modules;
  }

  Result<void> add_core(Cursor& in, std::uint8_t sort) {
    if (sort < spaces_.core.size())
      ++spaces_.core[sort];
    else if (sort == kCoreModule)
      add_module(std::nullopt);
    else if (sort == kCoreInstance)
      spaces_.instance_modules.emplace_back();
    else
      return fail(in.error("a core item of unknown kind"));
    return {};
  }

  Result<void> add(Cursor& in, std::uint8_t sort) {
    if (sort == ComponentExtern::kFunction)
      ++spaces_.functions;
    else if (sort == ComponentExtern::kType)
      ++spaces_.types;
    else if (sort == ComponentExtern::kInstance)
      ++spaces_.instances;
    else if (sort != kComponentSort)
      return fail(in.error("an item of unknown kind"));
    return {};
  }

  Result<void> core_instance(Cursor& in) {
    PYLON_TRY(kind, in.u8("a core instance"));
    if (kind > kBundle) return fail(in.error("a core instance of unknown kind"));
    std::optional<std::uint32_t> made_of;
    if (kind == kInstantiate) {
      PYLON_TRY(module, in.u32("a core instance's module"));
      made_of = module;
    }
    PYLON_TRY(count, in.count("the number of arguments", 3));
    for (std::uint32_t i = 0; i < count; ++i) {
      PYLON_CHECK(in.name("an argument's name"));
      PYLON_CHECK(in.u8("an argument's sort"));
      PYLON_CHECK(in.u32("an argument"));
    }
    spaces_.instance_modules.push_back(made_of);
    return {};
  }

  Result<void> alias(Cursor& in) {
    PYLON_TRY(alias, read_alias(in));
    return alias.sort == kCoreSort ? add_core(in, alias.core_sort) : add(in, alias.sort);
  }

  Result<void> canonical(Cursor& in) {
    PYLON_TRY(kind, in.u8("a canonical function"));
    if (kind <= kLower) {
      PYLON_TRY(zero, in.u8("a canonical function"));
      if (zero != 0) return fail(in.error("a canonical function of unknown kind"));
    } else if (kind > kLastOfResource) {
      return fail(in.error("a canonical function of unknown kind"));
    }
    PYLON_CHECK(in.u32("what a canonical function is of"));
    if (kind <= kLower) PYLON_CHECK(options(in));
    if (kind == kLift) PYLON_CHECK(in.u32("a lifted function's type"));
    ++(kind == kLift ? spaces_.functions : spaces_.core[kCoreFunction]);
    return {};
  }

  static Result<void> options(Cursor& in) {
    PYLON_TRY(count, in.count("the number of options"));
    for (std::uint32_t i = 0; i < count; ++i) {
      PYLON_TRY(option, in.u8("an option"));
      if (option > kPostReturnOption) return fail(in.error("an option of unknown kind"));
      if (option >= kMemoryOption) PYLON_CHECK(in.u32("an option's value"));
    }
    return {};
  }

  Result<void> import(Cursor& in) {
    PYLON_CHECK(wasm::read_extern_name(in));
    PYLON_TRY(item, wasm::read_extern_type(in));
    return item.sort == kCoreSort ? add_core(in, kCoreModule) : add(in, item.sort);
  }

  Result<void> exported(Cursor& in) {
    PYLON_TRY(sort, read_export_sort(in));
    return sort == kCoreSort ? add_core(in, kCoreModule) : add(in, sort);
  }

  const wasm::Component& component_;
  const std::string& name_;
  IndexSpaces spaces_;
};

}  // namespace

Result<IndexSpaces> read_index_spaces(const wasm::Component& component, const std::string& name) {
  return Reader(component, name).read();
}

}  // namespace pylon::link
