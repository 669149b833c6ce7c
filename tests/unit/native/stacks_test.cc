#include <ctime>

#include "native_module.hh"

namespace pylon::native::testing {
namespace {

// A thread of this module counts at 2000 whenever it is visited, or does what the word at 2008
// says.
const char* kStacks = R"((module
  (import "host" "ask" (func $ask (param i32) (result i32)))
  (memory (export "memory") 1)
  (global $dropped (mut i32) (i32.const 0))
  (func $make (export "native/make-stack") (param i32 i32 i32) (result i32) i32.const 0)
  (func $change (export "native/change-stack") (param i32) (global.set $dropped (i32.const -1)))
  (func $drop (export "native/drop-stack") (param i32) (global.set $dropped (local.get 0)))
  (func $deep (param i64) (result i64)
    (i64.store (i32.const 3000) (local.get 0))
    (i64.store (i32.const 3008) (call $deep (i64.add (local.get 0) (i64.const 1))))
    (i64.load (i32.const 3000)))
  (func (export "native/thread") (local $own i32)
    (loop $again
      (local.set $own (i32.add (local.get $own) (i32.const 1)))
      (i32.store (i32.const 2000) (i32.add (i32.load (i32.const 2000)) (i32.const 1)))
      (i32.store (i32.const 2004) (local.get $own))
      (if (i32.eq (i32.load (i32.const 2008)) (i32.const 1)) (then (drop (call $deep (i64.const 0)))))
      (if (i32.eq (i32.load (i32.const 2008)) (i32.const 2)) (then return))
      (if (i32.eq (i32.load (i32.const 2008)) (i32.const 3))
        (then (i32.store (i32.const 2000) (call $ask (local.get $own)))))
      (call $change (i32.const 0))
      (br $again)))
  (func (export "begin") (param i32 i32) (result i32) (call $make (local.get 0) (local.get 1) (i32.const 1)))
  (func (export "visit") (param i32) (result i32) (call $change (local.get 0)) (i32.load (i32.const 2000)))
  (func (export "end") (param i32) (call $drop (local.get 0)))
  (type $nothing (func))
  (table 2 funcref)
  (elem (i32.const 1) $work)
  (func $work (type $nothing))
  (func (export "wait")  ;; what it calls no compiler can see, so it looks each time
    (loop $again
      (call_indirect (type $nothing) (i32.load (i32.const 2012)))
      (br_if $again (i32.eqz (i32.load (i32.const 1024))))))
  (func (export "seven") (result i32) i32.const 7)
))";

constexpr std::uint64_t kSize = 65536, kBellAt = 1024;

class Stacks : public ::testing::Test {
 protected:
  void SetUp() override {
    module().renew();
    std::memset(module().memory() + 1000, 0, 2000);
    memory_word(2012) = 1;
  }
  std::uint32_t word(const std::string& name, const std::vector<std::uint64_t>& arguments) {
    EXPECT_EQ(module().call(name, arguments), module().operations().done) << name;
    return static_cast<std::uint32_t>(module().mail(0));
  }
  void expect_trap(const std::string& name, const std::vector<std::uint64_t>& arguments,
                   const char* reason) {
    EXPECT_EQ(module().call(name, arguments), engine::NativeCode::kTrapped) << name;
    EXPECT_STREQ(module().trap_reason(), reason);
  }
  std::uint32_t& memory_word(std::size_t address) {
    return *reinterpret_cast<std::uint32_t*>(module().memory() + address);
  }
  static NativeModule& module() {
    static NativeModule module(kStacks);
    return module;
  }
};

TEST_F(Stacks, TakeTurns) {
  EXPECT_EQ(word("begin", {kSize, kBellAt}), 1u);
  EXPECT_EQ(word("begin", {kSize, kBellAt}), 2u);
  EXPECT_EQ(word("visit", {1}), 1u);
  EXPECT_EQ(word("visit", {2}), 2u);
  EXPECT_EQ(word("visit", {1}), 3u);
  EXPECT_EQ(memory_word(2004), 2u);  // its second visit
  EXPECT_EQ(word("visit", {0}), 3u);
}

