// Composition of small components: what comes out is valid and says what it should.
#include "link/compose.hh"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "base/file.hh"
#include "support/scratch_directory.hh"

namespace pylon::link {
namespace {

using Names = std::vector<std::string>;

bool is_host(std::string_view import) {
  return import.starts_with("wasi:");
}

// A component with these imports; `rest` finds the core function that lifted functions need.
std::string component(const std::string& imports, const std::string& rest = "") {
  return "(component " + imports + R"(
  (core module $m (func (export "f") (result i32) (i32.const 7))))" +
         rest + ")";
}

// Imports of host interfaces that depend on each other.
constexpr const char* kPoll = R"(
  (import "wasi:io/poll@0.2.0" (instance $poll
    (export "pollable" (type $p (sub resource)))
    (export "[method]pollable.block" (func (param "self" (borrow $p))))))
  (alias export $poll "pollable" (type $pollable)))";
constexpr const char* kStreams = R"(
  (import "wasi:io/streams@0.2.0" (instance $streams
    (export "input-stream" (type $in (sub resource)))
    (alias outer 1 $pollable (type $p))
    (export "pollable" (type $q (eq $p)))
    (export "[method]input-stream.subscribe" (func (param "self" (borrow $in)) (result (own $q)))))))";

// Exports interface `a:b/c@1.0.0` with `get: func() -> u32`.
constexpr const char* kGetter = R"(
  (core instance $i (instantiate $m))
  (func $get (result u32) (canon lift (core func $i "f")))
  (instance $c (export "get" (func $get)))
  (export "a:b/c@1.0.0" (instance $c)))";
constexpr const char* kGets =
    R"((import "a:b/c@1.0.0" (instance $c (export "get" (func (result u32))))))";

// Exports `run`.
std::string runner(const std::string& imports) {
  return component(imports, R"(
  (core instance $run (instantiate $m))
  (func $go (result u32) (canon lift (core func $run "f")))
  (export "run" (func $go)))");
}

class ComposeTest : public ::testing::Test {
 protected:
  void add(const std::string& id, const std::string& text) {
    scratch.file(id + ".wat", text);
    const std::string out = scratch.path(id + ".wasm");
    ASSERT_EQ(tool("parse " + scratch.path(id + ".wat") + " -o " + out), 0) << text;
    auto parsed = wasm::Component::parse(*read_file(out), id);
    ASSERT_TRUE(parsed) << parsed.error().text();
    graph.parts.push_back({id, std::move(*parsed)});
    if (graph.root.empty()) graph.root = id;
  }

  Result<Bytes> composed() {
    PYLON_TRY(wires, wire_by_name(graph, is_host));
    graph.wires = std::move(wires);
    return compose(graph);
  }

  // The composed component as text; valid.
  std::string text() {
    const auto bytes = composed();
    EXPECT_TRUE(bytes) << bytes.error().text();
    if (!bytes) return {};
    const std::string file = scratch.path("composed.wasm"), printed = scratch.path("composed.wat");
    EXPECT_TRUE(write_file_atomically(file, *bytes));
    EXPECT_EQ(tool("validate " + file), 0);
    EXPECT_EQ(tool("print --skeleton " + file + " -o " + printed), 0);
    const Bytes out = *read_file(printed);
    return {out.begin(), out.end()};
  }

  std::string failure() {
    const auto bytes = composed();
    EXPECT_FALSE(bytes);
    return bytes ? "" : bytes.error().text();
  }

  Names imports_of(const Bytes& bytes) {
    auto parsed = wasm::Component::parse(bytes, "composed");
    auto names = wasm::read_import_names(*parsed, "composed");
    std::ranges::sort(*names);
    return *names;
  }

  static int tool(const std::string& words) {
    return std::system(("'" PYLON_WASM_TOOLS "' " + words).c_str());
  }

  testing::ScratchDirectory scratch;
  Graph graph;
};

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t out = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
    ++out;
  return out;
}

TEST_F(ComposeTest, AProviderIsInsideAndItsInterfaceGone) {
  add("root", runner(kGets));
  add("getter", component("", kGetter));
  const std::string out = text();
  EXPECT_EQ(imports_of(*composed()), Names());
  EXPECT_NE(out.find("(export (;1;) \"run\""), std::string::npos) << out;
}

TEST_F(ComposeTest, PartsShareOneInstance) {
  add("root", runner(std::string(kGets) +
                     R"((import "a:b/twice" (instance (export "get" (func (result u32))))))"));
  add("getter", component("", kGetter));
  add("twice", component(kGets, R"(
    (core instance $i (instantiate $m))
    (func $get (result u32) (canon lift (core func $i "f")))
    (instance $t (export "get" (func $get)))
    (export "a:b/twice" (instance $t)))"));
  add("unused", component(""));
  EXPECT_EQ(graph.parts.size(), 4u);
  const std::string out = text();
  EXPECT_EQ(count(out, "\n  (component"), 3u) << out;
  EXPECT_EQ(count(out, "\n  (instance"), 3u) << out;
}

TEST_F(ComposeTest, ImportsAreTheUnionOfWhatThePartsUse) {
  const std::string stdin_text = R"(
    (alias export $streams "input-stream" (type $input-stream))
    (import "wasi:cli/stdin@0.2.0" (instance
      (alias outer 1 $input-stream (type $s))
      (export "input-stream" (type $t (eq $s)))
      (export "get-stdin" (func (result (own $t)))))))";
  add("root", runner(std::string(kGets) + kPoll + kStreams + stdin_text));
  // The same type by way of another interface, and another function.
  add("getter", component(std::string(kPoll) + kStreams + R"(
    (alias export $streams "pollable" (type $handed-on))
    (import "wasi:clocks/monotonic-clock@0.2.0" (instance
      (alias outer 1 $handed-on (type $p))
      (export "pollable" (type $q (eq $p)))
      (export "subscribe" (func (result (own $q)))))))",
                          kGetter));
  add("other", component(""));
  text();
  EXPECT_EQ(imports_of(*composed()),
            (Names{"wasi:cli/stdin@0.2.0", "wasi:clocks/monotonic-clock@0.2.0",
                   "wasi:io/poll@0.2.0", "wasi:io/streams@0.2.0"}));
}

