// Symbols between libraries: calls, addresses, weak and duplicate names, order of initialisation.
#include "fusing.hh"

namespace pylon::fuse {
namespace {

TEST_F(Fusing, CallsBetweenLibrariesAreResolved) {
  library("main.so", "(needed \"liba.so\")", R"(
    (import "env" "half" (func $half (result i32)))
    (func (export "answer") (result i32) (i32.mul (call $half) (i32.const 2))))");
  library("liba.so", "(mem-info (memory 0 0))",
          R"((func (export "half") (result i32) (i32.const 21)))");
  options.exports = {"answer"};
  fused();
  EXPECT_EQ(run()["answer"], "42");
  wasm::Module core = module();
  EXPECT_TRUE(core.imports.empty());
  EXPECT_FALSE(core.start);
  ASSERT_EQ(core.exports.size(), 2u) << "memory and the one that was asked for";
  EXPECT_NE(core.find_export("memory"), nullptr);
  EXPECT_EQ(core.find_export("half"), nullptr);
}

TEST_F(Fusing, DataAddressesAreResolved) {
  library("main.so", "(mem-info (memory 8 2))", R"(
    (import "GOT.mem" "greeting" (global $greeting (mut i32)))
    (import "GOT.mem" "own" (global $own (mut i32)))
    (global (export "own") i32 (i32.const 4))
    (data (global.get $memory) "\01\02\03\04\05\06\07\08")
    (func (export "other") (result i32) (i32.load8_u (global.get $greeting)))
    (func (export "mine") (result i32) (i32.load8_u (global.get $own))))");
  library("liba.so", "(mem-info (memory 32 4))", R"(
    (global (export "greeting") i32 (i32.const 17))
    (data (offset (i32.add (global.get $memory) (i32.const 16))) "xhello"))");
  options.exports = {"other", "mine"};
  fused();
  EXPECT_EQ(run()["other"], std::to_string('h'));
  EXPECT_EQ(run()["mine"], "5");
}

TEST_F(Fusing, FunctionAddressesAreResolvedAndEqualEverywhere) {
  library("main.so", "(mem-info (table 1 0))", R"(
    (type $get (func (result i32)))
    (import "GOT.func" "seven" (global $seven (mut i32)))
    (import "env" "address_of_seven" (func $address (result i32)))
    (func $local (result i32) (i32.const 8))
    (elem (global.get $table) func $local)
    (func (export "called") (result i32) (call_indirect (type $get) (global.get $seven)))
    (func (export "local") (result i32) (call_indirect (type $get) (global.get $table)))
    (func (export "equal") (result i32) (i32.eq (global.get $seven) (call $address))))");
  library("liba.so", "(mem-info (table 0 0))", R"(
    (import "GOT.func" "seven" (global $seven (mut i32)))
    (func (export "seven") (result i32) (i32.const 7))
    (func (export "address_of_seven") (result i32) (global.get $seven)))");
  options.exports = {"called", "local", "equal"};
  EXPECT_EQ(fused().table_size, 3u) << "null, one of main's own, one for seven";
  auto results = run();
  EXPECT_EQ(results["called"], "7");
  EXPECT_EQ(results["local"], "8");
  EXPECT_EQ(results["equal"], "1");
}

TEST_F(Fusing, WeakUndefinedNamesAreNullAndTrap) {
  library("main.so",
          R"((mem-info (memory 0 0)) (import-info "env" "maybe" binding-weak undefined)
             (import-info "env" "maybe_data" binding-weak undefined))",
          R"(
    (import "env" "maybe" (func $maybe (param i32) (result i32)))
    (import "GOT.func" "maybe" (global $address (mut i32)))
    (import "GOT.mem" "maybe_data" (global $data (mut i32)))
    (func (export "addresses") (result i32) (i32.or (global.get $address) (global.get $data)))
    (func (export "use") (result i32) (call $maybe (i32.const 1))))");
  options.exports = {"addresses", "use"};
  EXPECT_EQ(fused().weak_undefined, (std::vector<std::string>{"maybe", "maybe_data"}));
  EXPECT_EQ(run()["addresses"], "0");
  EXPECT_EQ(run()["use"], "trap");
}

TEST_F(Fusing, WeakNamesAreUsedWhereTheyAreDefined) {
  library("main.so",
          R"((mem-info (memory 0 0)) (import-info "env" "maybe" binding-weak undefined))", R"(
    (import "env" "maybe" (func $maybe (result i32)))
    (func (export "use") (result i32) (call $maybe)))");
  library("liba.so", "(mem-info (memory 0 0))",
          R"((func (export "maybe") (result i32) (i32.const 5)))");
  options.exports = {"use"};
  EXPECT_TRUE(fused().weak_undefined.empty());
  EXPECT_EQ(run()["use"], "5");
}

TEST_F(Fusing, TheFirstOfDuplicateNamesIsUsedAndReported) {
  library("main.so", "(mem-info (memory 0 0))",
          R"((func (export "name") (result i32) (i32.const 1)))");
  library("liba.so", "(mem-info (memory 0 0))",
          R"((func (export "name") (result i32) (i32.const 2)))");
  library("libb.so", "(mem-info (memory 0 0))", R"(
    (import "env" "name" (func $name (result i32)))
    (func (export "asked") (result i32) (call $name)))");
  options.exports = {"asked", "name"};
  EXPECT_EQ(fused().duplicates, std::vector<std::string>{"name"});
  EXPECT_EQ(run()["asked"], "1");
  EXPECT_EQ(run()["name"], "1");
  std::string map = map_text();
  std::erase_if(map, [](char c) { return c == ' ' || c == '\n'; });
  EXPECT_NE(map.find(R"("duplicates":[{"name":"name","used":"main","hidden":["liba"]}])"),
            std::string::npos)
      << map;
}

TEST_F(Fusing, AllUndefinedNamesAreListed) {
  library("main.so", "(mem-info (memory 0 0))", R"(
    (import "env" "no_function" (func))
    (import "GOT.mem" "no_data" (global (mut i32)))
    (import "env" "__tls_base" (global i32)))");
  library("liba.so", "(mem-info (memory 0 0))",
          R"((import "GOT.func" "no_address" (global (mut i32))))");
  Error error = failure();
  EXPECT_EQ(error.kind(), ErrorKind::kInput);
  EXPECT_EQ(error.text(),
            "4 undefined symbols:\n  function no_function, needed by main.so\n  data no_data, "
            "needed by main.so\n"
            "  global __tls_base, needed by main.so\n  function no_address, needed by liba.so");
}

TEST_F(Fusing, ALibraryMayImportWhatItDefines) {
  library("main.so", "(mem-info (memory 0 0))", R"(
    (import "env" "seven" (func $imported (result i32)))
    (func (export "seven") (result i32) (i32.const 7))
    (func (export "asked") (result i32) (call $imported)))");
  options.exports = {"asked"};
  fused();
  EXPECT_EQ(run()["asked"], "7");
}

TEST_F(Fusing, DifferentSignaturesAreRefused) {
  library("main.so", "(mem-info (memory 0 0))", R"((import "env" "f" (func (param i32))))");
  library("liba.so", "(mem-info (memory 0 0))",
          R"((func (export "f") (param i64) (result i32) (i32.const 0)))");
  EXPECT_NE(failure().text().find("f: main.so calls (i32) -> (), liba.so defines (i64) -> (i32)"),
            std::string::npos);
}

TEST_F(Fusing, InitialisersRunInOrderOfDependence) {
  // Each appends its digit to a number in memory; main is given first but needs the others.
  const std::string append = R"(
    (import "GOT.mem" "log" (global $log (mut i32)))
    (func $append (param i32) (i32.store (global.get $log) (i32.add (i32.mul (i32.load (global.get $log)) (i32.const 10)) (local.get 0)))))";
  library("main.so", "(mem-info (memory 0 0)) (needed \"libb.so\" \"liba.so\")",
          R"((import "env" "__pylon_construct" (func $construct)))" + append + R"(
    (func (export "__wasm_call_ctors") (call $append (i32.const 3)))
    (func (export "constructed") (result i32) (call $construct) (i32.load (global.get $log))))");
  library("libb.so", "(mem-info (memory 0 0)) (needed \"liba.so\" \"absent.so\")", append + R"(
    (func (export "__wasm_call_ctors") unreachable)
    (func (export "_initialize") (call $append (i32.const 2))))");
  library("liba.so", "(mem-info (memory 4 2))", R"(
    (global (export "log") i32 (i32.const 0))
    (func (export "_initialize") (i32.store (global.get $memory) (i32.const 1))))");
  ASSERT_EQ(options.libraries.size(), 3u);
  options.exports = {"constructed"};
  fused();
  EXPECT_EQ(run()["constructed"], "123");
  EXPECT_NE(map_text().find("absent.so"), std::string::npos);
}

