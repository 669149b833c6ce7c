#include "snapshot/control_block.hh"

#include <array>

namespace pylon::snapshot {

namespace {

// The place of each word; six others, for interrupts, lie between state and library.
enum Word {
  kMagicWord,
  kVersionWord,
  kSelf,
  kMemorySize,
  kImageStart,
  kState,
  kLibrary = 10,
  kLibrarySize,
  kFarWord,
  kFarValue,
  kWords
};

}  // namespace

Result<ControlBlock> ControlBlock::read(std::span<const std::uint8_t> bytes) {
  std::array<std::uint32_t, kWords> words{};
  if (bytes.size() < 4 * words.size())
    return fail(ErrorKind::kInternal, "python.wasm's control block is too short");
  for (std::size_t i = 0; i < 4 * words.size(); ++i)
    words[i / 4] |= std::uint32_t{bytes[i]} << (8 * (i % 4));
  if (words[kMagicWord] != kMagic || words[kVersionWord] != kVersion)
    return fail(ErrorKind::kInternal,
                "python.wasm's control block has another format than this program knows",
                "use the pylon and python.wasm of one build");
  return ControlBlock{words[kSelf],  words[kMemorySize], words[kImageStart],
                      words[kState], words[kLibrary],    words[kLibrarySize]};
}

void ControlBlock::set_far_word(std::span<std::uint8_t> block, std::uint32_t address,
                                std::uint32_t value) {
  auto put = [&](Word word, std::uint32_t content) {
    for (std::size_t i = 0; i < 4; ++i)
      block[4 * std::size_t{word} + i] = static_cast<std::uint8_t>(content >> (8 * i));
  };
  put(kFarWord, address);
  put(kFarValue, value);
}

}  // namespace pylon::snapshot
