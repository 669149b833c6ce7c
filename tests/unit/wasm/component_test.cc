#include "wasm/component.hh"

#include <gtest/gtest.h>

namespace pylon::wasm {
namespace {

const Bytes kSample = {0, 'a', 's', 'm',    0x0d, 0,      1, 0,  /**/ 1,
                       2, 'm', '1', /**/ 7, 0,    /**/ 1, 1, 'n'};

TEST(Component, IsSplitAndPutTogether) {
  auto component = Component::parse(kSample, "c.wasm");
  ASSERT_TRUE(component) << component.error().text();
  ASSERT_EQ(component->sections().size(), 3u);
  EXPECT_EQ(component->sections()[0].id, ComponentSection::kCoreModule);
  EXPECT_EQ(component->sections()[1].body.size(), 0u);
  EXPECT_EQ(component->with_section(99, {}), kSample);
  Bytes other(200, 'x');
  Bytes changed = component->with_section(2, other);
  auto again = Component::parse(changed, "c.wasm");
  ASSERT_TRUE(again);
  EXPECT_EQ(again->sections()[2].body.size(), 200u);
  EXPECT_EQ(again->sections()[0].body.size(), 2u);
}

TEST(Component, RefusesOtherFiles) {
  EXPECT_EQ(Component::parse({0, 'a', 's', 'm', 1, 0, 0, 0}, "c.wasm").error().text(),
            "c.wasm, byte 0x0: not a WebAssembly component");
  Bytes cut(kSample.begin(), kSample.end() - 1);
  EXPECT_FALSE(Component::parse(cut, "c.wasm"));
  EXPECT_FALSE(Component::parse({}, "c.wasm"));
}

}  // namespace
}  // namespace pylon::wasm
