#include "wasm/module.hh"

#include <gtest/gtest.h>

#include <set>

#include "sample_module.hh"

namespace pylon::wasm {
namespace {

std::string error_of(Bytes bytes) {
  auto module = Module::parse(std::move(bytes), "a.wasm");
  return module ? "" : module.error().text();
}

// A module of one section.
std::string error_of_section(SectionId id, const Bytes& body) {
  return error_of(Writer().module_header().section(static_cast<std::uint8_t>(id), body).take());
}

TEST(Module, IsTakenApart) {
  auto module = Module::parse(sample_module(), "a.wasm");
  ASSERT_TRUE(module) << module.error().text();
  EXPECT_EQ(module->sections.size(), 14u);
  ASSERT_EQ(module->types.size(), 2u);
  EXPECT_EQ(describe(module->types[1]), "(i32, i64) -> (i32)");
  ASSERT_EQ(module->imports.size(), 3u);
  EXPECT_EQ(module->imports[2].field, "__memory_base");
  EXPECT_EQ(module->imported(ExternKind::kFunction), 1u);
  EXPECT_EQ(module->total(ExternKind::kFunction), 3u);
  EXPECT_EQ(module->function_type_index(0), 1u);
  EXPECT_EQ(module->function_type_index(2), 1u);
  EXPECT_EQ(module->tables[0].limits.maximum, 3u);
  EXPECT_EQ(module->tags.size(), 1u);
  ASSERT_EQ(module->globals.size(), 1u);
  ASSERT_EQ(module->globals[0].initial.instructions.size(), 3u);
  EXPECT_EQ(module->globals[0].initial.instructions[0].value, -5);
  ASSERT_NE(module->find_export("where"), nullptr);
  EXPECT_EQ(module->find_export("where")->index, 1u);
  EXPECT_EQ(module->find_export("nowhere"), nullptr);
  EXPECT_EQ(module->start, 1u);
  EXPECT_EQ(module->elements[0].functions, (std::vector<std::uint32_t>{0, 2}));
  EXPECT_EQ(module->elements[1].expressions.size(), 2u);
  EXPECT_EQ(module->code.size(), 2u);
  EXPECT_EQ(module->data[0].data.size(), 4u);
  EXPECT_EQ(module->data[1].flags, 1u);
  EXPECT_NE(module->custom_section("name"), nullptr);
}

TEST(Module, ViewsStayValidWhenItMoves) {
  auto module = Module::parse(sample_module(), "a.wasm");
  ASSERT_TRUE(module);
  Module moved = std::move(*module);
  Module copy = moved;
  moved = Module();
  EXPECT_EQ(std::string(copy.data[0].data.begin(), copy.data[0].data.end()), "data");
}

// Offsets at which a section ends, so that what comes before is a module.
std::set<std::size_t> section_ends(const Bytes& bytes) {
  auto module = Module::parse(bytes, "a.wasm");
  std::set<std::size_t> ends = {kModuleHeader.size()};
  for (const Section& section : module->sections) ends.insert(section.offset + section.body.size());
  return ends;
}

TEST(Module, EveryTruncationIsAnErrorWithItsOffset) {
  const Bytes whole = sample_module();
  const std::set<std::size_t> ends = section_ends(whole);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    if (ends.contains(size)) continue;
    auto module = Module::parse(
        Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)), "a.wasm");
    ASSERT_FALSE(module) << "cut at " << size;
    EXPECT_EQ(module.error().kind(), ErrorKind::kCorrupt);
    EXPECT_NE(module.error().text().find(", byte 0x"), std::string::npos) << module.error().text();
  }
}

TEST(Module, NoChangedByteBreaksTheReader) {
  const Bytes whole = sample_module();
  std::size_t refused = 0;
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (int value = 0; value < 256; ++value) {
      Bytes changed = whole;
      changed[at] = static_cast<std::uint8_t>(value);
      auto module = Module::parse(std::move(changed), "a.wasm");
      if (!module) {
        ++refused;
        EXPECT_EQ(module.error().kind(), ErrorKind::kCorrupt);
      }
    }
  }
  EXPECT_GT(refused, whole.size() * 100) << "most changes break the structure";
}

