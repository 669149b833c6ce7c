#include "snapshot/image_record.hh"

#include <gtest/gtest.h>

namespace pylon::snapshot {
namespace {

ImageRecord sample() {
  ImageRecord record;
  record.offset = 4096;
  record.start = 65536;
  record.length = 65536;
  record.file_size = 80000;
  record.file_sha256 = std::string(64, 'a');
  return record;
}

std::string error_of(const std::string& text) {
  auto record = ImageRecord::parse(text, "x.image.json");
  return record ? "" : record.error().text();
}

// The sample's text with one part exchanged.
std::string changed(const std::string& from, const std::string& to) {
  std::string text = sample().json();
  std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(ImageRecord, IsWrittenAndRead) {
  auto record = ImageRecord::parse(sample().json(), "x");
  ASSERT_TRUE(record) << record.error().text();
  EXPECT_EQ(record->offset, 4096u);
  EXPECT_EQ(record->start, 65536u);
  EXPECT_EQ(record->length, 65536u);
  EXPECT_EQ(record->file_size, 80000u);
  EXPECT_EQ(record->json(), sample().json());
  EXPECT_EQ(ImageRecord::path_for("a/b.cwasm"), "a/b.cwasm.image.json");
}

TEST(ImageRecord, RefusesWhatItDoesNotKnow) {
  EXPECT_EQ(error_of("{"), "x.image.json is not a JSON object");
  EXPECT_EQ(error_of("[]"), "x.image.json is not a JSON object");
  EXPECT_EQ(error_of("{}"), "x.image.json lacks a field");
  EXPECT_EQ(error_of(changed("\"version\": 1", "\"version\": 2")),
            "x.image.json has an unknown version");
  EXPECT_EQ(error_of(changed("\"start\"", "\"begin\"")), "x.image.json has an unknown field begin");
  EXPECT_EQ(error_of(changed("4096", "-1")), "x.image.json has a wrong value for offset");
  EXPECT_EQ(error_of(changed("4096", "\"4096\"")), "x.image.json has a wrong value for offset");
  EXPECT_EQ(error_of(changed("aaaa", "AAAA")), "x.image.json has a malformed digest");
  EXPECT_EQ(error_of(changed("\"length\": 65536", "\"length\": 4294967295")),
            "x.image.json has an impossible size");
  EXPECT_EQ(error_of(changed("\"length\": 65536", "\"length\": 18446744073709551615")),
            "x.image.json has an impossible size");
}

}  // namespace
}  // namespace pylon::snapshot
