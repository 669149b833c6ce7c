#include "snapshot/sparse_image.hh"

#include <gtest/gtest.h>

#include <algorithm>

#include "wasm/writer.hh"

namespace pylon::snapshot {
namespace {

wasm::MemoryImage image_with(std::initializer_list<std::pair<std::size_t, std::string_view>> runs) {
  wasm::MemoryImage image{65536, Bytes(4096)};
  for (const auto& [offset, text] : runs)
    std::ranges::copy(text, image.bytes.begin() + static_cast<std::ptrdiff_t>(offset));
  return image;
}

std::string text_of(const ImageRun& run) {
  return {run.bytes.begin(), run.bytes.end()};
}

TEST(SparseImage, LeavesOutZerosWhereManyComeTogether) {
  const wasm::MemoryImage image = image_with({{10, "one"}, {10 + 3 + kGap, "two"}, {4090, "end"}});
  const std::vector<ImageRun> runs = image_runs(image);
  ASSERT_EQ(runs.size(), 3u);
  EXPECT_EQ(runs[0].address, 65546u);
  EXPECT_EQ(text_of(runs[0]), "one");
  EXPECT_EQ(text_of(runs[1]), "two");
  EXPECT_EQ(runs[2].address, 65536u + 4090);
  EXPECT_EQ(text_of(runs[2]), "end");
}

TEST(SparseImage, KeepsSmallGaps) {
  const wasm::MemoryImage image = image_with({{10, "one"}, {10 + 3 + kGap - 1, "two"}});
  const std::vector<ImageRun> runs = image_runs(image);
  ASSERT_EQ(runs.size(), 1u);
  EXPECT_EQ(runs[0].bytes.size(), 3 + kGap - 1 + 3);
}

TEST(SparseImage, HasNoRunsOfNothing) {
  EXPECT_TRUE(image_runs(image_with({})).empty());
}

TEST(SparseImage, GivesBackTheImage) {
  const wasm::MemoryImage before =
      image_with({{0, std::string_view("pylon image v1\n\0", 16)}, {2000, "x"}});
  wasm::Writer memory, data, out;
  out.module_header();
  out.section(5, memory.u32(1).u8(0).u32(2).data());
  out.section(11, data.u32(1).u32(0).i32_expression(65536).sized(before.bytes).data());
  auto module = wasm::Module::parse(out.take(), "guest");
  ASSERT_TRUE(module) << module.error().text();
  auto sparse = wasm::Module::parse(with_data(*module, image_runs(before)), "sparse");
  ASSERT_TRUE(sparse) << sparse.error().text();
  EXPECT_EQ(sparse->data.size(), 2u);
  auto after = wasm::initial_image(*sparse);
  ASSERT_TRUE(after) << after.error().text();
  EXPECT_EQ(after->start, 65536u);
  ASSERT_GE(after->bytes.size(), before.bytes.size());
  EXPECT_TRUE(std::equal(before.bytes.begin(), before.bytes.end(), after->bytes.begin()));
}

}  // namespace
}  // namespace pylon::snapshot
