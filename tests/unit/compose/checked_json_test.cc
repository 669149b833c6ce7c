#include "compose/checked_json.hh"

#include <gtest/gtest.h>

#include <string>

namespace pylon::compose {
namespace {

Result<Json> parse(const std::string& text, const JsonLimits& limits = {}) {
  return parse_json(text, "f.json", ErrorKind::kInput, limits);
}

std::string nested(std::size_t depth) {
  return std::string(depth, '[') + std::string(depth, ']');
}

TEST(CheckedJson, ReadsWhatItShould) {
  EXPECT_EQ(*parse(R"({"a":[1,-2,"x",null,true,{"b":{}}],"c":[]})"),
            Json::parse(R"({"a":[1,-2,"x",null,true,{"b":{}}],"c":[]})"));
  EXPECT_EQ(*parse("3"), Json(3));
}

TEST(CheckedJson, RefusesANameTwice) {
  const auto twice = parse(R"({"a":{"b":1,"b":2}})");
  ASSERT_FALSE(twice);
  EXPECT_EQ(twice.error().message(), "f.json has the name 'b' twice in one object");
}

TEST(CheckedJson, RefusesWhatIsTooMuch) {
  EXPECT_TRUE(parse(nested(100)));
  EXPECT_EQ(parse(nested(101)).error().message(), "f.json is nested deeper than 100");
  EXPECT_EQ(parse("[1,2]", {4, 100}).error().message(),
            "f.json is larger than the 4 bytes allowed");
}

TEST(CheckedJson, RefusesWhatIsNoJson) {
  for (const char* bad : {"", "{", "{\"a\":}", "[1,]", "{} {}", "\"\xff\"", "nul", "[NaN]"})
    EXPECT_FALSE(parse(bad)) << bad;
}

TEST(JsonValue, NamesThePlace) {
  const Json document = Json::parse(R"({"list":[{"name":1}]})");
  const JsonValue value(document, "f.json", ErrorKind::kInput);
  const auto first = (*value.at("list").elements(5))[0];
  EXPECT_EQ(first.at("name").text().error().message(), "f.json: list[0].name: is no string");
  EXPECT_EQ(first.expect_object({"id"}).error().message(),
            "f.json: list[0]: has the unknown field 'name'");
  EXPECT_EQ(first.expect_object({"id", "name"}).error().message(),
            "f.json: list[0]: lacks the field 'id'");
  EXPECT_EQ(value.at("list").elements(0).error().message(),
            "f.json: list: has 1 elements; at most 0 are allowed");
}

TEST(JsonValue, ReadsADigestInBothSpellings) {
  const Digest digest = Digest::of("x");
  const Json document = {{"text", digest.text()}, {"numbers", digest.raw()}, {"bad", {1, 2, 256}}};
  const JsonValue value(document, "f.json", ErrorKind::kInput);
  EXPECT_EQ(*value.at("text").digest(), digest);
  EXPECT_EQ(*value.at("numbers").digest(), digest);
  EXPECT_FALSE(value.at("bad").digest());
}

}  // namespace
}  // namespace pylon::compose
