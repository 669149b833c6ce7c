#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "base/file.hh"
#include "support/scratch_directory.hh"
#include "wasm/component.hh"

namespace pylon::wasm {
namespace {

using Names = std::vector<std::string>;

Result<ComponentInterfaces> interfaces_of(const std::string& text) {
  pylon::testing::ScratchDirectory scratch;
  scratch.file("c.wat", text);
  const std::string out = scratch.path("c.wasm");
  const std::string command =
      std::string(PYLON_WASM_TOOLS) + " parse " + scratch.path("c.wat") + " -o " + out;
  EXPECT_EQ(std::system(command.c_str()), 0) << text;
  PYLON_TRY(bytes, read_file(out));
  PYLON_TRY(component, Component::parse(std::move(bytes), "c.wasm"));
  return read_interfaces(component, "c.wasm");
}

TEST(ComponentInterfaces, AreItsOwnImportsAndExports) {
  const auto found = interfaces_of(R"((component
    (import "wasi:io/error@0.2.6" (instance $e (export "error" (type (sub resource)))))
    (import "f" (func $f (param "x" u32) (result (list u8))))
    (component (import "inner" (func)))
    (instance $i (export "f" (func $f)))
    (export "a:b/c@1.0.0" (instance $i))
    (export "g" (func $f))))");
  ASSERT_TRUE(found) << found.error().text();
  EXPECT_EQ(found->imports, (Names{"wasi:io/error@0.2.6", "f"}));
  EXPECT_EQ(found->exports, (Names{"a:b/c@1.0.0", "g"}));
}

TEST(ComponentInterfaces, NothingHasToProvideTypes) {
  const auto found = interfaces_of(R"((component
    (type $before (func (param "a" (tuple u8 string)) (result (result (option u8) (error string)))))
    (import "a:b/types" (instance $t
      (type $p (record (field "x" s64) (field "y" (list char))))
      (export "point" (type (eq $p)))
      (type $v (variant (case "one" u8) (case "none")))
      (export "kind" (type (eq $v)))
      (type $f (flags "r" "w"))
      (export "mode" (type (eq $f)))
      (type $n (enum "x" "y"))
      (export "colour" (type (eq $n)))))
    (alias export $t "point" (type $point))
    (import "point" (type $named (eq $point)))
    (import "a:b/empty" (instance))
    (import "a:b/functions" (instance (export "f" (func (param "p" string)))))
    (import "a:b/resources" (instance (export "r" (type (sub resource)))))))");
  ASSERT_TRUE(found) << found.error().text();
  EXPECT_EQ(found->imports, (Names{"point", "a:b/functions", "a:b/resources"}));
}

TEST(ComponentInterfaces, RefuseWhatIsMalformed) {
  const auto refusal = [](Bytes section) {
    Bytes bytes = {0, 'a', 's', 'm', 0x0d, 0, 1, 0};
    bytes.insert(bytes.end(), section.begin(), section.end());
    const auto found = read_interfaces(*Component::parse(bytes, "c"), "c");
    return found ? "accepted" : found.error().text();
  };
  EXPECT_EQ(refusal({10, 5, 1, 0, 1, 'f', 9}),
            "c: import section, byte 0x5: an import or export of unknown kind");
  EXPECT_EQ(refusal({7, 2, 1, 0x50}), "c: type section, byte 0x2: a type of unknown kind");
  EXPECT_NE(refusal({11, 4, 1, 0, 1, 'f'}), "accepted");
  EXPECT_NE(refusal({6, 2, 1, 3}), "accepted");
}

}  // namespace
}  // namespace pylon::wasm
