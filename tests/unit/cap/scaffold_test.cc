#include "cap/scaffold.hh"

#include <gtest/gtest.h>

namespace pylon::cap {
namespace {

TEST(Signature, ReadsParametersAndResult) {
  const auto function = Signature::parse("count-them(data: list<u8>, byte: u8) -> u32");
  ASSERT_TRUE(function) << function.error().text();
  EXPECT_EQ(function->name, "count-them");
  ASSERT_EQ(function->parameters.size(), 2u);
  EXPECT_EQ(function->parameters[0].type, "list<u8>");
  EXPECT_EQ(function->result, "u32");
  EXPECT_TRUE(Signature::parse("f()"));
}

TEST(Signature, RefusesWhatItDoesNotKnow) {
  for (const char* bad : {"", "f", "f(", "f(x)", "f(x: list<u16>)", "f() u8", "f() -> list<string>",
                          "F()", "f(x: u8"})
    EXPECT_FALSE(Signature::parse(bad)) << bad;
}

TEST(Scaffold, WritesEveryPart) {
  const Files files =
      scaffold("byte-count", *Signature::parse("count(data: list<u8>, byte: u8) -> u32"));
  EXPECT_NE(files.at("wit/byte-count.wit").find("count: func(data: list<u8>, byte: u8) -> u32;"),
            std::string::npos);
  EXPECT_NE(files.at("component/byte_count.cc")
                .find("std::uint32_t count(std::span<const std::uint8_t> data, std::uint8_t byte) "
                      "{ return {}; }"),
            std::string::npos);
  EXPECT_NE(files.at("python/byte_count.py").find("import _byte_count_cap as _cap"),
            std::string::npos);
  EXPECT_NE(files.at("tests/test_byte_count.py").find("byte_count.count(b'bytes', 1)"),
            std::string::npos);
}

TEST(Scaffold, DefinesWhatAHeaderDeclares) {
  const Files files =
      scaffold("x", "package a:b;",
               "namespace cap::codec {\nclass box;\n}\n\nnamespace cap::codec {\nstruct p {\n  "
               "bool b{};\n};\n}\n\nnamespace cap::codec {\nclass box {\n public:\n"
               "  virtual ~box() = default;\n  virtual bool full() = "
               "0;\n};\nstd::unique_ptr<::cap::codec::box> make_box();\nvoid f(bool b);\n}\n");
  EXPECT_EQ(files.at("component/x.cc"),
            "// x behind its contract.\n#include \"x_cap.hh\"\n\nnamespace cap::codec {\n\nclass "
            "My_box final : public box {\n public:\n"
            "  bool full() override { return {}; }\n};\n\nstd::unique_ptr<::cap::codec::box> "
            "make_box() { return "
            "std::unique_ptr<::cap::codec::box>(std::make_unique<My_box>()); }\n\nvoid f(bool b) { "
            " }\n\n}\n");
}

}  // namespace
}  // namespace pylon::cap
