#include "compose/time.hh"

#include <gtest/gtest.h>

namespace pylon::compose {
namespace {

TEST(Time, ReadsWhatItWrites) {
  for (Seconds time :
       {Seconds{0}, Seconds{951782399}, Seconds{1'900'000'000}, Seconds{253402300799}})
    EXPECT_EQ(*parse_time(time_text(time)), time) << time_text(time);
  EXPECT_EQ(time_text(1'900'000'000), "2030-03-17T17:46:40Z");
  EXPECT_EQ(*parse_time("2030-03-17"), 1'900'000'000 - (17 * 3600 + 46 * 60 + 40));
}

TEST(Time, RefusesEverythingElse) {
  for (const char* bad :
       {"", "2026", "2026-02-30", "2026-13-01", "2026-01-01T24:00:00Z", "2026-01-01 00:00:00Z",
        "2026-01-01T00:00:00+", "1969-12-31", "2026-01-0x", "2026-01-01T00:00:60Z"})
    EXPECT_FALSE(parse_time(bad)) << bad;
}

}  // namespace
}  // namespace pylon::compose
