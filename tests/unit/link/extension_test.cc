// Extensions appended to small components: what comes out is valid and says what it should.
#include "link/extension.hh"

#include <gtest/gtest.h>

#include <cstdlib>

#include "base/file.hh"
#include "support/scratch_directory.hh"

namespace pylon::link {
namespace {

// What python.wasm is made of, as far as extensions can see.
constexpr const char* kModule = R"(
    (memory (export "memory") MEMORY)
    (table 5 5 funcref)
    (global (mut i32) (i32.const 4096))
    (global i32 (i32.const 1))
    (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 0))
    (func (export "extension/add") (param i32))
    (func (export "extension/malloc") (param i32) (result i32) (i32.const 0))
    (func (export "run") (result i32) (i32.const 0)))";

std::string base(std::string module = kModule, const std::string& memory = "2",
                 const std::string& more = "") {
  if (const auto at = module.find("MEMORY"); at != std::string::npos) module.replace(at, 6, memory);
  return R"((component
  (import "wasi:io/poll@0.2.0" (instance $poll
    (export "pollable" (type $p (sub resource)))
    (export "[method]pollable.block" (func (param "self" (borrow $p))))))
  (alias export $poll "pollable" (type $pollable))
  (core module $shim (func (export "nothing")))
  (core module $main )" +
         module + R"()
  (core func $drop (canon resource.drop $pollable))
  (core instance $drops (export "drop" (func $drop)))
  (core instance $s (instantiate $shim))
  (core instance $i (instantiate $main))
  (func $run (result u32) (canon lift (core func $i "run")))
  (instance $r (export "run" (func $run)))
  (export "a:b/runner@1.0.0" (instance $r)))" +
         more + ")";
}

// An extension over one interface. `more` are imports of its core module.
std::string extension(const std::string& interface = "c:d/shapes@1.0.0",
                      const std::string& more = "",
                      const std::string& info = "(mem-info (memory 100 4) (table 2 0))") {
  return "(component (import \"" + interface + R"(" (instance
    (export "shape" (type $s (sub resource)))
    (export "[constructor]shape" (func (param "name" string) (result (own $s))))
    (export "areas" (func (param "of" (list (borrow $s))) (result (list f64))))))
  (core module
    (@dylink.0 )" +
         info + R"()
    (import "env" "memory" (memory 1))
    (import "env" "__indirect_function_table" (table 2 funcref))
    (import "env" "__stack_pointer" (global (mut i32)))
    (import "env" "__memory_base" (global i32))
    (import "env" "__table_base" (global i32))
    (import "pylon:extension" "add" (func $add (param i32)))
    (import ")" +
         interface + R"(" "[constructor]shape" (func (param i32 i32) (result i32)))
    (import ")" +
         interface + R"(" "areas" (func (param i32 i32 i32)))
    (import ")" +
         interface + R"(" "[resource-drop]shape" (func (param i32))))" + more + R"(
    (func (export "__wasm_call_ctors") global.get 1 call $add)
    (func (export "__wasm_apply_data_relocs"))
    (data (global.get 1) "words"))))";
}

class ExtensionTest : public ::testing::Test {
 protected:
  wasm::Component component(const std::string& text) {
    const std::string stem = scratch.path("c" + std::to_string(++count_));
    scratch.file("c" + std::to_string(count_) + ".wat", text);
    EXPECT_EQ(tool("parse '" + stem + ".wat' -o '" + stem + ".wasm'"), 0) << text;
    auto parsed = wasm::Component::parse(*read_file(stem + ".wasm"), stem);
    EXPECT_TRUE(parsed) << parsed.error().text();
    return *parsed;
  }

  Result<Bytes> append(const std::string& to, const std::vector<std::string>& texts) {
    std::vector<ExtensionModule> extensions;
    for (const std::string& text : texts)
      extensions.push_back({"extension " + std::to_string(extensions.size()), component(text)});
    return append_extensions(component(to), extensions);
  }

  // The result as text; valid.
  std::string text(const std::string& to, const std::vector<std::string>& texts) {
    const auto bytes = append(to, texts);
    EXPECT_TRUE(bytes) << bytes.error().text();
    if (!bytes) return {};
    const std::string file = scratch.path("out.wasm"), printed = scratch.path("out.wat");
    EXPECT_TRUE(write_file_atomically(file, *bytes));
    EXPECT_EQ(tool("validate '" + file + "'"), 0);
    EXPECT_EQ(tool("print '" + file + "' -o '" + printed + "'"), 0);
    const Bytes out = *read_file(printed);
    return {out.begin(), out.end()};
  }

  std::string failure(const std::string& to, const std::vector<std::string>& texts) {
    const auto bytes = append(to, texts);
    EXPECT_FALSE(bytes);
    return bytes ? "" : bytes.error().text();
  }

