#include "snapshot/start_pages.hh"

#include <sys/mman.h>

#include <algorithm>

namespace pylon::snapshot {
namespace {

constexpr std::size_t kPage = 4096;
constexpr std::size_t kTable = 64;  // its place in the block: after sixteen words
constexpr std::size_t kRunBytes = 4;

std::uint16_t word(const std::uint8_t* at) {
  return static_cast<std::uint16_t>(at[0] | at[1] << 8);
}

void put(std::uint8_t* at, std::uint16_t value) {
  at[0] = static_cast<std::uint8_t>(value);
  at[1] = static_cast<std::uint8_t>(value >> 8);
}

std::vector<PageRun> joined(std::span<const std::uint16_t> pages, unsigned gap) {
  std::vector<PageRun> runs;
  for (std::uint16_t page : pages) {
    const unsigned end = runs.empty() ? 0 : runs.back().first + runs.back().count;
    if (!runs.empty() && page < end + gap)
      runs.back().count = static_cast<std::uint16_t>(page - runs.back().first + 1);
    else
      runs.push_back({page, 1});
  }
  return runs;
}

}  // namespace

bool StartPages::room_in(std::span<const std::uint8_t> block) {
  return block.size() >= kTable + kCapacity * kRunBytes;
}

StartPages StartPages::of(std::span<const std::uint16_t> pages) {
  StartPages out;
  // A page costs several times what a call costs: none is taken along without need.
  for (unsigned gap = 1; out.runs_ = joined(pages, gap), out.runs_.size() > kCapacity;) gap *= 2;
  return out;
}

StartPages StartPages::read(std::span<const std::uint8_t> block, std::uint32_t memory_size) {
  StartPages out;
  for (std::size_t i = 0; i < kCapacity; ++i) {
    const std::uint8_t* at = block.data() + kTable + i * kRunBytes;
    const PageRun run{word(at), word(at + 2)};
    if (run.count == 0 || (run.first + run.count) * std::uint64_t{kPage} > memory_size) break;
    out.runs_.push_back(run);
  }
  return out;
}

void StartPages::write(std::span<std::uint8_t> block) const {
  std::fill_n(block.begin() + kTable, kCapacity * kRunBytes, std::uint8_t{0});
  std::uint8_t* at = block.data() + kTable;
  for (const PageRun& run : runs_) {
    put(at, run.first);
    put(at + 2, run.count);
    at += kRunBytes;
  }
}

void StartPages::provide(const std::uint8_t* memory) const {
#ifdef MADV_POPULATE_WRITE
  // Where the system does not know this, writing to a page provides it, as ever.
  for (const PageRun& run : runs_)
    ::madvise(const_cast<std::uint8_t*>(memory) + run.first * kPage, run.count * kPage,
              MADV_POPULATE_WRITE);
#endif
}

Result<void> provide_start_pages(std::span<const std::uint8_t> block) {
  if (!StartPages::room_in(block)) return {};
  PYLON_TRY(control, ControlBlock::read(block));
  StartPages::read(block, control.memory_size).provide(block.data() - control.self);
  return {};
}

}  // namespace pylon::snapshot
