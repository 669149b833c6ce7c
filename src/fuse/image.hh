// The memory image of one library while it is linked: its data segments at their final addresses,
// relocated.
#pragma once

#include <cstdint>
#include <vector>

#include "base/file.hh"
#include "fuse/linkage.hh"

namespace pylon::fuse {

/// Initial bytes at a fixed address.
struct PlacedData {
  std::uint32_t address = 0;
  Bytes bytes;
};

/// A library with every constant known.
struct LibraryImage {
  std::vector<std::optional<std::uint32_t>>
      globals;                   ///< values of all globals; empty: not constant (the stack pointer)
  std::vector<PlacedData> data;  ///< in the order of the file
  std::vector<std::uint32_t> element_starts;  ///< first slot of each element segment
  std::size_t relocations = 0;                ///< words written
};

/// Places the data of a library and runs, now, what its dynamic linker would run at every start:
/// the start function and `__wasm_apply_data_relocs`. They may add, load, store and clear; a store
/// outside the library's data segments, a call or anything else is an error of kind kCorrupt that
/// names the instruction's place.
Result<LibraryImage> make_image(const Linkage& linkage, const Library& library);

}  // namespace pylon::fuse
