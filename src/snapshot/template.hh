// The form of a component in which its memory image can be exchanged after compilation.
#pragma once

#include <string>

#include "base/file.hh"
#include "wasm/component.hh"
#include "wasm/memory_image.hh"

namespace pylon::snapshot {

/// A component whose fused module has its whole initial memory, from the end of the stack to the
/// end of the initial memory, in one data segment. The engine's compiler keeps such a segment as it
/// is, aligned to pages, so it can be found and overwritten in the compiled file.
struct Template {
  Bytes component;
  /// What the segment holds: the cold image, but for the last byte, which is kEndMark instead of 0
  /// because the compiler drops zeros at the end.
  wasm::MemoryImage marked;
};

inline constexpr std::uint8_t kEndMark = 1;

/// The fused module of a component, and the section that it is.
struct FusedModule {
  std::size_t section;
  wasm::Module module;
};

/// Finds it; none or more than one is kInput. `name` stands for the file in messages.
Result<FusedModule> find_fused(const wasm::Component& component, const std::string& name);

/// Makes the template of a component. It must contain exactly one fused module, with no start
/// function and no mutable global beside the stack pointer: a memory image carries nothing else.
/// `name` stands for the file in messages.
Result<Template> make_template(Bytes component, const std::string& name);

/// The image that the program starts from when nothing has run yet: a marked one with the mark
/// taken out.
wasm::MemoryImage cold_image(wasm::MemoryImage marked);

}  // namespace pylon::snapshot
