// The written module as a whole: the same bytes each time, its custom sections, and tools that
// fail.
#include <algorithm>
#include <filesystem>

#include "fusing.hh"
#include "wasm/names.hh"

namespace pylon::fuse {
namespace {

class Output : public Fusing {
 protected:
  void two_libraries() {
    library("main.so", "(mem-info (memory 4 2)) (needed \"liba.so\")", R"(
      (@custom "component-type:main" "m")
      (import "env" "helper" (func $helper (param i32) (result i32)))
      (import "GOT.mem" "value" (global $value (mut i32)))
      (data (global.get $memory) "main")
      (func $entry (export "entry") (result i32) (call $helper (i32.load (global.get $value)))))");
    library("liba.so", "(mem-info (memory 4 2))", R"(
      (@custom "component-type:a" "a") (@custom "producers" "\00")
      (global (export "value") i32 (i32.const 0))
      (data (global.get $memory) "\05\00\00\00")
      (func $helper (export "helper") (param i32) (result i32) (i32.add (local.get 0) (i32.const 1))))");
    options.exports = {"entry"};
  }
};

TEST_F(Output, IsTheSameEachTime) {
  two_libraries();
  for (Optimize level : {Optimize::kNone, Optimize::kFold, Optimize::kFull}) {
    options.optimize = level;
    fused();
    auto first = read_file(options.output);
    EXPECT_EQ(run()["entry"], "6");
    // The same libraries in another directory.
    FuseOptions again = options;
    again.output = scratch.directory("elsewhere") + "/out.wasm";
    for (auto& path : again.libraries) {
      std::filesystem::path copy =
          std::filesystem::path(scratch.path("elsewhere")) / path.filename();
      std::filesystem::copy_file(path, copy, std::filesystem::copy_options::overwrite_existing);
      path = copy;
    }
    ASSERT_TRUE(fuse(again));
    EXPECT_EQ(*first, *read_file(again.output));
  }
}

TEST_F(Output, FoldingLeavesNoConstantGlobals) {
  two_libraries();
  options.optimize = Optimize::kFold;
  fused();
  for (const wasm::Global& global : module().globals) EXPECT_TRUE(global.type.is_mutable);
}

TEST_F(Output, CarriesTheComponentTypes) {
  two_libraries();
  fused();
  wasm::Module core = module();
  EXPECT_NE(core.custom_section("component-type:main"), nullptr);
  EXPECT_NE(core.custom_section("component-type:a"), nullptr);
  EXPECT_EQ(core.custom_section("dylink.0"), nullptr);
}

TEST_F(Output, KeepsNamesOnlyIfAsked) {
  two_libraries();
  fused();
  EXPECT_EQ(module().custom_section("name"), nullptr);
  options.keep_names = true;
  fused();
  auto names = wasm::read_function_names(module());
  ASSERT_TRUE(names);
  EXPECT_TRUE(std::any_of(names->begin(), names->end(), [](const auto& n) {
    return n.second.find("helper") != std::string::npos;
  }));
}

TEST_F(Output, LeavesNothingElseBehind) {
  two_libraries();
  std::string folder = scratch.directory("out");
  options.output = folder + "/core.wasm";
  options.map = folder + "/core.json";
  fused();
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    files += entry.exists() ? 1 : 0;
  EXPECT_EQ(files, 2u);
}

TEST_F(Output, ToolsThatFailAreNamed) {
  two_libraries();
  options.wasm_merge = scratch.path("no-such-tool");
  Error missing = failure();
  EXPECT_NE(missing.text().find("no-such-tool: No such file or directory"), std::string::npos)
      << missing.text();
  std::string tool = scratch.file("tool", "#!/bin/sh\necho it is broken\nexit 3\n");
  std::filesystem::permissions(tool, std::filesystem::perms::owner_all);
  options.wasm_merge = tool;
  Error broken = failure();
  EXPECT_EQ(broken.kind(), ErrorKind::kInternal);
  EXPECT_EQ(broken.text(), tool + " failed with exit code 3:\nit is broken");
  EXPECT_FALSE(std::filesystem::exists(options.output));
}

}  // namespace
}  // namespace pylon::fuse
