#include "native_module.hh"

namespace pylon::native::testing {
namespace {

constexpr std::uint32_t kTrapped = engine::NativeCode::kTrapped;

const char* kControl = R"((module
  (import "host" "twice" (func $twice (param i32 i64 f64) (result i64)))
  (memory (export "memory") 1)
  (global $g (mut i32) (i32.const 7))
  (global $c i64 (i64.const -3))
  (type $unary (func (param i32) (result i32)))
  (table 4 funcref)
  (elem (i32.const 1) $next $half)
  (func $next (type $unary) local.get 0 i32.const 1 i32.add)
  (func $half (param f64) (result f64) local.get 0 f64.const 0.5 f64.mul)
  (func (export "indirect") (param i32 i32) (result i32) local.get 1 local.get 0 call_indirect (type $unary))
  (func (export "sum") (param i32) (result i32) (local i32)
    (loop $again (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1))) (local.set 1 (i32.add (local.get 1) (local.get 0)))))
    local.get 1)
  (func (export "pick") (param i32) (result i32)
    (block $a (block $b (block $c (br_table $a $b $c $a (local.get 0))) (return (i32.const 30))) (return (i32.const 20)))
    i32.const 10)
  (func (export "far") (param i32) (result i32)
    (block $d (block $0 (block $1 (block $2 (block $3
      (br_table $0 $1 $2 $3 $0 $1 $2 $3 $0 $1 $2 $3 $0 $1 $2 $3 $0 $1 $2 $3 $d (local.get 0)))
      (return (i32.const 103))) (return (i32.const 102))) (return (i32.const 101))) (return (i32.const 100)))
    i32.const 199)
  (func (export "value") (param i32) (result i64)
    (block $out (result i64) (i64.const 5) (br_if $out (local.get 0)) drop (i64.const 6) br $out unreachable)
    (i64.add (global.get $c)))
  (func (export "either") (param i32) (result i32) (if (result i32) (local.get 0) (then (i32.const 1)) (else (i32.const 2))))
  (func (export "maybe") (param i32) (result i32) (if (local.get 0) (then (global.set $g (i32.const 9)))) global.get $g)
  (func (export "choose") (param i32) (result f64) f64.const 1.5 f64.const 2.5 local.get 0 select)
  (func (export "import") (param i32) (result i64) local.get 0 i64.const 8 f64.const 0.25 call $twice)
  (func (export "grow") (param i32) (result i32) local.get 0 memory.grow memory.size i32.mul)
  (func (export "load") (param i32) (result i32) local.get 0 i32.load8_s offset=1)
  (func (export "load_far") (param i32) (result i32) local.get 0 i32.load offset=4294967295)
  (func (export "store") (param i32 i64) local.get 0 local.get 1 i64.store32 align=1)
  (func (export "copy") (param i32 i32 i32) local.get 0 local.get 1 local.get 2 memory.copy)
  (func (export "fill") (param i32 i32 i32) local.get 0 local.get 1 local.get 2 memory.fill)
  (func $deep (export "deep") (param i64) (result i64)
    (i64.store (i32.const 3000) (local.get 0))
    (i64.store (i32.const 3008) (call $deep (i64.add (local.get 0) (i64.const 1))))
    (i64.load (i32.const 3000)))
  (func (export "nothing") unreachable)
))";

class Native : public ::testing::Test {
 protected:
  // The result of a call that needs nothing of the host.
  std::uint64_t result(const std::string& name, const std::vector<std::uint64_t>& arguments) {
    EXPECT_EQ(module().call(name, arguments), module().operations().done) << name;
    return module().mail(0);
  }
  std::uint32_t word(const std::string& name, const std::vector<std::uint64_t>& arguments) {
    return static_cast<std::uint32_t>(result(name, arguments));
  }
  void expect_trap(const std::string& name, const std::vector<std::uint64_t>& arguments,
                   const char* reason) {
    EXPECT_EQ(module().call(name, arguments), kTrapped) << name;
    EXPECT_STREQ(module().trap_reason(), reason);
    module().renew();
  }
  static NativeModule& module() {
    static NativeModule module(kControl);
    return module;
  }
};

