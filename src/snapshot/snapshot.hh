// Makes the snapshot: the compiled interpreter with the memory image of an initialised one.
#pragma once

#include <filesystem>

#include "base/error.hh"
#include "engine/engine.hh"
#include "snapshot/guest_session.hh"

namespace pylon::snapshot {

/// Starts the interpreter of `cold` (a compiled file with its image record beside it) with the
/// modules that it needs, lets it initialise itself, and writes a copy of the file with the memory
/// it then has to `output`. A trial start of that copy tells which pages every start uses
/// (StartPages). The interpreter sees `modules` and `environment` and nothing else. Every call
/// gives another secret for string hashes. Needs no compiler; takes about a second. On failure
/// `output` is as it was. What the guest printed is part of the error if it cannot start; more
/// memory than the image has room for is kInternal.
Result<void> make_snapshot(const engine::Engine& engine, const std::filesystem::path& cold,
                           const GuestModules& modules, const std::filesystem::path& output,
                           Environment environment = {});

}  // namespace pylon::snapshot
