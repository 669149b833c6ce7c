// The command line, parsed: what the launcher shall do, and what CPython gets to see.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hh"
#include "runtime/default_grants.hh"

namespace pylon::launcher {

/// A parsed command line.
struct CommandLine {
  enum class Action { kRun, kHelp, kVersion, kInfo, kDoctor, kRenew } action = Action::kRun;

  /// A permission flag; no value means everything.
  struct Permission {
    enum class Kind { kRead, kWrite, kEnvironment, kNetwork } kind;
    std::optional<std::string> value;
  };
  std::vector<Permission> permissions;
  bool allow_all = false;
  std::chrono::milliseconds timeout{0};
  std::uint64_t max_memory = 0;
  std::optional<std::string> plan;   ///< --plan
  std::optional<std::string> audit;  ///< --audit; empty: the person's own log
  bool json = false;
  bool repair = false;

  std::string bare_flag;  ///< the permission flag without a value right before the program, if any
  bool cold = false;      ///< an option asks for what only the cold image can do
  bool ignore_environment = false;  ///< -E or -I
  runtime::Program program;
  std::vector<std::string> arguments;  ///< CPython's command line, without the interpreter's name
};

/// The outside world, as far as parsing depends on it.
struct Surroundings {
  bool input_is_terminal = false;
  bool (*exists)(const std::string& path) = nullptr;  ///< is there a file of this name?
};

/// Parses the words after the program's name. A mistake is kUsage, with a hint.
Result<CommandLine> parse_command_line(std::span<const std::string_view> words,
                                       const Surroundings& surroundings);

/// True if the words ask for JSON: known before they are parsed, so that a mistake in them can be
/// told as JSON.
bool wants_json(std::span<const std::string_view> words);

}  // namespace pylon::launcher
