// Writes the linked modules, ready to be merged: each library with its constants folded, and the
// frame that holds them together.
#pragma once

#include "base/file.hh"
#include "fuse/image.hh"
#include "fuse/linkage.hh"

namespace pylon::fuse {

/// The name of the frame module among the merged ones.
inline constexpr std::string_view kFrame = "pylon:frame";

/// The name under which a library's function is exported while modules are merged: unique over all
/// of them.
std::string merge_name(const Library& library, const std::string& function);

/// A library that imports its functions from the libraries that provide them and everything else
/// from the frame, with relocated data, wrapped functions replaced, and no start function.
Result<Bytes> emit_library(const Linkage& linkage, std::size_t library, const LibraryImage& image,
                           bool keep_names);

/// The module that owns the memory, the table, the stack pointer, the constants and the stubs, and
/// that fills the table's linker-made slots. `images` stand in the order of the libraries.
Bytes emit_frame(const Linkage& linkage, const std::vector<LibraryImage>& images);

}  // namespace pylon::fuse