TEST_F(Native, Branches) {
  EXPECT_EQ(word("sum", {10}), 45u);
  EXPECT_EQ(word("pick", {0}), 10u);
  EXPECT_EQ(word("pick", {1}), 20u);
  EXPECT_EQ(word("pick", {2}), 30u);
  EXPECT_EQ(word("pick", {0xffffffff}), 10u);
  for (std::uint32_t i = 0; i < 20; ++i) EXPECT_EQ(word("far", {i}), 100 + i % 4);
  EXPECT_EQ(word("far", {20}), 199u);
  EXPECT_EQ(word("far", {0x80000000}), 199u);
  EXPECT_EQ(result("value", {1}), 2u);
  EXPECT_EQ(result("value", {0}), 3u);
  EXPECT_EQ(word("either", {5}), 1u);
  EXPECT_EQ(word("either", {0}), 2u);
  EXPECT_EQ(result("choose", {0}), __builtin_bit_cast(std::uint64_t, 2.5));
}

TEST_F(Native, KeepsGlobals) {
  module().renew();
  EXPECT_EQ(word("maybe", {0}), 7u);
  EXPECT_EQ(word("maybe", {1}), 9u);
  EXPECT_EQ(word("maybe", {0}), 9u);
  module().renew();
  EXPECT_EQ(word("maybe", {0}), 7u);
}

TEST_F(Native, CallsThroughTheTable) {
  EXPECT_EQ(word("indirect", {1, 41}), 42u);
  expect_trap("indirect", {2, 1}, "indirect call type mismatch");
  expect_trap("indirect", {0, 1}, "indirect call type mismatch");
  expect_trap("indirect", {4, 1}, "undefined element: out of bounds table access");
}

TEST_F(Native, StaysInItsMemory) {
  std::memset(module().memory() + 1000, 0x81, 8);
  EXPECT_EQ(word("load", {1000}), 0xffffff81u);
  result("store", {1001, 0x1122334455667788});
  EXPECT_EQ(word("load", {1000}), 0xffffff88u);
  EXPECT_EQ(module().memory()[1005], 0x81);
  const char* outside = "out of bounds memory access";
  expect_trap("load", {65535}, outside);
  expect_trap("load", {0xffffffff}, outside);
  expect_trap("load_far", {1}, outside);
  expect_trap("load_far", {0}, outside);
  expect_trap("store", {65533, 1}, outside);
}

TEST_F(Native, MovesAndFillsRanges) {
  result("fill", {2000, 0x1ff, 10});
  EXPECT_EQ(module().memory()[2009], 0xff);
  EXPECT_EQ(module().memory()[2010], 0);
  module().memory()[2000] = 1;
  result("copy", {2001, 2000, 9});
  EXPECT_EQ(module().memory()[2001], 1);
  result("fill", {65536, 0, 0});
  const char* outside = "out of bounds memory access";
  expect_trap("fill", {65530, 0, 100}, outside);
  expect_trap("fill", {0xfffffff0, 0, 0x20}, outside);
  expect_trap("copy", {0, 0xfffffff0, 0xfffffff0}, outside);
}

TEST_F(Native, AsksTheHost) {
  ASSERT_EQ(module().call("import", {5}), 0u);
  EXPECT_EQ(module().mail(0) & 0xffffffff, 5u);
  EXPECT_EQ(module().mail(1), 8u);
  EXPECT_EQ(module().mail(2), __builtin_bit_cast(std::uint64_t, 0.25));
  // While it waits, other exports can be called, also ones that ask.
  EXPECT_EQ(word("sum", {4}), 6u);
  ASSERT_EQ(module().call("grow", {2}), module().operations().grow);
  EXPECT_EQ(module().mail(0) & 0xffffffff, 2u);
  module().set_mail(0, 10);
  ASSERT_EQ(module().go_on(), module().operations().size);
  module().set_mail(0, 12);
  ASSERT_EQ(module().go_on(), module().operations().done);
  EXPECT_EQ(module().mail(0) & 0xffffffff, 120u);
  module().set_mail(0, 99);
  ASSERT_EQ(module().go_on(), module().operations().done);
  EXPECT_EQ(module().mail(0), 99u);
}

