#include "link/component_items.hh"

#include "link/sections.hh"
#include "wasm/component_types.hh"

namespace pylon::link {

Result<Alias> read_alias(wasm::Cursor& in) {
  Alias out;
  PYLON_TRY(sort, in.u8("an alias's sort"));
  out.sort = sort;
  if (sort == kCoreSort) {
    PYLON_TRY(core_sort, in.u8("an alias's core sort"));
    out.core_sort = core_sort;
  }
  PYLON_TRY(target, in.u8("an alias's target"));
  if (target > kOuter) return fail(in.error("an alias of unknown kind"));
  out.target = target;
  PYLON_TRY(instance, in.u32("where an alias points"));
  out.instance = instance;
  if (target == kOuter) {
    PYLON_CHECK(in.u32("where an alias points"));
    return out;
  }
  PYLON_TRY(name, in.name("an alias's name"));
  out.name = std::move(name);
  return out;
}

Result<std::uint8_t> read_export_sort(wasm::Cursor& in) {
  PYLON_CHECK(wasm::read_extern_name(in));
  PYLON_TRY(sort, in.u8("an export's sort"));
  if (sort == kCoreSort) PYLON_CHECK(in.u8("an export's core sort"));
  PYLON_CHECK(in.u32("an export's index"));
  PYLON_TRY(typed, in.u8("whether an export has a type"));
  if (typed > 1) return fail(in.error("neither a type nor none"));
  if (typed == 1) PYLON_CHECK(wasm::read_extern_type(in));
  return sort;
}

}  // namespace pylon::link
