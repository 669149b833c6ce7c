#include "base/utf8.hh"

#include <gtest/gtest.h>

namespace pylon {
namespace {

TEST(Utf8, KnowsWellFormedText) {
  EXPECT_TRUE(is_utf8("plain"));
  EXPECT_TRUE(is_utf8("\xf0\x9f\x90\x8d \xe2\x82\xac \xf4\x8f\xbf\xbf"));
  EXPECT_FALSE(is_utf8("\xc0\x80")) << "overlong";
  EXPECT_FALSE(is_utf8("\xe0\x80\x80")) << "overlong";
  EXPECT_FALSE(is_utf8("\xed\xa0\x80")) << "surrogate";
  EXPECT_FALSE(is_utf8("\xf4\x90\x80\x80")) << "beyond the last code point";
  EXPECT_FALSE(is_utf8("\xe2\x82")) << "cut";
  EXPECT_FALSE(is_utf8("\x80")) << "no lead byte";
}

}  // namespace
}  // namespace pylon
