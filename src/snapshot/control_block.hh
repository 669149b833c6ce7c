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

  /// Reads the block from guest memory; another magic number or version, or too few bytes, is
  /// kInternal.
  static Result<ControlBlock> read(std::span<const std::uint8_t> bytes);
};

}  // namespace pylon::snapshot