  static int tool(const std::string& words) {
    return std::system(("'" PYLON_WASM_TOOLS "' " + words).c_str());
  }

  testing::ScratchDirectory scratch;
  int count_ = 0;
};

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST_F(ExtensionTest, LiesBehindMemoryAndTable) {
  const std::string out = text(base(), {extension()});
  EXPECT_TRUE(has(out, "(memory (;0;) 3)")) << out;
  EXPECT_TRUE(has(out, "(table (;0;) 7 7 funcref)")) << out;
  EXPECT_TRUE(has(out, "i32.const 131072")) << out;
  EXPECT_TRUE(has(out, "(global (;1;) i32 i32.const 5)")) << out;
  EXPECT_TRUE(has(out, "(export \"extension/stack-pointer\" (global 0))")) << out;
  EXPECT_TRUE(has(out, "(import \"c:d/shapes@1.0.0\"")) << out;
}

TEST_F(ExtensionTest, ComeOneBehindTheOther) {
  const std::string out = text(base(), {extension(), extension("c:d/other@1.0.0")});
  EXPECT_TRUE(has(out, "(table (;0;) 9 9 funcref)")) << out;
  EXPECT_TRUE(has(out, "i32.const 131184")) << out;
  EXPECT_TRUE(has(out, "(global (;1;) i32 i32.const 7)")) << out;
}

TEST_F(ExtensionTest, AreTheSameBytesEachTime) {
  EXPECT_EQ(*append(base(), {extension()}), *append(base(), {extension()}));
}

TEST_F(ExtensionTest, NoneLeaveTheBaseWithLargerExportsOnly) {
  const std::string out = text(base(), {});
  EXPECT_TRUE(has(out, "(memory (;0;) 2)")) << out;
  EXPECT_TRUE(has(out, "(table (;0;) 5 5 funcref)")) << out;
}

TEST_F(ExtensionTest, RaiseAMaximumOnlyWhereTheyMust) {
  EXPECT_TRUE(has(text(base(kModule, "2 2"), {extension()}), "(memory (;0;) 3 3)"));
  EXPECT_TRUE(has(text(base(kModule, "2 90"), {extension()}), "(memory (;0;) 3 90)"));
}

TEST_F(ExtensionTest, AreRefusedWithWhatTheyLack) {
  EXPECT_TRUE(has(failure(base(), {extension("c:d/e@1.0.0", R"((import "env" "qsort" (func)))")}),
                  "extension 0 imports env qsort, which no extension is given"));
  EXPECT_TRUE(has(
      failure(base(), {extension("c:d/e@1.0.0", R"((import "pylon:extension" "free" (func)))")}),
      "imports pylon:extension free, which no extension is given"));
  EXPECT_TRUE(has(failure(base(), {extension("c:d/e@1.0.0", R"((import "e:f/g" "h" (func)))")}),
                  "imports e:f/g h, which no extension is given"));
  EXPECT_TRUE(has(failure(base(), {extension("c:d/e@1.0.0", "", R"((needed "libc.so"))")}),
                  "needs the library libc.so"));
  EXPECT_TRUE(has(failure(base(), {extension("wasi:io/poll@0.2.0")}),
                  "imports wasi:io/poll@0.2.0, which the base imports for itself"));
  EXPECT_TRUE(has(failure(base(), {"(component)"}), "extension 0 has no core module"));
  EXPECT_TRUE(has(failure(base(), {"(component (core module) (core module))"}),
                  "more than one core module"));
  EXPECT_TRUE(has(failure(base(), {"(component (core module))"}), "has no dylink.0 section"));
}

TEST_F(ExtensionTest, NeedABaseOfTheRightForm) {
  EXPECT_TRUE(has(failure("(component (core module))", {extension()}),
                  "no core module exports functions named extension/"));
  EXPECT_TRUE(has(failure(base(kModule, "2", "(core instance (instantiate $main))"), {extension()}),
                  "it has not exactly one instance"));
  std::string two(kModule);
  two.insert(two.find("(global i32"), "(global (mut i32) (i32.const 0))");
  EXPECT_TRUE(has(failure(base(two), {extension()}), "it has not exactly one mutable global"));
  EXPECT_TRUE(has(failure(base(kModule, "65535"),
                          {extension("c:d/e@1.0.0", "", "(mem-info (memory 90000 4))")}),
                  "the extensions do not fit into the memory"));
}

TEST_F(ExtensionTest, ComeAllAtOnce) {
  const auto once = append(base(), {extension()});
  const auto extended = wasm::Component::parse(*once, "extended");
  const std::vector<ExtensionModule> more = {{"late", component(extension("c:d/late@1.0.0"))}};
  const auto twice = append_extensions(*extended, more);
  ASSERT_FALSE(twice);
  EXPECT_TRUE(has(twice.error().text(), "has extensions already")) << twice.error().text();
}

}  // namespace
}  // namespace pylon::link
