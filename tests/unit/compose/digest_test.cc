#include "compose/digest.hh"

#include <gtest/gtest.h>

#include <string>

namespace pylon::compose {
namespace {

// FIPS 180-2, the empty message.
constexpr const char* kEmpty =
    "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

TEST(Digest, IsSha256) {
  EXPECT_EQ(Digest::of("").text(), kEmpty);
}

TEST(Digest, ParsesWhatItWrites) {
  const Digest digest = Digest::of("abc");
  EXPECT_EQ(*Digest::parse(digest.text()), digest);
  EXPECT_EQ(*Digest::parse_hex(digest.hex()), digest);
}

TEST(Digest, RefusesEverythingElse) {
  const std::string good = kEmpty;
  std::string upper = good;
  upper[10] = 'B';
  for (const std::string& bad : {std::string(), good.substr(7), good + "0", good.substr(0, 70),
                                 std::string("md5:") + good.substr(7), upper, good + " "})
    EXPECT_FALSE(Digest::parse(bad)) << bad;
}

}  // namespace
}  // namespace pylon::compose
