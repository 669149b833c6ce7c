// Every option of `pylon`, declared once: the launcher's and CPython's. The parser, --help, the man
// page, "did you mean" and the tests read this table.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace pylon::launcher {

/// Whose option it is.
enum class Owner { kLauncher, kCpython };

/// What follows an option.
enum class Takes {
  kNothing,
  kOptional,  ///< `=VALUE` or nothing
  kRequired,  ///< for the launcher `=VALUE` or the next word, for CPython the rest of the word or
              ///< the next one
};

/// What the launcher itself does with an option.
enum class Meaning {
  kAllowAll,
  kAllowRead,
  kAllowWrite,
  kAllowEnvironment,
  kAllowNetwork,
  kTimeout,
  kMaxMemory,
  kPlan,
  kAudit,
  kJson,
  kCold,
  kHelp,
  kVersion,
  kCommand,            ///< -c: the program follows
  kModule,             ///< -m: the program follows
  kInteractive,        ///< -i
  kIgnoreEnvironment,  ///< -E and what implies it
  kInformation,        ///< CPython prints something and exits
  kPassed,             ///< nothing: CPython reads it
};

/// One option.
struct Option {
  std::string_view name;   ///< with its dashes
  std::string_view alias;  ///< a second spelling, or empty
  Owner owner;
  Takes takes;
  std::string_view value;  ///< the value's name in help, or empty
  Meaning meaning;
  bool
      snapshot;  ///< the initialised interpreter honours it; else a run with it uses the cold image
  std::string_view help;
};

/// The whole table, in the order in which help shows it.
std::span<const Option> options();

/// A word that the launcher takes as a command if no file has that name.
struct Command {
  std::string_view name;
  std::string_view arguments;
  std::string_view help;
};
std::span<const Command> commands();

/// The long option of that name or alias ("--json", "-A"), or null.
const Option* find_option(std::string_view name, Owner owner);

/// The known word nearest to a mistyped one (see cli::did_you_mean), among the names of all long
/// options, or among the commands.
std::string similar_option(std::string_view name);
std::string similar_command(std::string_view word);

}  // namespace pylon::launcher
