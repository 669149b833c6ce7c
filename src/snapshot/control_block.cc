#include "snapshot/control_block.hh"

#include <array>

namespace pylon::snapshot {

Result<ControlBlock> ControlBlock::read(std::span<const std::uint8_t> bytes) {
  std::array<std::uint32_t, 6> words{};
  if (bytes.size() < 4 * words.size())
    return fail(ErrorKind::kInternal, "python.wasm's control block is too short");
  for (std::size_t i = 0; i < 4 * words.size(); ++i)
    words[i / 4] |= std::uint32_t{bytes[i]} << (8 * (i % 4));
  if (words[0] != kMagic || words[1] != kVersion)
    return fail(ErrorKind::kInternal,
                "python.wasm's control block has another format than this program knows",
                "use the pylon and python.wasm of one build");
  return ControlBlock{words[2], words[3], words[4], words[5]};
}

}  // namespace pylon::snapshot
