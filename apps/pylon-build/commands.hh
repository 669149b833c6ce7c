// The subcommands of pylon-build. Each adds itself to the command line and runs when it was chosen.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <string_view>

#include "base/error.hh"

namespace pylon::build {

/// What a chosen subcommand does.
using Action = std::function<Result<void>()>;

/// Adds one or more subcommands; the action of the one that the command line names goes to
/// `chosen`.
using AddCommand = void (*)(CLI::App& app, Action& chosen);

void add_fuse_command(CLI::App& app, Action& chosen);
void add_native_command(CLI::App& app, Action& chosen);
/// images, snapshot, manifest
void add_image_commands(CLI::App& app, Action& chosen);

/// library
void add_library_command(CLI::App& app, Action& chosen);

/// component, facades
void add_plan_commands(CLI::App& app, Action& chosen);

/// Says on standard error what is being done.
void say(std::string_view what);

}  // namespace pylon::build
