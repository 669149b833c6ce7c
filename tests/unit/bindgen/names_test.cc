#include "bindgen/names.hh"

#include <gtest/gtest.h>

namespace pylon::bindgen {
namespace {

TEST(Names, AreSpelledAsTheLanguageHasThem) {
  EXPECT_EQ(cpp_name("frame-info"), "frame_info");
  EXPECT_EQ(cpp_name("new"), "new_");
  EXPECT_EQ(python_name("from"), "from_");
  EXPECT_EQ(python_name("new"), "new");
  EXPECT_EQ(python_name("HTTP-status"), "http_status");
  EXPECT_EQ(python_class("frame-info"), "FrameInfo");
  EXPECT_EQ(python_class("none"), "None_");
  EXPECT_EQ(python_constant("deep-blue"), "DEEP_BLUE");
  EXPECT_EQ(python_exception("error"), "Error");
  EXPECT_EQ(python_exception("io-error"), "IoError");
  EXPECT_EQ(python_exception("status"), "StatusError");
}

}  // namespace
}  // namespace pylon::bindgen
