// A core module as C for a compiler of the host: the same functions, ahead of time, over linear
// memory in a segment.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/error.hh"
#include "wasm/module.hh"

namespace pylon::native {

/// The exports that native code answers, in the order of their numbers: all functions but
/// cabi_realloc, which the gate keeps (it runs while the component may not call out), those for
/// extensions, and those between a module and the host.
std::vector<const wasm::Export*> native_exports(const wasm::Module& module);

/// kInput unless the module has a native form as far as its declarations tell: one memory of its
/// own, functions with at most one result, numbers only.
Result<void> check_form(const wasm::Module& module);

/// Writes the module as C and assembly into `directory`: module.h, `parts` files of about the same
/// size with the functions (part-0.c...), glue.c and table.s; they need support.h of this room.
/// Returns the names of the files to compile. The same module gives the same bytes. What has no
/// native form is kInput.
Result<std::vector<std::string>> translate(const wasm::Module& module,
                                           const std::filesystem::path& directory, unsigned parts);

}  // namespace pylon::native