TEST_F(Fusing, TheLinkersOwnAddressesAreThere) {
  library("main.so", "(mem-info (memory 24 3))", R"(
    (import "GOT.mem" "__stack_low" (global $low (mut i32)))
    (import "GOT.mem" "__stack_high" (global $high (mut i32)))
    (import "GOT.mem" "__heap_base" (global $heap (mut i32)))
    (import "GOT.mem" "__heap_end" (global $end (mut i32)))
    (func (export "low") (result i32) (global.get $low))
    (func (export "high") (result i32) (global.get $high))
    (func (export "heap") (result i32) (global.get $heap))
    (func (export "end") (result i32) (global.get $end))
    (func (export "sp") (result i32) (global.get $sp)))");
  options.exports = {"low", "high", "heap", "end", "sp"};
  fused();
  auto results = run();
  EXPECT_EQ(results["low"], "1024");
  EXPECT_EQ(results["high"], "65536");
  EXPECT_EQ(results["sp"], "65536");
  EXPECT_EQ(results["heap"], std::to_string(65536 + 16 + 24 + 8)) << "header, data, aligned to 16";
  EXPECT_EQ(results["end"], std::to_string(4 * 65536));
}

TEST_F(Fusing, ExportsMayBePatterns) {
  library("main.so", "(mem-info (memory 0 0))", R"(
    (func (export "cabi_post_a")) (func (export "cabi_post_b")) (func (export "cabi_realloc")))");
  options.exports = {"cabi_post_*"};
  fused();
  wasm::Module core = module();
  EXPECT_NE(core.find_export("cabi_post_a"), nullptr);
  EXPECT_NE(core.find_export("cabi_post_b"), nullptr);
  EXPECT_EQ(core.find_export("cabi_realloc"), nullptr);
  options.exports = {"missing"};
  EXPECT_EQ(failure().text(), "no library exports the function missing");
}

