#include "wasm/cursor.hh"

#include <gtest/gtest.h>

#include "wasm/writer.hh"

namespace pylon::wasm {
namespace {

Cursor over(const Bytes& bytes) {
  return Cursor(bytes, 0x100, "a.wasm: test section");
}

std::string error_of(const Bytes& bytes, Result<std::uint32_t> (Cursor::*read)(std::string_view)) {
  Cursor in = over(bytes);
  auto result = (in.*read)("a number");
  return result ? "" : result.error().text();
}

TEST(Cursor, ReadsUnsignedNumbers) {
  Bytes bytes = {0x00, 0x7f, 0x80, 0x01, 0xff, 0xff, 0xff, 0xff, 0x0f, 0x80, 0x80, 0x00};
  Cursor in = over(bytes);
  EXPECT_EQ(*in.u32("n"), 0u);
  EXPECT_EQ(*in.u32("n"), 127u);
  EXPECT_EQ(*in.u32("n"), 128u);
  EXPECT_EQ(*in.u32("n"), 0xffffffffu);
  EXPECT_EQ(*in.u32("n"), 0u) << "longer than necessary, but allowed";
  EXPECT_TRUE(in.at_end());
}

TEST(Cursor, RefusesNumbersThatDoNotFit) {
  EXPECT_EQ(error_of({0xff, 0xff, 0xff, 0xff, 0x1f}, &Cursor::u32),
            "a.wasm: test section, byte 0x100: a number does not fit in 32 bits");
  EXPECT_EQ(error_of({0x80, 0x80, 0x80, 0x80, 0x80, 0x00}, &Cursor::u32),
            "a.wasm: test section, byte 0x100: a number does not fit in 32 bits");
  EXPECT_EQ(error_of({0x80, 0x80}, &Cursor::u32),
            "a.wasm: test section, byte 0x102: ends inside a number");
  EXPECT_EQ(error_of({}, &Cursor::u32), "a.wasm: test section, byte 0x100: ends inside a number");
}

TEST(Cursor, ReadsWhatTheWriterWrites) {
  const std::int32_t values[] = {0, 1, -1, 63, 64, -64, -65, 8191, -8192, INT32_MAX, INT32_MIN};
  Writer out;
  for (std::int32_t value : values) out.s32(value).u32(static_cast<std::uint32_t>(value));
  Cursor in = over(out.data());
  for (std::int32_t value : values) {
    EXPECT_EQ(*in.s32("n"), value);
    EXPECT_EQ(*in.u32("n"), static_cast<std::uint32_t>(value));
  }
  EXPECT_TRUE(in.at_end());
}

TEST(Cursor, ReadsSignedNumbersOf64Bits) {
  Bytes bytes = {0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x7f, 0x7f};
  Cursor in = over(bytes);
  EXPECT_EQ(*in.s64("n"), INT64_MIN);
  EXPECT_EQ(*in.s64("n"), -1);
  Bytes large = {0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01};
  Cursor too_large = over(large);
  EXPECT_FALSE(too_large.s64("n"));
}

TEST(Cursor, RefusesCountsThatCannotBeThere) {
  Bytes bytes = {0x05, 1, 2, 3, 4};
  Cursor in = over(bytes);
  auto count = in.count("things");
  ASSERT_FALSE(count);
  EXPECT_EQ(count.error().text(),
            "a.wasm: test section, byte 0x100: 5 things cannot fit in the 4 bytes that are left");
  Cursor wide = over(bytes);
  EXPECT_FALSE(wide.count("things", 2));
}

TEST(Cursor, ChecksNames) {
  Bytes good = {0x02, 0xc3, 0xa4};
  Cursor in = over(good);
  EXPECT_EQ(*in.name("a name"), "\xc3\xa4");
  Bytes bad = {0x01, 0xff};
  Cursor broken = over(bad);
  EXPECT_EQ(broken.name("a name").error().text(),
            "a.wasm: test section, byte 0x101: a name is not UTF-8");
  Bytes cut = {0x09, 'a'};
  Cursor longer = over(cut);
  EXPECT_EQ(longer.name("a name").error().text(),
            "a.wasm: test section, byte 0x101: a name should have 9 bytes, but only 1 are left");
}

}  // namespace
}  // namespace pylon::wasm
