// The control block: the words through which the host finds the interpreter's memory
// (python/control.c).
#pragma once

#include <cstdint>
#include <span>

#include "base/error.hh"

namespace pylon::snapshot {

/// The block's first words. Addresses are the guest's.
struct ControlBlock {
  static constexpr std::uint32_t kMagic = 0x4C594350, kVersion = 1;
  static constexpr std::uint32_t kCold = 0, kInitialised = 1;

  std::uint32_t self = 0;         ///< address of the block itself
  std::uint32_t memory_size = 0;  ///< bytes of memory now
  std::uint32_t image_start = 0;  ///< end of the stack
  std::uint32_t state = kCold;
  std::uint32_t library = 0;       ///< address of the room for a library inside; 0: it is outside
  std::uint32_t library_size = 0;  ///< bytes of that room

  /// Writes into a block the word that a composed file leaves out of its data, for the guest to
  /// store.
  static void set_far_word(std::span<std::uint8_t> block, std::uint32_t address,
                           std::uint32_t value);

  /// Reads the block from guest memory; another magic number or version, or too few bytes, is
  /// kInternal.
  static Result<ControlBlock> read(std::span<const std::uint8_t> bytes);
};

}  // namespace pylon::snapshot