TEST_F(Native, EndsEndlessRecursion) {
  expect_trap("deep", {0}, "call stack exhausted");
  expect_trap("nothing", {}, "wasm `unreachable` instruction executed");
  EXPECT_EQ(word("sum", {4}), 6u);
}

TEST_F(Native, RefusesOtherFiles) {
  pylon::testing::ScratchDirectory scratch;
  auto kind = [](const std::string& file) {
    auto opened = engine::NativeCode::open(file);
    return opened ? "opened" : std::string(error_kind_name(opened.error().kind()));
  };
  EXPECT_EQ(kind(scratch.path("missing")), "io");
  EXPECT_EQ(kind(scratch.file("text", "not an object file")), "corrupt");
  EXPECT_EQ(kind("/proc/self/exe"), "corrupt");
  Bytes whole = read_file(module().file()).value();
  for (std::size_t size : {std::size_t{63}, std::size_t{100}, whole.size() / 2})
    EXPECT_EQ(
        kind(scratch.file(
            "cut", std::string(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)))),
        "corrupt")
        << size;
}

std::string refusal(const std::string& text) {
  pylon::testing::ScratchDirectory scratch;
  auto module = module_of(text);
  auto files = translate(*module, scratch.path(), 1);
  return files ? "" : files.error().text();
}

TEST(NativeTranslation, SaysWhatHasNoNativeForm) {
  EXPECT_NE(refusal("(module (memory 1) (func (result i32 i32) i32.const 1 i32.const 2))")
                .find("(i32, i32)"),
            std::string::npos);
  EXPECT_NE(refusal("(module (memory 1) (func (local v128)))").find("a local of a type"),
            std::string::npos);
  EXPECT_NE(refusal("(module (memory 1) (func i32.const 0 i32.const 0 i32.atomic.rmw.add drop))")
                .find("has no native form"),
            std::string::npos);
  EXPECT_NE(refusal("(module (func))").find("one memory"), std::string::npos);
  EXPECT_NE(refusal("(module (import \"m\" \"memory\" (memory 1)))").find("imports a memory"),
            std::string::npos);
}

TEST(NativeTranslation, GivesTheSameBytes) {
  pylon::testing::ScratchDirectory first, second;
  auto module = module_of(kControl);
  auto files = translate(*module, first.path(), 3);
  ASSERT_TRUE(files && translate(*module, second.path(), 3));
  ASSERT_EQ(files->size(), 5u);
  for (const std::string& file : *files)
    EXPECT_EQ(read_file(first.path(file)).value(), read_file(second.path(file)).value());
}

TEST(NativeGate, KeepsMemoryImportsAndExports) {
  auto module = module_of(R"((module
    (import "host" "f" (func (param i32 i64) (result f64)))
    (memory (export "memory") 2 9)
    (global (mut i32) (i32.const 16777216))
    (data (i32.const 70000) "data")
    (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) global.get 0)
    (func (export "run") (param f64) (result i64) i64.const 1)))");
  auto gate = make_gate(*module);
  ASSERT_TRUE(gate) << gate.error().text();
  auto inner = wasm::Module::parse(gate->inner, "inner"),
       outer = wasm::Module::parse(gate->outer, "outer");
  ASSERT_TRUE(inner && outer);
  EXPECT_TRUE(inner->find_export("cabi_realloc") && inner->find_export("memory"));
  EXPECT_FALSE(inner->find_export("run"));
  EXPECT_LT(inner->globals[0].initial.instructions[0].value, 1 << 20);
  EXPECT_EQ(inner->data.size(), 1u);
  ASSERT_EQ(outer->imports.size(), 3u);
  EXPECT_EQ(outer->imports[0].field, "f");
  EXPECT_EQ(outer->imports[1].module, kInterface);
  ASSERT_TRUE(outer->find_export("run"));
  EXPECT_EQ(outer->function_type(outer->find_export("run")->index),
            module->function_type(module->find_export("run")->index));
}

}  // namespace
}  // namespace pylon::native::testing
