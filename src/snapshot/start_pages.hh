// The pages of guest memory that every start uses: found by a trial start when the snapshot is
// made, and made ready for a run in a few calls instead of a page fault each.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/error.hh"
#include "snapshot/control_block.hh"

namespace pylon::snapshot {

/// Consecutive pages of 4 KiB of guest memory.
struct PageRun {
  std::uint16_t first = 0;  ///< the first one's address divided by 4096
  std::uint16_t count = 0;  ///< 0 ends a table

  bool operator==(const PageRun&) const = default;
};

/// The table of runs at the end of a control block, which the guest reserves and never reads.
class StartPages {
 public:
  static constexpr std::size_t kCapacity = 256;  ///< runs in a table

  /// True if a block is long enough to have the table.
  static bool room_in(std::span<const std::uint8_t> block);

  /// Runs of these pages, which ascend; were they more than kCapacity, near ones are joined, with
  /// what lies between, as near as need be.
  static StartPages of(std::span<const std::uint16_t> pages);

  /// The table of a block that has room for it; what exceeds `memory_size` bytes is left out.
  static StartPages read(std::span<const std::uint8_t> block, std::uint32_t memory_size);
  void write(std::span<std::uint8_t> block) const;

  /// Makes the pages present and private in the guest memory at `memory`, as writing to them would.
  void provide(const std::uint8_t* memory) const;

  const std::vector<PageRun>& runs() const { return runs_; }

 private:
  std::vector<PageRun> runs_;
};

/// Provides the start pages of a guest that has not yet run; `block` is its control block, in its
/// memory. A block without a table is none of our business.
Result<void> provide_start_pages(std::span<const std::uint8_t> block);

}  // namespace pylon::snapshot
