#include "snapshot/control_block.hh"

#include <gtest/gtest.h>

#include <vector>

namespace pylon::snapshot {
namespace {

std::vector<std::uint8_t> block(std::initializer_list<std::uint32_t> words) {
  std::vector<std::uint8_t> out;
  for (std::uint32_t word : words)
    for (int shift = 0; shift < 32; shift += 8)
      out.push_back(static_cast<std::uint8_t>(word >> shift));
  return out;
}

TEST(ControlBlock, IsRead) {
  auto control =
      ControlBlock::read(block({0x4C594350, 1, 0x12345678, 0x03000000, 0x01000000, 1, 99}));
  ASSERT_TRUE(control) << control.error().text();
  EXPECT_EQ(control->self, 0x12345678u);
  EXPECT_EQ(control->memory_size, 0x03000000u);
  EXPECT_EQ(control->image_start, 0x01000000u);
  EXPECT_EQ(control->state, ControlBlock::kInitialised);
}

TEST(ControlBlock, OfAnotherFormatIsRefused) {
  EXPECT_FALSE(ControlBlock::read(block({0x4C594350, 2, 0, 0, 0, 0})));
  EXPECT_FALSE(ControlBlock::read(block({0x4C594351, 1, 0, 0, 0, 0})));
  EXPECT_FALSE(ControlBlock::read(block({0x4C594350, 1, 0, 0, 0})));
  EXPECT_FALSE(ControlBlock::read({}));
}

}  // namespace
}  // namespace pylon::snapshot
