#include "snapshot/start_pages.hh"

#include <gtest/gtest.h>
#include <sys/mman.h>

#include <vector>

#include "snapshot/page_watch.hh"

namespace pylon::snapshot {
namespace {

constexpr std::size_t kPage = PageWatch::kPage;
constexpr std::uint32_t kMebi = 1u << 20;

std::vector<std::uint16_t> every(unsigned step, unsigned count) {
  std::vector<std::uint16_t> out;
  for (unsigned i = 0; i < count; ++i) out.push_back(static_cast<std::uint16_t>(i * step));
  return out;
}

// Some pages of memory that are nobody's image.
struct Memory {
  explicit Memory(std::size_t pages)
      : size(pages * kPage),
        data(static_cast<std::uint8_t*>(
            ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0))) {}
  ~Memory() { ::munmap(data, size); }
  bool present(std::size_t page) const {
    unsigned char here = 0;
    EXPECT_EQ(::mincore(data + page * kPage, kPage, &here), 0);
    return here & 1;
  }
  std::size_t size;
  std::uint8_t* data;
};

TEST(StartPages, ConsecutivePagesMakeOneRun) {
  const std::vector<std::uint16_t> pages = {3, 4, 5, 7, 40};
  EXPECT_EQ(StartPages::of(pages).runs(), (std::vector<PageRun>{{3, 3}, {7, 1}, {40, 1}}));
  EXPECT_TRUE(StartPages::of({}).runs().empty());
}

TEST(StartPages, AreNeverMoreThanTheTableHolds) {
  EXPECT_EQ(StartPages::of(every(3, StartPages::kCapacity)).runs().size(), StartPages::kCapacity);
  const auto many = StartPages::of(every(3, 20000)).runs();
  EXPECT_EQ(many, (std::vector<PageRun>{{0, 59998}}));
}

TEST(StartPages, SurviveTheTable) {
  std::vector<std::uint8_t> block(64 + 4 * StartPages::kCapacity, 0xff);
  ASSERT_TRUE(StartPages::room_in(block));
  const auto pages = StartPages::of(every(5, 50));
  pages.write(block);
  EXPECT_EQ(StartPages::read(block, 256 * kMebi).runs(), pages.runs());
  EXPECT_EQ(block[63], 0xff) << "the words before the table are as they were";
  block.pop_back();
  EXPECT_FALSE(StartPages::room_in(block));
}

TEST(StartPages, OutsideTheMemoryAreLeftOut) {
  std::vector<std::uint8_t> block(64 + 4 * StartPages::kCapacity);
  StartPages::of(std::vector<std::uint16_t>{1, 255, 256}).write(block);
  EXPECT_EQ(StartPages::read(block, kMebi).runs(), (std::vector<PageRun>{{1, 1}}));
}

TEST(StartPages, AreThereBeforeAnybodyTouchesThem) {
  const Memory memory(16);
  StartPages::of(std::vector<std::uint16_t>{2, 3, 9}).provide(memory.data);
  for (std::size_t page = 0; page < 16; ++page)
    EXPECT_EQ(memory.present(page), page == 2 || page == 3 || page == 9) << page;
}

TEST(PageWatch, SeesReadsAndWritesOnce) {
  const Memory memory(16);
  memory.data[5 * kPage] = 7;
  {
    auto watch = PageWatch::begin({memory.data, memory.size});
    ASSERT_TRUE(watch) << watch.error().text();
    EXPECT_EQ(const_cast<volatile std::uint8_t&>(memory.data[5 * kPage]), 7);
    memory.data[9 * kPage + 1] = 1;
    memory.data[9 * kPage + 2] = 2;
    EXPECT_EQ((*watch)->touched(), (std::vector<std::size_t>{5, 9}));
  }
  memory.data[0] = 1;  // nobody watches any more
}

TEST(PageWatch, LeavesOtherFaultsToOthers) {
  EXPECT_DEATH(
      {
        const Memory memory(4);
        auto watch = PageWatch::begin({memory.data, 2 * kPage});
        ::mprotect(memory.data + 2 * kPage, kPage, PROT_NONE);
        memory.data[2 * kPage] = 1;
        std::_Exit(0);
      },
      "");
}

}  // namespace
}  // namespace pylon::snapshot
