// What stays WebAssembly of a module whose functions run as native code: the memory, its allocator,
// and the way in and out.
#pragma once

#include "base/file.hh"
#include "wasm/module.hh"

namespace pylon::native {

/// Two modules that wasm-merge makes one. It has the imports, the exports, the memory and the data
/// of the original; each export hands its arguments to native code (pylon:native/core.switch) and
/// then makes the calls of imports and the growths of memory that the native code asks for
/// (protocol.hh), until it has its result.
struct Gate {
  Bytes inner;  ///< to merge under kInnerName: the original's memory, data and cabi_realloc
  Bytes outer;  ///< to merge under any other name
};

inline constexpr const char* kInnerName = "inner";

/// The gate of a module that translate() accepts.
Result<Gate> make_gate(const wasm::Module& module);

}  // namespace pylon::native