TEST_F(Stacks, AreUsedAgain) {
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(word("begin", {kSize, kBellAt}), 1u);
    word("visit", {1});
    EXPECT_EQ(memory_word(2004), 1u);  // it begins anew
    word("end", {1});
  }
  for (std::uint32_t i = 1; i <= 300; ++i) EXPECT_EQ(word("begin", {kSize, kBellAt}), i);
  for (std::uint32_t i = 1; i <= 300; ++i) EXPECT_EQ(word("visit", {i}), 100 + i);
}

TEST_F(Stacks, AskTheHostFromAnyOfThem) {
  word("begin", {kSize, kBellAt});
  memory_word(2008) = 3;
  ASSERT_EQ(module().call("visit", {1}), 0u);  // the import
  EXPECT_EQ(module().mail(0) & 0xffffffff, 1u);
  EXPECT_EQ(word("seven", {}), 7u);
  module().set_mail(0, 55);
  ASSERT_EQ(module().go_on(), module().operations().done);
  EXPECT_EQ(module().mail(0) & 0xffffffff, 55u);
}

TEST_F(Stacks, EndInATrapOfTheirOwn) {
  word("begin", {kSize, kBellAt});
  memory_word(2008) = 1;
  expect_trap("visit", {1}, "call stack exhausted");
  module().renew();
  word("begin", {kSize, kBellAt});
  memory_word(2008) = 2;
  expect_trap("visit", {1}, "wasm `unreachable` instruction executed");  // a thread never returns
}

TEST_F(Stacks, RingWhenATurnIsOver) {
  word("begin", {kSize, kBellAt});
  memory_word(kBellAt + offsetof(Bell, cell)) = 1100;
  memory_word(kBellAt + offsetof(Bell, bits)) = 5;
  memory_word(1100) = 2;
  ASSERT_EQ(module().call("wait", {}), module().operations().done);  // it comes to an end
  EXPECT_EQ(memory_word(1100), 7u);
  // A cell outside of memory is left alone.
  memory_word(kBellAt + offsetof(Bell, cell)) = 65536;
  memory_word(kBellAt) = 0;
  ASSERT_EQ(module().call("wait", {}), module().operations().done);
}

TEST_F(Stacks, RingAsOftenAsTheModuleSays) {
  const auto processor_time = [] {
    timespec now{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
  };
  const auto until_it_rings = [&] {
    memory_word(kBellAt) = 0;
    const double begin = processor_time();
    EXPECT_EQ(module().call("wait", {}), module().operations().done);
    return processor_time() - begin;
  };
  memory_word(kBellAt + offsetof(Bell, interval)) = 200'000;
  word("begin", {kSize, kBellAt});
  EXPECT_GT(until_it_rings(), 0.15);
  memory_word(kBellAt + offsetof(Bell, interval)) = 1'000'000;
  until_it_rings();  // this ring is still of the old interval, and the next of the new
  EXPECT_GT(until_it_rings(), 0.9);
}

TEST_F(Stacks, AreRefused) {
  EXPECT_EQ(word("begin", {kSize, 65536 - 8}), 0u);
  EXPECT_EQ(word("begin", {kSize, 1025}), 0u);
  EXPECT_EQ(word("begin", {0x7fffffff, kBellAt}), 0u);
  expect_trap("visit", {1}, "wasm `unreachable` instruction executed");
  module().renew();
  expect_trap("end", {0}, "wasm `unreachable` instruction executed");
  module().renew();
  expect_trap("end", {9}, "wasm `unreachable` instruction executed");
}

std::string refusal(const std::string& exports) {
  pylon::testing::ScratchDirectory scratch;
  auto module = module_of("(module (memory 1) " + exports + ")");
  auto files = translate(*module, scratch.path(), 1);
  return files ? "" : files.error().text();
}

TEST(StacksTranslation, RefusesOtherFunctionsOfTheseNames) {
  EXPECT_EQ(refusal("(func (export \"native/drop-stack\") (param i32))"), "");
  EXPECT_NE(refusal("(func (export \"native/drop-stack\") (param i64))").find("native/drop-stack"),
            std::string::npos);
  EXPECT_NE(refusal("(func (export \"native/thread\") (param i32))").find("native/thread"),
            std::string::npos);
  EXPECT_NE(refusal("(func (export \"native/other\"))").find("native/other"), std::string::npos);
  EXPECT_NE(
      refusal("(func (export \"native/drop-stack\") (export \"native/change-stack\") (param i32))")
          .find("under another name"),
      std::string::npos);
}

}  // namespace
}  // namespace pylon::native::testing
