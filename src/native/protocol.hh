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

/// Exports with names that begin so are between a module and the native host, and no part of the
/// gate. A module that has them all may have several stacks: threads that take turns. They are
///   native/make-stack(size, bell, pages) -> number: a new stack, for a thread that has `size`
///   bytes
///     of stack in linear memory; 0 if there can be none. `bell` is the address of a Bell, `pages`
///     what memory.size says now: both lie in memory.
///   native/change-stack(number): goes on where the stack of that number was left, and returns when
///     somebody comes back to this one. 0 is the first stack.
///   native/drop-stack(number): gives back a stack that is not the present one.
///   native/thread(): what a new stack begins with; it never returns.
/// The host stands for the first three: what the module itself has under these names is what a host
/// without stacks does.
inline constexpr const char* kBetween = "native/";
inline constexpr const char* kMakeStack = "native/make-stack";
inline constexpr const char* kChangeStack = "native/change-stack";
inline constexpr const char* kDropStack = "native/drop-stack";
inline constexpr const char* kThread = "native/thread";

/// Words in guest memory by which the host tells that the thread that runs has had its turn. As
/// long as there is more than one stack, every `interval` microseconds of processor time (0: as
/// often as CPython does unless told otherwise) it sets `rung` to 1 and, unless `cell` is 0, the
/// bits `bits` in the word whose address that is.
struct Bell {
  std::uint32_t rung, cell, bits, interval;
};

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
