#include "runtime/quantity.hh"

#include <gtest/gtest.h>

namespace pylon::runtime {
namespace {

TEST(Duration, ReadsWhatPeopleWrite) {
  const struct {
    const char* text;
    long milliseconds;
  } cases[] = {{"5", 5000},   {"5s", 5000},   {"500ms", 500},  {"1.5s", 1500},
               {"0.25", 250}, {"2m", 120000}, {"1h", 3600000}, {"1H", 3600000}};
  for (const auto& c : cases) {
    auto parsed = parse_duration(c.text);
    ASSERT_TRUE(parsed) << c.text;
    EXPECT_EQ(parsed->count(), c.milliseconds) << c.text;
  }
}

TEST(Duration, RefusesTheRest) {
  for (const char* text :
       {"", "0", "0.0001", "-1", "s", "5x", "5 s", "1e3", "1..5", "99999h", "inf", "nan", "0x5"}) {
    auto parsed = parse_duration(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().kind(), ErrorKind::kUsage);
    EXPECT_FALSE(parsed.error().hint().empty());
  }
}

TEST(Size, ReadsPowersOf1024) {
  const struct {
    const char* text;
    std::uint64_t bytes;
  } cases[] = {{"1", 1},
               {"1048576", 1048576},
               {"512K", 524288},
               {"64M", 67108864},
               {"64m", 67108864},
               {"64MB", 67108864},
               {"64MiB", 67108864},
               {"1G", 1073741824},
               {"1.5G", 1610612736}};
  for (const auto& c : cases) {
    auto parsed = parse_size(c.text);
    ASSERT_TRUE(parsed) << c.text;
    EXPECT_EQ(*parsed, c.bytes) << c.text;
  }
}

TEST(Size, RefusesTheRest) {
  for (const char* text : {"", "0", "-5M", "M", "5T5", "5 M", "9999999999999999999G", "1e9"})
    EXPECT_FALSE(parse_size(text)) << text;
}

}  // namespace
}  // namespace pylon::runtime
