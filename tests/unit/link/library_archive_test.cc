#include "link/library_archive.hh"

#include <gtest/gtest.h>

#include <algorithm>

namespace pylon::link {
namespace {

Bytes bytes(std::string_view text) {
  return Bytes(text.begin(), text.end());
}

// Stands for zstd: half as long.
Result<Bytes> halve(const Bytes& content) {
  return Bytes(content.begin(), content.begin() + static_cast<std::ptrdiff_t>(content.size() / 2));
}

std::uint32_t word(const Bytes& data, std::size_t index) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value |= std::uint32_t{data[4 * index + i]} << (8 * i);
  return value;
}

LibraryArchive example() {
  LibraryArchive archive;
  EXPECT_TRUE(archive.add("/lib/b.py", bytes("second")));
  EXPECT_TRUE(archive.add("/lib/a.py", bytes("first")));
  EXPECT_TRUE(archive.end_block());
  return archive;
}

TEST(LibraryArchive, HasTheFormatThatTheGuestReads) {
  const Bytes data = example().encode();
  EXPECT_EQ(std::string(data.begin(), data.begin() + 4), "PYLB");
  EXPECT_EQ(word(data, 1), 1u);  // version
  EXPECT_EQ(word(data, 2), 1u);  // blocks
  EXPECT_EQ(word(data, 3), 2u);  // entries
  const std::uint32_t block = word(data, 4);
  EXPECT_EQ(word(data, 5), word(data, 6)) << "stored as it is";
  EXPECT_EQ(std::string(data.begin() + block, data.end()), "secondfirst");
  const std::uint32_t path = word(data, 7), path_size = word(data, 8);
  EXPECT_EQ(std::string(data.begin() + path, data.begin() + path + path_size), "/lib/a.py");
  EXPECT_EQ(word(data, 9), 0u);
  EXPECT_EQ(word(data, 10), 6u) << "where it begins in the block";
  EXPECT_EQ(word(data, 11), 5u);
}

TEST(LibraryArchive, IsReadBackAsItWas) {
  const Bytes data = example().encode();
  auto again = LibraryArchive::parse(data, "x");
  ASSERT_TRUE(again) << again.error().text();
  EXPECT_EQ(again->encode(), data);
  EXPECT_EQ(again->paths(), (std::vector<std::string_view>{"/lib/a.py", "/lib/b.py"}));
}

TEST(LibraryArchive, KeepsACompressedBlockOnlyIfItIsSmaller) {
  LibraryArchive small, large;
  ASSERT_TRUE(small.add("a", bytes("123456")));
  ASSERT_TRUE(small.end_block(halve));
  EXPECT_EQ(word(small.encode(), 5), 3u);
  EXPECT_EQ(word(small.encode(), 6), 6u);
  ASSERT_TRUE(large.add("a", bytes("123456")));
  ASSERT_TRUE(large.end_block([](const Bytes& content) -> Result<Bytes> {
    Bytes twice = content;
    twice.insert(twice.end(), content.begin(), content.end());
    return twice;
  }));
  EXPECT_EQ(word(large.encode(), 5), 6u);
}

TEST(LibraryArchive, TakesBytecodeWithoutItsHeader) {
  LibraryArchive archive;
  ASSERT_TRUE(archive.add_bytecode("/lib/a.py", bytes("0123456789abcdefcode")));
  ASSERT_TRUE(archive.end_block());
  EXPECT_EQ(archive.paths(), (std::vector<std::string_view>{"/lib/a.pyc"}));
  const Bytes data = archive.encode();
  EXPECT_EQ(std::string(data.end() - 4, data.end()), "code");
  EXPECT_FALSE(archive.add_bytecode("/lib/b.py", bytes("0123456789abcde")));
}

TEST(LibraryArchive, RefusesAPathTwice) {
  LibraryArchive archive = example();
  auto added = archive.add("/lib/a.py", {});
  ASSERT_FALSE(added);
  EXPECT_NE(added.error().text().find("/lib/a.py is in the library twice"), std::string::npos);
  EXPECT_FALSE(archive.merge(example()));
}

TEST(LibraryArchive, MergesBlocksAndEntries) {
  LibraryArchive archive = example(), other;
  ASSERT_TRUE(other.add("/caps/x.py", bytes("other")));
  ASSERT_TRUE(other.end_block());
  ASSERT_TRUE(archive.merge(other));
  EXPECT_EQ(archive.paths(),
            (std::vector<std::string_view>{"/caps/x.py", "/lib/a.py", "/lib/b.py"}));
  auto again = LibraryArchive::parse(archive.encode(), "x");
  ASSERT_TRUE(again) << again.error().text();
}

TEST(LibraryArchive, SaysWhatIsWrongWithDamage) {
  const Bytes data = example().encode();
  for (std::size_t size = 0; size < data.size(); ++size) {
    auto parsed = LibraryArchive::parse(
        Bytes(data.begin(), data.begin() + static_cast<std::ptrdiff_t>(size)), "lib.x");
    ASSERT_FALSE(parsed) << size;
    EXPECT_EQ(parsed.error().kind(), ErrorKind::kCorrupt);
    EXPECT_NE(parsed.error().text().find("lib.x"), std::string::npos);
  }
  Bytes swapped = data;  // the second entry's path comes first
  std::swap_ranges(swapped.begin() + 28, swapped.begin() + 48, swapped.begin() + 48);
  EXPECT_FALSE(LibraryArchive::parse(swapped, "x"));
}

}  // namespace
}  // namespace pylon::link
