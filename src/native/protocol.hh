// How native code and the component around it talk: which numbers stand for what, and where
// arguments lie.
#pragma once

#include <cstdint>

#include "wasm/module.hh"

namespace pylon::native {

/// The component-level import through which the gate and the native code change places.
inline constexpr const char* kInterface = "pylon:native/core@0.1.0";

/// Exports with names that begin so are for extensions of the component (src/link/extension.hh),
/// which there are none of around native code.
inline constexpr const char* kForExtensions = "extension/";

/// Guest address of the mailbox: arguments and results of a call between the gate and the native
/// code, eight bytes each. The lowest KiB of a fused module's memory belongs to nothing else
/// (src/fuse).
constexpr std::uint32_t kMail = 512;
constexpr std::uint32_t kMailSlots = 24;

/// What native code asks the gate for; the numbers up to the number of imports are these.
struct Operations {
  std::uint32_t grow;  ///< memory.grow: pages in the mailbox, answer there
  std::uint32_t size;  ///< memory.size
  std::uint32_t done;  ///< the export that was called has returned, its result is in the mailbox
};

inline Operations operations_of(const wasm::Module& module) {
  const std::uint32_t imports = module.imported(wasm::ExternKind::kFunction);
  return {imports, imports + 1, imports + 2};
}

/// What the gate tells native code: go on, or call the export of number n (kCall + n).
constexpr std::uint32_t kResume = 0;
constexpr std::uint32_t kCall = 1;

}  // namespace pylon::native
