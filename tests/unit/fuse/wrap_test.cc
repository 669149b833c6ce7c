// --wrap: a function is replaced for everybody, its own library included.
#include "fusing.hh"

namespace pylon::fuse {
namespace {

class Wrapping : public Fusing {
 protected:
  // libc defines read(), calls it itself, hands out its address, and has a local function.
  void libc() {
    library("libc.so", "(mem-info (table 1 0))", R"(
      (type $io (func (param i32 i64) (result i32)))
      (import "GOT.func" "read" (global $read_address (mut i32)))
      (func $local (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))
      (func $read (export "read") (param i32 i64) (result i32)
        (i32.add (local.get 0) (i32.wrap_i64 (local.get 1))))
      (elem (global.get $table) func $local)
      (func (export "inside") (result i32) (call $read (i32.const 10) (i64.const 5)))
      (func (export "by_address") (result i32)
        (call_indirect (type $io) (i32.const 10) (i64.const 5) (global.get $read_address)))
      (func (export "use_local") (result i32) (call $local (i32.const 4))))");
  }
  void main_with(const std::string& body) { library("main.so", "(mem-info (memory 0 0))", body); }
};

constexpr const char* kMain = R"(
  (import "env" "read" (func $read (param i32 i64) (result i32)))
  (import "env" "__real_read" (func $real (param i32 i64) (result i32)))
  (func (export "__wrap_read") (param i32 i64) (result i32)
    (i32.add (i32.const 1000) (call $real (local.get 0) (local.get 1))))
  (func (export "outside") (result i32) (call $read (i32.const 10) (i64.const 5)))
  (func (export "original") (result i32) (call $real (i32.const 10) (i64.const 5))))";

TEST_F(Wrapping, ReachesCallsFromEverywhere) {
  main_with(kMain);
  libc();
  options.wraps = {{"libc", "read"}};
  options.exports = {"inside", "outside", "by_address", "original", "use_local"};
  for (Optimize level : {Optimize::kNone, Optimize::kFold, Optimize::kFull}) {
    options.optimize = level;
    fused();
    auto results = run();
    EXPECT_EQ(results["inside"], "1015");
    EXPECT_EQ(results["outside"], "1015");
    EXPECT_EQ(results["by_address"], "1015");
    EXPECT_EQ(results["original"], "15");
    EXPECT_EQ(results["use_local"], "5") << "other functions keep their places";
  }
}

TEST_F(Wrapping, FindsLocalFunctionsByName) {
  main_with(R"((func (export "__wrap_local") (param i32) (result i32) (i32.const 99)))");
  libc();
  options.wraps = {{"libc.so", "local"}};
  options.exports = {"use_local"};
  options.keep_names = true;
  fused();
  EXPECT_EQ(run()["use_local"], "99");
}

TEST_F(Wrapping, NamesItsMistakes) {
  main_with(kMain);
  libc();
  options.wraps = {{"libm", "read"}};
  EXPECT_EQ(failure().text(), "cannot wrap libm:read: no library is named libm");
  options.wraps = {{"libc", "nothing"}};
  EXPECT_EQ(failure().text(), "cannot wrap nothing: libc.so does not define it");
  options.wraps = {{"libc", "read"}, {"libc", "inside"}};
  EXPECT_EQ(failure().text(), "cannot wrap inside: no library exports __wrap_inside");
  options.wraps = {{"libc", "read"}, {"libc", "read"}};
  EXPECT_EQ(failure().text(), "read is wrapped twice");
}

TEST_F(Wrapping, RefusesAWrapperOfAnotherType) {
  main_with(R"((func (export "__wrap_read") (param i32) (result i32) (i32.const 0)))");
  libc();
  options.wraps = {{"libc", "read"}};
  EXPECT_EQ(failure().text(), "__wrap_read is (i32) -> (i32), but read is (i32, i64) -> (i32)");
}

}  // namespace
}  // namespace pylon::fuse
