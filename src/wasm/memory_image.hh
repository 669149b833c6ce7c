// The initial content of a module's memory as one run of bytes.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/file.hh"
#include "wasm/module.hh"

namespace pylon::wasm {

/// What a fused module's data begin with, right above its stack. No library owns these bytes and
/// nothing writes them.
inline constexpr std::string_view kImageHeader = "pylon image v1\n";
inline constexpr std::uint32_t kImageHeaderSize = 16;

/// Memory from `start` to the end of the initial memory.
struct MemoryImage {
  std::uint32_t start = 0;
  Bytes bytes;
};

/// True if the module has the form of a fused one: a memory of its own whose data begin with
/// kImageHeader.
bool is_fused(const Module& module);

/// The initial memory of a fused module, from its image header on. Data below it or beyond the
/// initial memory, passive segments or computed addresses are kCorrupt.
Result<MemoryImage> initial_image(const Module& module);

/// The same module with all of its data in one segment, `image`, and everything else unchanged.
Bytes with_image(const Module& module, const MemoryImage& image);

}  // namespace pylon::wasm
