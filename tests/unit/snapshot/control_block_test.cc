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
  auto control = ControlBlock::read(block({0x4C594350, 1, 0x12345678, 0x03000000, 0x01000000, 1, 0,
                                           0, 0, 0, 0x01010000, 4096, 0, 0, 99}));
  ASSERT_TRUE(control) << control.error().text();
  EXPECT_EQ(control->self, 0x12345678u);
  EXPECT_EQ(control->memory_size, 0x03000000u);
  EXPECT_EQ(control->image_start, 0x01000000u);
  EXPECT_EQ(control->state, ControlBlock::kInitialised);
  EXPECT_EQ(control->library, 0x01010000u);
  EXPECT_EQ(control->library_size, 4096u);
}

TEST(ControlBlock, TakesAFarWord) {
  std::vector<std::uint8_t> words = block({0x4C594350, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7});
  ControlBlock::set_far_word(words, 0x02fffff0, 0x12345678);
  EXPECT_EQ(words, block({0x4C594350, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x02fffff0, 0x12345678, 7}));
}

TEST(ControlBlock, OfAnotherFormatIsRefused) {
  const std::vector<std::uint8_t> good = block({0x4C594350, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0});
  auto changed = [&](std::size_t word) {
    std::vector<std::uint8_t> other = good;
    ++other[4 * word];
    return other;
  };
  EXPECT_TRUE(ControlBlock::read(good));
  EXPECT_FALSE(ControlBlock::read(changed(0)));
  EXPECT_FALSE(ControlBlock::read(changed(1)));
  EXPECT_FALSE(ControlBlock::read(std::span(good).first(good.size() - 1)));
  EXPECT_FALSE(ControlBlock::read({}));
}

}  // namespace
}  // namespace pylon::snapshot