TEST_F(ComposeTest, FunctionsOfOneInterfaceAddUp) {
  const auto using_clock = [](const std::string& function) {
    return R"((import "wasi:clocks/c@0.2.0" (instance
      (type $r (record (field "s" u64)))
      (export "time" (type $t (eq $r)))
      (export ")" +
           function + R"(" (func (result $t))))))";
  };
  add("root", runner(kGets + using_clock("now")));
  add("getter", component(using_clock("resolution"), kGetter));
  const std::string out = text();
  EXPECT_EQ(imports_of(*composed()), (Names{"wasi:clocks/c@0.2.0"}));
  const std::string before = out.substr(0, out.find("(component", 5));
  EXPECT_EQ(count(before, "\"now\""), 1u) << before;
  EXPECT_EQ(count(before, "\"resolution\""), 1u) << before;
  EXPECT_EQ(count(before, "(record"), 1u) << before;
}

TEST_F(ComposeTest, TheOrderOfThePartsDoesNotMatter) {
  add("root", runner(std::string(kGets) + kPoll));
  add("getter", component("", kGetter));
  add("unused", component(""));
  const auto one = composed();
  std::ranges::reverse(graph.parts);
  const auto other = composed();
  ASSERT_TRUE(one && other);
  EXPECT_EQ(*one, *other);
}

TEST_F(ComposeTest, AnUnmetImportNamesItsVersionsAndOwners) {
  add("root", runner(R"((import "a:b/c@2.0.0" (instance (export "get" (func (result u32))))))"));
  EXPECT_EQ(failure(), "root imports a:b/c@2.0.0, which no component provides");
  add("getter", component("", kGetter));
  EXPECT_EQ(failure(),
            "root imports a:b/c@2.0.0, which no component provides; there is a:b/c@1.0.0 (getter)");
}

TEST_F(ComposeTest, TwoProvidersAreOneTooMany) {
  add("root", runner(kGets));
  add("getter", component("", kGetter));
  add("another", component("", kGetter));
  EXPECT_EQ(
      failure(),
      "root imports a:b/c@1.0.0, which more than one component provides: a:b/c@1.0.0 (getter), "
      "a:b/c@1.0.0 (another)");
}

TEST_F(ComposeTest, ComponentsThatNeedEachOtherAreRefused) {
  add("root", runner(kGets));
  add("getter",
      component(R"((import "a:b/back" (instance (export "get" (func (result u32))))))", kGetter));
  add("back", component(kGets, R"(
    (core instance $i (instantiate $m))
    (func $get (result u32) (canon lift (core func $i "f")))
    (instance $t (export "get" (func $get)))
    (export "a:b/back" (instance $t)))"));
  EXPECT_EQ(failure(), "components need each other: getter needs back needs getter");
}

TEST_F(ComposeTest, PartsMustAgreeOnTypes) {
  add("root", runner(std::string(kGets) +
                     R"((import "wasi:x/y@1.0.0" (instance (export "f" (func (result u32))))))"));
  add("getter",
      component(R"((import "wasi:x/y@1.0.0" (instance (export "f" (func (result s32))))))",
                kGetter));
  EXPECT_EQ(failure(), "the components do not agree on what 'f' of wasi:x/y@1.0.0 is");
}

TEST_F(ComposeTest, ImportsMayComeAfterCode) {
  const std::string late = std::string(kPoll) + kStreams;
  add("root", component(kGets, R"(
  (core instance $run (instantiate $m))
  (func $go (result u32) (canon lift (core func $run "f")))
  (export "run" (func $go)))" + late));
  add("getter", component("", kGetter));
  const std::string out = text();
  EXPECT_EQ(count(out, "(import \"wasi:io/poll@0.2.0\""), 2u) << out;
  EXPECT_EQ(count(out, "(import \"wasi:io/streams@0.2.0\""), 2u) << out;
}

TEST_F(ComposeTest, OnlyInterfacesCanBeImported) {
  add("root", runner(R"((import "wasi:f" (func)))"));
  EXPECT_EQ(failure(), "root imports 'wasi:f', which is not an interface");
}

TEST_F(ComposeTest, ThePartsMustBeThere) {
  add("root", runner(kGets));
  graph.wires = {{"root", "a:b/c@1.0.0", "nobody", "a:b/c@1.0.0"}};
  const auto bytes = compose(graph);
  ASSERT_FALSE(bytes);
  EXPECT_EQ(bytes.error().text(), "there is no component 'nobody'");
}

TEST_F(ComposeTest, WiresLeadToWhatIsExported) {
  add("root", runner(kGets));
  add("getter", component("", kGetter));
  graph.wires = {{"root", "a:b/c@1.0.0", "getter", "a:b/d@1.0.0"}};
  const auto bytes = compose(graph);
  ASSERT_FALSE(bytes);
  EXPECT_EQ(bytes.error().text(),
            "getter exports no interface a:b/d@1.0.0, which root takes from it");
}

}  // namespace
}  // namespace pylon::link
