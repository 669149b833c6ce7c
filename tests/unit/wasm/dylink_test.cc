#include "wasm/dylink.hh"

#include <gtest/gtest.h>

#include "sample_module.hh"

namespace pylon::wasm {
namespace {

Result<Dylink> read(const Bytes& body) {
  auto module =
      Module::parse(Writer().module_header().custom_section("dylink.0", body).take(), "liba.so");
  return read_dylink(*module);
}

TEST(Dylink, ReadsEverySubsection) {
  Writer body;
  body.u8(1).sized(Writer().u32(100).u32(4).u32(7).u32(1).data());
  body.u8(2).sized(Writer().u32(2).name("libb.so").name("libc.so").data());
  body.u8(3).sized(Writer().u32(2).name("plain").u32(0).name("per_thread").u32(0x100).data());
  body.u8(4).sized(Writer()
                       .u32(2)
                       .name("env")
                       .name("maybe")
                       .u32(0x11)
                       .name("env")
                       .name("surely")
                       .u32(0x10)
                       .data());
  body.u8(9).sized(Bytes{1, 2, 3});  // unknown ones are passed over
  auto dylink = read(body.data());
  ASSERT_TRUE(dylink) << dylink.error().text();
  EXPECT_EQ(dylink->memory_size, 100u);
  EXPECT_EQ(dylink->memory_alignment, 4u);
  EXPECT_EQ(dylink->table_size, 7u);
  EXPECT_EQ(dylink->table_alignment, 1u);
  EXPECT_EQ(dylink->needed, (std::vector<std::string>{"libb.so", "libc.so"}));
  EXPECT_EQ(dylink->thread_exports, std::vector<std::string>{"per_thread"});
  EXPECT_EQ(dylink->weak_imports, std::vector<std::string>{"maybe"});
}

TEST(Dylink, RefusesAPlainModule) {
  auto module = Module::parse(Writer().module_header().take(), "a.wasm");
  auto dylink = read_dylink(*module);
  ASSERT_FALSE(dylink);
  EXPECT_EQ(dylink.error().kind(), ErrorKind::kInput);
  EXPECT_EQ(dylink.error().text(), "a.wasm has no dylink.0 section, so it is not a shared library");
}

TEST(Dylink, RefusesMalformedSubsections) {
  EXPECT_EQ(read({1, 9, 0}).error().text(),
            "liba.so: custom section dylink.0, byte 0x15: a subsection should have 9 bytes, but "
            "only 1 are left");
  EXPECT_EQ(read({1, 4, 0, 40, 0, 0}).error().text(),
            "liba.so: custom section dylink.0, byte 0x17: alignment 2^40 is too large");
  EXPECT_EQ(read({2, 2, 0, 0}).error().text(),
            "liba.so: custom section dylink.0, byte 0x16: 1 bytes too many");
}

}  // namespace
}  // namespace pylon::wasm
