#include "snapshot/template.hh"

#include "small_guest.hh"
#include "wasm/component.hh"

namespace pylon::snapshot {
namespace {

class TemplateTest : public ::testing::Test {
 protected:
  Bytes component(const std::string& text) {
    assemble(scratch, text, scratch.path("guest.wasm"));
    auto bytes = read_file(scratch.path("guest.wasm"));
    return bytes ? *bytes : Bytes{};
  }
  std::string error_of(const GuestText& guest) {
    auto made = make_template(component(guest_text(guest)), "guest.wasm");
    return made ? "" : made.error().text();
  }
  testing::ScratchDirectory scratch;
};

TEST_F(TemplateTest, HoldsTheWholeMemoryInOneSegment) {
  auto made = make_template(component(guest_text({})), "guest.wasm");
  ASSERT_TRUE(made) << made.error().text();
  EXPECT_EQ(made->marked.start, 65536u);
  ASSERT_EQ(made->marked.bytes.size(), 65536u);
  EXPECT_EQ(made->marked.bytes[264], 'c');
  EXPECT_EQ(made->marked.bytes.back(), kEndMark);
  auto parsed = wasm::Component::parse(made->component, "template.wasm");
  ASSERT_TRUE(parsed);
  wasm::ByteView core = parsed->sections()[0].body;
  auto module = wasm::Module::parse(Bytes(core.begin(), core.end()), "core");
  ASSERT_TRUE(module) << module.error().text();
  ASSERT_EQ(module->data.size(), 1u);
  EXPECT_TRUE(std::equal(module->data[0].data.begin(), module->data[0].data.end(),
                         made->marked.bytes.begin()));
  EXPECT_EQ(cold_image(made->marked).bytes.back(), 0);
}

TEST_F(TemplateTest, IsAValidComponent) {
  auto made = make_template(component(guest_text({})), "guest.wasm");
  ASSERT_TRUE(made);
  ASSERT_TRUE(write_file_atomically(scratch.path("template.wasm"), made->component));
  EXPECT_EQ(
      std::system(
          ("'" PYLON_WASM_TOOLS "' validate '" + scratch.path("template.wasm") + "'").c_str()),
      0);
}

TEST_F(TemplateTest, RefusesStateThatAnImageCannotCarry) {
  EXPECT_NE(error_of({.globals = "(global (mut i64) (i64.const 0))"}).find("has 2 mutable globals"),
            std::string::npos);
  EXPECT_NE(error_of({.more = "(func $s) (start $s)"}).find("has a start function"),
            std::string::npos);
  EXPECT_NE(error_of({.more = R"((data (i32.const 131071) "x"))"})
                .find("last byte of its initial memory"),
            std::string::npos);
}

TEST_F(TemplateTest, RefusesOtherComponents) {
  EXPECT_EQ(make_template(component("(component (core module))"), "a.wasm").error().text(),
            "a.wasm contains no fused module");
  std::string fused = R"((core module (memory 2) (data (i32.const 65536) "pylon image v1\n")))";
  EXPECT_EQ(make_template(component("(component " + fused + fused + ")"), "a.wasm").error().text(),
            "a.wasm contains two fused modules");
  EXPECT_EQ(make_template(component("(module)"), "a.wasm").error().text(),
            "a.wasm, byte 0x0: not a WebAssembly component");
  EXPECT_EQ(make_template({}, "a.wasm").error().kind(), ErrorKind::kCorrupt);
}

}  // namespace
}  // namespace pylon::snapshot
