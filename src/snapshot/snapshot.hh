// Makes the snapshot: the compiled interpreter with the memory image of an initialised one.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "base/error.hh"
#include "engine/engine.hh"

namespace pylon::snapshot {

/// Starts the interpreter of `cold` (a compiled file with its image record beside it) with the
/// standard library in `library` (a directory named as the interpreter expects: python3.14), lets
/// it initialise itself, and writes a copy of the file with the memory it then has to `output`. A
/// trial start of that copy tells which pages every start uses (StartPages).
/// The interpreter sees `environment` and nothing else.
/// Every call gives another secret for string hashes. Needs no compiler; takes about a second. On
/// failure `output` is as it was. What the guest printed is part of the error if it cannot start;
/// more memory than the image has room for is kInternal.
Result<void> make_snapshot(const engine::Engine& engine, const std::filesystem::path& cold,
                           const std::filesystem::path& library,
                           const std::filesystem::path& output,
                           std::vector<std::pair<std::string, std::string>> environment = {});

}  // namespace pylon::snapshot
