#include "snapshot/image_patch.hh"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "support/scratch_directory.hh"
#include "wasm/memory_image.hh"

namespace pylon::snapshot {
namespace {

constexpr std::size_t kLength = 8192;

Bytes image(char fill) {
  Bytes out(kLength, static_cast<std::uint8_t>(fill));
  std::copy(wasm::kImageHeader.begin(), wasm::kImageHeader.end(), out.begin());
  return out;
}

// A "compiled file": something, images at these offsets, something.
Bytes file_with(std::initializer_list<std::size_t> offsets) {
  Bytes out(65536 + 100, 0x55);
  for (std::size_t offset : offsets) {
    Bytes one = image('c');
    std::copy(one.begin(), one.end(), out.begin() + static_cast<std::ptrdiff_t>(offset));
  }
  return out;
}

TEST(ImagePatch, FindsTheImage) {
  auto patch = ImagePatch::find(file_with({12288}), image('c'), 65536);
  ASSERT_TRUE(patch) << patch.error().text();
  EXPECT_EQ(patch->record().offset, 12288u);
  EXPECT_EQ(patch->record().length, kLength);
  EXPECT_EQ(patch->record().start, 65536u);
}

TEST(ImagePatch, WantsTheImageExactlyOnceAndAligned) {
  EXPECT_NE(ImagePatch::find(file_with({}), image('c'), 0).error().text().find("lies 0 times"),
            std::string::npos);
  EXPECT_NE(
      ImagePatch::find(file_with({4096, 20480}), image('c'), 0).error().text().find("lies 2 times"),
      std::string::npos);
  EXPECT_FALSE(ImagePatch::find(file_with({100}), image('c'), 0)) << "not at a page";
  Bytes nearly = file_with({4096});
  nearly[4096 + kLength - 1] ^= 1;
  EXPECT_FALSE(ImagePatch::find(nearly, image('c'), 0)) << "compared to the last byte";
  EXPECT_FALSE(ImagePatch::find({}, image('c'), 0));
}

TEST(ImagePatch, WritesAnotherImageAndLeavesTheRest) {
  testing::ScratchDirectory scratch;
  std::string cold = scratch.path("cold"), warm = scratch.path("warm");
  auto patch = ImagePatch::find(file_with({4096}), image('c'), 65536);
  ASSERT_TRUE(patch);
  ASSERT_TRUE(patch->write(cold));
  ASSERT_TRUE(patch->write_record(cold));
  auto opened = ImagePatch::open(cold);
  ASSERT_TRUE(opened) << opened.error().text();
  EXPECT_TRUE(std::ranges::equal(opened->image(), image('c')));
  ASSERT_TRUE(opened->replace(image('w')));
  ASSERT_TRUE(opened->write(warm));
  auto bytes = read_file(warm);
  ASSERT_TRUE(bytes);
  Bytes expected = file_with({4096});
  Bytes other = image('w');
  std::copy(other.begin(), other.end(), expected.begin() + 4096);
  EXPECT_EQ(*bytes, expected);
  EXPECT_EQ(*read_file(cold), file_with({4096})) << "the cold file is as it was";
}

TEST(ImagePatch, RefusesAnImageThatIsNone) {
  auto patch = ImagePatch::find(file_with({4096}), image('c'), 65536);
  ASSERT_TRUE(patch);
  Bytes longer = image('w');
  longer.push_back(0);
  EXPECT_FALSE(patch->replace(longer));
  EXPECT_FALSE(patch->replace(Bytes(kLength, 0))) << "no header";
  EXPECT_TRUE(std::ranges::equal(patch->image(), image('c')));
}

class StoredPatch : public ::testing::Test {
 protected:
  StoredPatch() {
    auto patch = ImagePatch::find(file_with({4096}), image('c'), 65536);
    EXPECT_TRUE(patch && patch->write(cwasm) && patch->write_record(cwasm));
  }
  std::string error() {
    auto opened = ImagePatch::open(cwasm);
    if (opened) return "";
    EXPECT_EQ(opened.error().kind(), ErrorKind::kCorrupt);
    return opened.error().text();
  }
  testing::ScratchDirectory scratch;
  std::string cwasm = scratch.path("python.cold.cwasm");
};

TEST_F(StoredPatch, RefusesAChangedFile) {
  Bytes bytes = *read_file(cwasm);
  bytes[0] ^= 1;
  ASSERT_TRUE(write_file_atomically(cwasm, bytes));
  EXPECT_EQ(error(), cwasm + " is not the file that python.cold.cwasm.image.json describes");
  bytes.resize(bytes.size() - 1);
  ASSERT_TRUE(write_file_atomically(cwasm, bytes));
  EXPECT_EQ(error(), cwasm + " is not the file that python.cold.cwasm.image.json describes");
}

TEST_F(StoredPatch, RefusesARecordThatPointsElsewhere) {
  for (const char* offset : {"4095", "8192", "999999999", "18446744073709551615"}) {
    Bytes text = *read_file(cwasm + ".image.json");
    std::string json(text.begin(), text.end());
    json.replace(json.find("4096"), 4, offset);
    std::ofstream(cwasm + ".image.json") << json;
    EXPECT_NE(error(), "") << offset;
    ASSERT_TRUE(write_file_atomically(cwasm + ".image.json", text));
    EXPECT_EQ(error(), "");
  }
}

TEST_F(StoredPatch, NeedsItsRecord) {
  std::filesystem::remove(cwasm + ".image.json");
  EXPECT_FALSE(ImagePatch::open(cwasm));
}

}  // namespace
}  // namespace pylon::snapshot
