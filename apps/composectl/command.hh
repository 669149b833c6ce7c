// The commands of `composectl`, declared once: the parser, --help, the manual page, the completions
// of shells and the tests read these tables. A noun has a file of its own, <noun>_commands.cc, with
// its table and what the commands do.
#pragma once

#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>

#include "base/error.hh"
#include "runtime/exit_code.hh"

namespace pylon::composectl {

class Invocation;

using Json = nlohmann::ordered_json;

/// What an operand or an option's value is, for completion.
enum class Kind {
  kText,
  kFile,
  kDirectory,
  kPlan,       ///< a plan file
  kComponent,  ///< ID=DIGEST
};

/// An option of a command.
struct Option {
  std::string_view name;   ///< with its dashes
  std::string_view value;  ///< the value's name in help; empty: it takes none
  Kind kind;
  std::string_view help;
};

/// What a command says when it is done.
struct Answer {
  Json json;         ///< with --json
  std::string text;  ///< otherwise
  int exit_code = 0;
};

/// One command.
struct Command {
  std::string_view verb;      ///< empty: the noun alone is the command
  std::string_view operands;  ///< as help shows them: "FILE", "[FILE]", "ID=DIGEST..."
  Kind operand_kind;
  std::size_t least;  ///< operands
  std::size_t most;
  std::span<const Option> options;
  bool writes;  ///< it changes something, and takes --dry-run
  std::string_view help;
  Result<Answer> (*run)(const Invocation&);
};

/// The commands about one thing.
struct Noun {
  std::string_view name;
  std::string_view help;
  std::span<const Command> commands;
};

/// Any number of operands.
inline constexpr std::size_t kMany = 1'000'000;

/// All nouns, in the order in which help shows them.
std::span<const Noun* const> nouns();

/// Options that every command takes.
std::span<const Option> common_options();
/// --dry-run.
const Option& dry_run_option();

/// Exit codes.
inline constexpr int kExitOk = 0;
inline constexpr int kExitNo = 1;      ///< the answer is no: refused, different, damaged, missing
inline constexpr int kExitUsage = 2;   ///< the command line or an input is wrong
inline constexpr int kExitFailed = 3;  ///< the system refused something, or composectl is broken

using runtime::ExitCodeMeaning;
std::span<const ExitCodeMeaning> exit_codes();
int exit_code_of(ErrorKind kind);

}  // namespace pylon::composectl
