// A command line, taken apart by the tables.
#pragma once

#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "composectl/command.hh"

namespace pylon::composectl {

/// Which command is meant, with which operands and options; and where things are.
class Invocation {
 public:
  /// Parses the words behind the program's name. kUsage with a suggestion for what is mistyped.
  static Result<Invocation> parse(std::span<const std::string_view> words);

  /// Null: help on everything, or on `noun` alone.
  const Command* command = nullptr;
  const Noun* noun = nullptr;

  std::vector<std::string> operands;

  bool has(std::string_view option) const { return options_.find(option) != options_.end(); }
  /// The last value of an option, or `otherwise`.
  std::string value(std::string_view option, std::string_view otherwise = "") const;
  /// All values of an option that may be repeated.
  std::vector<std::string> values(std::string_view option) const;
  bool dry_run() const { return has("--dry-run"); }

  /// The person's directory: --home, $XDG_DATA_HOME/pylon, ~/.local/share/pylon.
  std::filesystem::path home() const;
  /// lib/pylon of the install tree; it need not exist.
  std::filesystem::path install() const;
  /// The root of the install tree.
  std::filesystem::path install_root() const;

 private:
  Result<void> take_option(std::string_view word, std::span<const std::string_view>& rest);
  Result<void> check_operands() const;
  const Option* find(std::string_view name) const;

  std::map<std::string, std::vector<std::string>, std::less<>> options_;
};

/// True if --json is among the words: how an error of the command line itself is reported.
bool wants_json(std::span<const std::string_view> words);

}  // namespace pylon::composectl
