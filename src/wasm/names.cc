#include "wasm/names.hh"

#include "wasm/writer.hh"

namespace pylon::wasm {
namespace {

constexpr std::uint8_t kFunctionNames = 1;

Result<FunctionNames> read_name_map(Cursor& in) {
  PYLON_TRY(count, in.count("names", 2));
  FunctionNames names;
  names.reserve(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    std::size_t at = in.offset();
    PYLON_TRY(index, in.u32("a function index"));
    if (!names.empty() && index <= names.back().first)
      return fail(in.error_at(at, "names are not in order"));
    PYLON_TRY(name, in.name("a function's name"));
    names.emplace_back(index, std::move(name));
  }
  PYLON_CHECK(in.expect_end());
  return names;
}

}  // namespace

Result<FunctionNames> read_function_names(const Module& module) {
  const Section* section = module.custom_section("name");
  if (!section) return FunctionNames{};
  Cursor in(section->body, section->offset, module.name + ": custom section name");
  while (!in.at_end()) {
    PYLON_TRY(id, in.u8("a subsection id"));
    PYLON_TRY(size, in.u32("a subsection's size"));
    PYLON_TRY(part, in.part(size, in.place(), "a subsection"));
    if (id == kFunctionNames) return read_name_map(part);
  }
  return FunctionNames{};
}

Bytes write_function_names(const FunctionNames& names) {
  Writer map;
  map.u32(static_cast<std::uint32_t>(names.size()));
  for (const auto& [index, name] : names) map.u32(index).name(name);
  return Writer().u8(kFunctionNames).sized(map.data()).take();
}

}  // namespace pylon::wasm
