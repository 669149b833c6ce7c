// Bytecode for Python modules that lie on the host, made by the interpreter in a sandbox.
#pragma once

#include <filesystem>

#include "base/error.hh"

namespace pylon::runtime {

/// Puts bytecode beside the modules below `directory`, in the folders __pycache__. `launcher` (an
/// install's bin/pylon) compiles a copy of them in a run that sees nothing else, and of what it
/// leaves only the bytecode of these modules is taken. It is never compared with its source (PEP
/// 552, unchecked), so the two have to be kept together. A module that does not compile has none.
Result<void> compile_modules(const std::filesystem::path& launcher,
                             const std::filesystem::path& directory);

}  // namespace pylon::runtime
