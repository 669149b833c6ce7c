// A memory image as the data of a module: the runs of bytes that are not zero.
#pragma once

#include <cstdint>
#include <vector>

#include "wasm/memory_image.hh"

namespace pylon::snapshot {

/// A run of bytes at a guest address.
struct ImageRun {
  std::uint32_t address = 0;
  wasm::ByteView bytes;
};

/// The runs of an image, ascending. Zeros are left out where kGap of them or more come together.
std::vector<ImageRun> image_runs(const wasm::MemoryImage& image);
inline constexpr std::size_t kGap = 24;  ///< a segment of its own costs some ten bytes

/// The same module with these data, and everything else unchanged.
Bytes with_data(const wasm::Module& module, const std::vector<ImageRun>& runs);

}  // namespace pylon::snapshot
