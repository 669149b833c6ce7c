// The custom section "dylink.0" of a position-independent module.
// Format: https://github.com/WebAssembly/tool-conventions/blob/main/DynamicLinking.md
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "wasm/module.hh"

namespace pylon::wasm {

/// What a position-independent module asks of its linker.
struct Dylink {
  std::uint32_t memory_size = 0;
  std::uint32_t memory_alignment = 0;  ///< as a power of two: 4 means 16 bytes
  std::uint32_t table_size = 0;
  std::uint32_t table_alignment = 0;
  std::vector<std::string> needed;          ///< file names of the libraries it was linked against
  std::vector<std::string> weak_imports;    ///< names that may stay undefined
  std::vector<std::string> thread_exports;  ///< exports that live in thread-local storage
};

/// Reads the section. A module without one is an error of kind kInput; a malformed one is kCorrupt.
Result<Dylink> read_dylink(const Module& module);

}  // namespace pylon::wasm