TEST_F(Fusing, HostImportsStay) {
  library("main.so", "(mem-info (memory 0 0))", R"(
    (import "wasi:cli/exit@0.2.0" "exit" (func $exit (param i32)))
    (func (export "leave") (call $exit (i32.const 1))))");
  options.exports = {"leave"};
  fused();
  wasm::Module core = module();
  ASSERT_EQ(core.imports.size(), 1u);
  EXPECT_EQ(core.imports[0].module, "wasi:cli/exit@0.2.0");
}

TEST_F(Fusing, ExceptionTagsAreShared) {
  const char* tag = R"((import "env" "__cpp_exception" (tag $thrown (param i32))))";
  library("main.so", "(mem-info (memory 0 0)) (needed \"liba.so\")", std::string(tag) + R"(
    (import "env" "thrower" (func $thrower))
    (func (export "caught") (result i32)
      (block $handler (result i32)
        (try_table (catch $thrown $handler) (call $thrower))
        (i32.const -1))))");
  library("liba.so", "(mem-info (memory 0 0))",
          std::string(tag) + R"((func (export "thrower") (throw $thrown (i32.const 77))))");
  options.exports = {"caught"};
  fused();
  EXPECT_EQ(module().tags.size(), 1u);
  EXPECT_EQ(run()["caught"], "77");
}

}  // namespace
}  // namespace pylon::fuse
