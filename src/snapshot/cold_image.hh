// Compiles the interpreter ahead of time, with its cold image in exchangeable form.
#pragma once

#include <filesystem>

#include "base/error.hh"
#include "engine/engine.hh"

namespace pylon::snapshot {

/// Compiles the component `wasm` to `cwasm` and writes the image record beside it. Takes about 20 s
/// of processor time. Only programs with the engine's compiler have it.
Result<void> make_cold_image(const engine::Engine& engine, const std::filesystem::path& wasm,
                             const std::filesystem::path& cwasm);

}  // namespace pylon::snapshot