TEST(Module, RefusesWhatIsNoModule) {
  EXPECT_EQ(error_of({'E', 'L', 'F', 0, 1, 0, 0, 0}), "a.wasm, byte 0x0: not a WebAssembly file");
  EXPECT_EQ(error_of({0, 'a', 's', 'm', 0x0d, 0, 1, 0}),
            "a.wasm, byte 0x4: not a core WebAssembly module of version 1");
  EXPECT_EQ(error_of_section(static_cast<SectionId>(77), {}),
            "a.wasm, byte 0x8: unknown section 77");
}

TEST(Module, RefusesSectionsOutOfOrder) {
  Bytes none = {0};
  Bytes twice = Writer().module_header().section(1, none).section(1, none).take();
  EXPECT_EQ(error_of(twice), "a.wasm, byte 0xb: type section is repeated or out of order");
  Bytes swapped = Writer().module_header().section(3, none).section(1, none).take();
  EXPECT_EQ(error_of(swapped), "a.wasm, byte 0xb: type section is repeated or out of order");
}

TEST(Module, RefusesIndexesOutOfRange) {
  EXPECT_EQ(error_of_section(SectionId::kFunction, {1, 0}),
            "a.wasm: function section, byte 0xb: type 0 does not exist");
  EXPECT_EQ(error_of_section(SectionId::kStart, {0}),
            "a.wasm: start section, byte 0xa: function 0 does not exist");
  EXPECT_EQ(error_of_section(SectionId::kExport, {1, 1, 'x', 3, 0}),
            "a.wasm: export section, byte 0xe: global 0 does not exist");
  EXPECT_EQ(error_of_section(SectionId::kGlobal, {1, kI32, 0, kGlobalGet, 9, kEnd}),
            "a.wasm: global section, byte 0xe: global 9 does not exist");
  EXPECT_EQ(error_of_section(SectionId::kData, {1, 0, kI32Const, 0, kEnd, 0}),
            "a.wasm: data section, byte 0xb: memory 0 does not exist");
}

TEST(Module, RefusesHostileCounts) {
  const Bytes many = {0xff, 0xff, 0xff, 0xff, 0x0f};
  for (SectionId id :
       {SectionId::kType, SectionId::kImport, SectionId::kFunction, SectionId::kTable,
        SectionId::kMemory, SectionId::kGlobal, SectionId::kExport, SectionId::kElement,
        SectionId::kCode, SectionId::kData, SectionId::kTag})
    EXPECT_NE(error_of_section(id, many).find("cannot fit in the 0 bytes"), std::string::npos)
        << static_cast<int>(id);
}

TEST(Module, RefusesInconsistentCounts) {
  EXPECT_EQ(error_of_section(SectionId::kDataCount, {3}),
            "a.wasm, byte 0xb: the data count section promises 3 segments, the data section has 0");
  Bytes bodiless = Writer()
                       .module_header()
                       .section(1, Bytes{1, kFunctionType, 0, 0})
                       .section(3, Bytes{1, 0})
                       .take();
  EXPECT_EQ(error_of(bodiless), "a.wasm, byte 0x12: 1 functions are declared but 0 have bodies");
  EXPECT_EQ(error_of_section(SectionId::kType, {0, 0}),
            "a.wasm: type section, byte 0xb: 1 bytes too many");
}

TEST(Module, RefusesWhatItDoesNotKnow) {
  EXPECT_EQ(error_of_section(SectionId::kType, {1, 0x5f, 0, 0}),
            "a.wasm: type section, byte 0xb: type form 95 is not supported, only functions are");
  EXPECT_EQ(error_of_section(SectionId::kGlobal, {1, kI32, 0, 0x45, kEnd}),
            "a.wasm: global section, byte 0xd: instruction 69 in a constant expression");
  EXPECT_EQ(error_of_section(SectionId::kMemory, {1, 0x40, 1}),
            "a.wasm: memory section, byte 0xb: unknown limits flags 64");
  EXPECT_EQ(error_of_section(SectionId::kMemory, {1, 1, 2, 1}),
            "a.wasm: memory section, byte 0xb: the maximum size is below the minimum");
}

TEST(Module, RefusesAnExportTwice) {
  Bytes body = Writer().u32(2).name("m").u8(2).u32(0).name("m").u8(2).u32(0).take();
  Bytes module = Writer().module_header().section(5, Bytes{1, 0, 1}).section(7, body).take();
  EXPECT_EQ(error_of(module), "a.wasm: export section, byte 0x14: export \"m\" is there twice");
}

}  // namespace
}  // namespace pylon::wasm
