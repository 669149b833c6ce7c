#include "wasm/memory_image.hh"

#include <gtest/gtest.h>

#include "wasm/writer.hh"

namespace pylon::wasm {
namespace {

constexpr std::uint32_t kStart = 65536;

// A module of two pages with these data segments, (address, text).
Module module_with(const std::vector<std::pair<std::uint32_t, std::string>>& segments,
                   bool counted = false) {
  Writer data;
  data.u32(static_cast<std::uint32_t>(segments.size()));
  for (const auto& [address, text] : segments) data.u32(0).i32_expression(address).name(text);
  Writer out;
  out.module_header().section(static_cast<std::uint8_t>(SectionId::kMemory), Bytes{1, 0, 2});
  if (counted)
    out.section(static_cast<std::uint8_t>(SectionId::kDataCount),
                Writer().u32(static_cast<std::uint32_t>(segments.size())).data());
  out.section(static_cast<std::uint8_t>(SectionId::kData), data.data());
  out.custom_section("keep", Bytes{1, 2, 3});
  auto module = Module::parse(out.take(), "core.wasm");
  return *module;
}

const std::string kHeader(kImageHeader);

TEST(MemoryImage, CollectsTheSegments) {
  Module module =
      module_with({{kStart + 100, "later"}, {kStart, kHeader + "xx"}, {kStart + 102, "TER"}});
  ASSERT_TRUE(is_fused(module));
  auto image = initial_image(module);
  ASSERT_TRUE(image) << image.error().text();
  EXPECT_EQ(image->start, kStart);
  EXPECT_EQ(image->bytes.size(), 65536u);
  EXPECT_EQ(std::string(image->bytes.begin() + 100, image->bytes.begin() + 105), "laTER")
      << "later segments win";
  EXPECT_EQ(image->bytes.back(), 0);
}

TEST(MemoryImage, WritesOneSegmentAndKeepsTheRest) {
  Module module = module_with({{kStart, kHeader}, {kStart + 500, "end"}}, true);
  auto image = initial_image(module);
  ASSERT_TRUE(image);
  image->bytes.back() = 9;
  auto dense = Module::parse(with_image(module, *image), "dense.wasm");
  ASSERT_TRUE(dense) << dense.error().text();
  ASSERT_EQ(dense->data.size(), 1u);
  EXPECT_EQ(dense->data[0].data.size(), 65536u);
  EXPECT_EQ(dense->data_count, 1u);
  EXPECT_NE(dense->custom_section("keep"), nullptr);
  auto again = initial_image(*dense);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->bytes, image->bytes);
  EXPECT_EQ(again->start, image->start);
}

TEST(MemoryImage, RefusesOtherModules) {
  EXPECT_FALSE(is_fused(module_with({{kStart, "something else"}})));
  EXPECT_FALSE(is_fused(module_with({})));
  EXPECT_FALSE(is_fused(module_with({{16, "below"}, {kStart, kHeader}})));
  EXPECT_EQ(initial_image(module_with({})).error().text(), "core.wasm is not a fused module");
  auto beyond = initial_image(module_with({{kStart, kHeader}, {2 * 65536 - 2, "beyond"}}));
  ASSERT_FALSE(beyond);
  EXPECT_NE(beyond.error().text().find("beyond the initial memory"), std::string::npos);
}

}  // namespace
}  // namespace pylon::wasm
