#include "runtime/interrupt.hh"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstring>
#include <thread>
#include <vector>

#include "runtime/stdio.hh"

namespace pylon::runtime {
namespace {

// Guest memory with a control block at 64 and cells at 256, 260 and 264.
struct Guest {
  std::vector<std::uint32_t> words = std::vector<std::uint32_t>(128);

  Guest() {
    const std::uint32_t block[] = {0x4C594350, 1, 64, 512, 0, 1, 256, 260, 264, 8};
    std::memcpy(&words[16], block, sizeof block);
  }
  std::span<const std::uint8_t> block() const {
    return {reinterpret_cast<const std::uint8_t*>(&words[16]), 64};
  }
  std::uint32_t& cell(std::size_t address) { return words[address / 4]; }
};

TEST(ControlBlock, TripsTheThreeCells) {
  Guest guest;
  guest.cell(264) = 1;
  auto block = ControlBlock::at(guest.block());
  ASSERT_TRUE(block);
  EXPECT_FALSE(block->tripped());
  EXPECT_TRUE(block->trip());
  EXPECT_TRUE(block->tripped());
  EXPECT_EQ(guest.cell(256), 1u);
  EXPECT_EQ(guest.cell(260), 1u);
  EXPECT_EQ(guest.cell(264), 9u);
}

TEST(ControlBlock, AnotherLayoutIsRefused) {
  for (std::size_t word : {0u, 1u}) {
    Guest guest;
    guest.words[16 + word] = 77;
    EXPECT_FALSE(ControlBlock::at(guest.block()));
  }
  Guest guest;
  EXPECT_FALSE(ControlBlock::at(guest.block().first(16)));
}

TEST(ControlBlock, AddressesOutsideOfMemoryAreNotTouched) {
  for (std::uint32_t address : {0u, 258u, 509u, 512u, 0xfffffffcu}) {
    Guest guest;
    auto block = ControlBlock::at(guest.block());
    guest.words[16 + 8] = address;
    EXPECT_FALSE(block->trip()) << address;
    EXPECT_EQ(guest.cell(256), 0u) << address;
  }
}

TEST(Interrupt, IsTakenOnceUntilThePythonSideHandlesIt) {
  Guest guest;
  Interrupt interrupt;
  EXPECT_FALSE(interrupt.raise()) << "no guest yet";
  interrupt.connect(*ControlBlock::at(guest.block()));
  EXPECT_FALSE(interrupt.begin_wait());
  EXPECT_TRUE(interrupt.raise());
  EXPECT_FALSE(interrupt.raise()) << "still pending";
  EXPECT_TRUE(interrupt.begin_wait());
  guest.cell(256) = 0;
  EXPECT_FALSE(interrupt.begin_wait());
  EXPECT_TRUE(interrupt.raise());
}

struct Pipe {
  int ends[2];
  Pipe() { EXPECT_EQ(::pipe2(ends, O_CLOEXEC), 0); }
  ~Pipe() {
    ::close(ends[0]);
    ::close(ends[1]);
  }
};

TEST(DescriptorStream, AnInterruptEndsABlockingRead) {
  Guest guest;
  auto interrupt = std::make_shared<Interrupt>();
  interrupt->connect(*ControlBlock::at(guest.block()));
  Pipe pipe;
  DescriptorStream stream(pipe.ends[0], interrupt, nullptr);
  std::thread user([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    interrupt->raise();
  });
  std::uint8_t buffer[8];
  EXPECT_EQ(stream.read(buffer), -EINTR);
  user.join();
  guest.cell(256) = 0;
  ASSERT_EQ(::write(pipe.ends[1], "abc", 3), 3);
  EXPECT_EQ(stream.read(buffer), 3);
}

TEST(DescriptorStream, ReadsToTheEndAndTellsOfAClosedReader) {
  ::signal(SIGPIPE, SIG_IGN);
  auto interrupt = std::make_shared<Interrupt>();
  Pipe pipe;
  DescriptorStream reader(pipe.ends[0], interrupt, nullptr),
      writer(pipe.ends[1], interrupt, nullptr);
  EXPECT_FALSE(reader.is_terminal());
  const std::uint8_t data[] = {1, 2, 3};
  EXPECT_EQ(writer.write(data), 0);
  std::uint8_t buffer[2];
  EXPECT_EQ(reader.read(buffer), 2);
  EXPECT_EQ(reader.read(buffer), 1);
  ::close(std::exchange(pipe.ends[0], -1));
  EXPECT_EQ(writer.write(data), EPIPE);
}

TEST(DescriptorStream, WritesAllToASlowNonBlockingReader) {
  auto interrupt = std::make_shared<Interrupt>();
  Pipe pipe;
  ASSERT_EQ(::fcntl(pipe.ends[1], F_SETFL, O_NONBLOCK), 0);
  DescriptorStream reader(pipe.ends[0], interrupt, nullptr),
      writer(pipe.ends[1], interrupt, nullptr);
  const std::vector<std::uint8_t> data(1 << 20, 7);
  std::size_t got = 0;
  std::thread other([&] {
    std::vector<std::uint8_t> buffer(4096);
    while (got < data.size()) got += static_cast<std::size_t>(reader.read(buffer));
  });
  EXPECT_EQ(writer.write(data), 0);
  other.join();
  EXPECT_EQ(got, data.size());
}

TEST(DescriptorStream, KeepsWhyAWriteFailed) {
  auto interrupt = std::make_shared<Interrupt>();
  const int full = ::open("/dev/full", O_WRONLY);
  ASSERT_GE(full, 0);
  StandardStreams streams;
  streams.output = std::make_shared<DescriptorStream>(full, interrupt, nullptr);
  EXPECT_FALSE(streams.failure());
  const std::uint8_t data[] = {1};
  EXPECT_EQ(streams.output->write(data), ENOSPC);
  ASSERT_TRUE(streams.failure());
  EXPECT_NE(streams.failure()->text().find("No space left on device"), std::string::npos);
  ::close(full);
}

TEST(Prompt, IsTheUnfinishedLine) {
  Prompt prompt;
  prompt.note("hello\nname");
  prompt.note(": ");
  EXPECT_EQ(prompt.text(), "name: ");
  prompt.note("a\nb\n");
  EXPECT_EQ(prompt.text(), "");
  prompt.note(std::string(100000, 'x'));
  EXPECT_EQ(prompt.text(), "");
}

}  // namespace
}  // namespace pylon::runtime
