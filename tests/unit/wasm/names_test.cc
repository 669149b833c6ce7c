#include "wasm/names.hh"

#include <gtest/gtest.h>

#include "sample_module.hh"

namespace pylon::wasm {
namespace {

Result<FunctionNames> read(const Bytes& body) {
  auto module =
      Module::parse(Writer().module_header().custom_section("name", body).take(), "a.wasm");
  return read_function_names(*module);
}

TEST(FunctionNames, AreReadAndWritten) {
  auto module = Module::parse(sample_module(), "a.wasm");
  auto names = read_function_names(*module);
  ASSERT_TRUE(names);
  EXPECT_EQ(*names, (FunctionNames{{0, "f"}, {2, "seven"}}));
  EXPECT_EQ(*read(write_function_names(*names)), *names);
}

TEST(FunctionNames, MayBeMissing) {
  auto module = Module::parse(Writer().module_header().take(), "a.wasm");
  EXPECT_TRUE(read_function_names(*module)->empty());
  EXPECT_TRUE(read(Writer().u8(0).sized(Bytes{1, 'm'}).data())->empty())
      << "only the module's own name";
}

TEST(FunctionNames, RefusesDisorder) {
  EXPECT_FALSE(
      read(Writer().u8(1).sized(Writer().u32(2).u32(5).name("a").u32(5).name("b").data()).data()));
  EXPECT_FALSE(read(Writer().u8(1).sized(Writer().u32(1).u32(5).name("a").u8(0).data()).data()));
}

}  // namespace
}  // namespace pylon::wasm
