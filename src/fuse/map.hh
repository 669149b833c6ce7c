// The linker's map: what was put where and which definition was used, for people and for tests.
#pragma once

#include <string>

#include "fuse/linkage.hh"

namespace pylon::fuse {

/// The map as JSON text, version 1: memory layout, libraries in order of initialisation, duplicate
/// names (used, hidden), wraps, weak undefined names, exports, needed files that were not given.
/// Addresses are decimal numbers. Deterministic.
std::string write_map(const Linkage& linkage);

}  // namespace pylon::fuse
