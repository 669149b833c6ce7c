// Data, relocations, and what the linker refuses to run for a library.
#include "fusing.hh"
#include "wasm/memory_image.hh"

namespace pylon::fuse {
namespace {

constexpr std::uint32_t kFirstData = 65536 + 16;

TEST_F(Fusing, RelocationsAreAppliedAtBuildTime) {
  library("main.so", "(mem-info (memory 16 2) (table 1 0))", R"(
    (import "GOT.func" "target" (global $target (mut i32)))
    (import "GOT.mem" "text" (global $text (mut i32)))
    (global $offset i32 (i32.add (global.get $memory) (i32.const 4)))
    (data (global.get $memory) "\00\00\00\00\03\00\00\00\00\00\00\00")
    (func (export "__wasm_apply_data_relocs")
      (i32.store (global.get $memory) (i32.add (global.get $text) (i32.const 2)))
      (i32.store offset=4 (global.get $memory) (i32.add (i32.load (global.get $offset)) (global.get $table)))
      (i32.store (i32.add (global.get $memory) (i32.const 8)) (global.get $target)))
    (func (export "keep")))");
  library("liba.so", "(mem-info (memory 8 0))", R"(
    (global (export "text") i32 (i32.const 1))
    (func (export "target")))");
  options.exports = {"keep"};
  FuseReport report = fused();
  EXPECT_EQ(report.relocations, 3u);
  auto image = wasm::initial_image(module());
  ASSERT_TRUE(image) << image.error().text();
  auto word = [&](std::size_t at) {
    const auto& b = image->bytes;
    return b[at] | b[at + 1] << 8 | b[at + 2] << 16 | b[at + 3] << 24;
  };
  EXPECT_EQ(image->start, 65536u);
  EXPECT_EQ(word(16), static_cast<int>(kFirstData + 16 + 1 + 2))
      << "text lies behind main's 16 bytes";
  EXPECT_EQ(word(20), 3 + 1) << "an addend that was in memory, and main's first table slot";
  EXPECT_EQ(word(24), 2) << "the slot of target";
}

TEST_F(Fusing, ClearingZeroDataAtStartIsDoneAtBuildTime) {
  library("main.so", "(mem-info (memory 64 2))", R"(
    (data (global.get $memory) "abcd")
    (func $init (memory.fill (i32.add (i32.const 2) (global.get $memory)) (i32.const 0) (i32.const 60)))
    (start $init)
    (func (export "first") (result i32) (i32.load (global.get $memory))))");
  options.exports = {"first"};
  fused();
  EXPECT_FALSE(module().start);
  EXPECT_EQ(run()["first"], std::to_string('a' + 256 * 'b'));
}

TEST_F(Fusing, RelocationsOutsideDataAreRefused) {
  library("main.so", "(mem-info (memory 64 2))", R"(
    (data (global.get $memory) "abcd")
    (func (export "__wasm_apply_data_relocs") (i32.store offset=2 (global.get $memory) (i32.const 1))))");
  Error error = failure();
  EXPECT_EQ(error.kind(), ErrorKind::kCorrupt);
  EXPECT_NE(error.text().find("main.so: function __wasm_apply_data_relocs, byte 0x"),
            std::string::npos)
      << error.text();
  EXPECT_NE(error.text().find("writes address " + std::to_string(kFirstData + 2) +
                              ", outside every data segment"),
            std::string::npos);
}

// The error of a library whose relocation function has this body.
class Relocating : public Fusing,
                   public ::testing::WithParamInterface<std::pair<const char*, const char*>> {};

TEST_P(Relocating, RefusesWhatItCannotRun) {
  library(
      "main.so", "(mem-info (memory 8 2))",
      std::string(
          R"((import "env" "f" (func $f)) (data (global.get $memory) "12345678") (func (export "f")) )") +
          "(func (export \"__wasm_apply_data_relocs\") " + GetParam().first + ")");
  EXPECT_NE(failure().text().find(GetParam().second), std::string::npos) << failure().text();
}

INSTANTIATE_TEST_SUITE_P(
    Bodies, Relocating,
    ::testing::Values(std::pair{"(call $f)", "a call at link time"},
                      std::pair{"(nop)", "instruction 1 at link time"},
                      std::pair{"(local i32) (i32.store (global.get $memory) (i32.const 0))",
                                "it has local variables"},
                      std::pair{"(i32.store (global.get $sp) (i32.const 0))",
                                "global 0 is not a constant"},
                      std::pair{"(i32.store (global.get $memory) (i32.load (i32.const 0)))",
                                "reads outside the library's memory"},
                      std::pair{"(memory.fill (global.get $memory) (i32.const 1) (i32.const 4))",
                                "does not clear the library's own memory"},
                      std::pair{"(memory.fill (i32.const 0) (i32.const 0) (i32.const 4))",
                                "does not clear the library's own memory"}));

TEST_F(Fusing, DataMustLieInTheLibrarysOwnMemory) {
  library("main.so", "(mem-info (memory 2 0))", R"((data (global.get $memory) "too long"))");
  EXPECT_NE(failure().text().find("main.so: data section, byte 0x"), std::string::npos);
}

TEST_F(Fusing, TableEntriesMustLieInTheLibrarysOwnSlots) {
  library("main.so", "(mem-info (table 1 0))",
          R"((func $f) (elem (global.get $table) func $f $f))");
  EXPECT_NE(failure().text().find("outside the table slots"), std::string::npos);
}

TEST_F(Fusing, DataThatDoNotFitAreRefused) {
  library("main.so", "(mem-info (memory 300000 2))", "");
  EXPECT_NE(failure().text().find("more than the 4 pages of initial memory"), std::string::npos);
}

TEST_F(Fusing, UnsupportedLibrariesAreRefused) {
  library("main.so", "(mem-info (memory 0 0))", "(global (mut i32) (i32.const 0))");
  EXPECT_NE(failure().text().find("defines a mutable global"), std::string::npos);
  options.libraries.clear();
  library("main.so", "(mem-info (memory 0 0))", R"((data "passive"))");
  EXPECT_EQ(failure().text(), "main.so has data segments that are not plain");
  options.libraries.clear();
  library("main.so", R"((mem-info (memory 0 0)) (export-info "tls" tls))",
          R"((global (export "tls") i32 (i32.const 0)))");
  EXPECT_EQ(failure().text(), "main.so exports thread-local data (tls)");
}

TEST_F(Fusing, CorruptLibrariesAreRefused) {
  library("main.so", "(mem-info (memory 0 0))", R"((func (export "f")))");
  auto bytes = read_file(scratch.path("main.so"));
  ASSERT_TRUE(bytes);
  for (std::size_t size : {std::size_t{0}, std::size_t{7}, bytes->size() / 2, bytes->size() - 1}) {
    ASSERT_TRUE(write_file_atomically(scratch.path("main.so"), {bytes->data(), size}));
    EXPECT_EQ(failure().kind(), ErrorKind::kCorrupt) << size;
  }
  options.libraries = {scratch.path("absent.so")};
  EXPECT_NE(failure().text().find("absent.so"), std::string::npos);
  options.libraries = {};
  EXPECT_EQ(failure().text(), "no library to fuse was given");
}

}  // namespace
}  // namespace pylon::fuse
