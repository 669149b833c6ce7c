#include "pylon/help.hh"

#include <string_view>

#include "cli/help_format.hh"
#include "pylon/options.hh"
#include "pylon/version.hh"
#include "runtime/environment_grants.hh"
#include "runtime/exit_code.hh"

namespace pylon::launcher {
namespace {

using cli::entry;
using cli::escaped;
using cli::man_entry;
using cli::wrapped;

constexpr std::string_view kUsage =
    "pylon [--launcher-option[=value]]... [CPython option]... [script | -c CODE | -m MODULE | -] "
    "[argument]...";

constexpr std::string_view kSummary =
    "Runs a Python program in a sandbox: it may read its own directory (the working directory for "
    "-c, -m, - and the "
    "interactive prompt) and the entries of PYTHONPATH; whatever else it needs is granted by a "
    "flag. Without a program, "
    "standard input is read, interactively if it is a terminal.";

constexpr std::string_view kEnvironment =
    "Variables that configure CPython (PYTHON*) reach the program unless -E or -I is given; TERM, "
    "COLUMNS, LINES, "
    "NO_COLOR and FORCE_COLOR do if a standard stream is a terminal; all others only by "
    "--allow-env.";

std::string spelling(const Option& option) {
  std::string out(option.name);
  const bool equals = option.owner == Owner::kLauncher;
  const std::string value(option.value);
  if (option.takes == Takes::kRequired) out += (equals ? "=" : " ") + value;
  if (option.takes == Takes::kOptional) out += "[=" + value + "]";
  if (!option.alias.empty()) out += ", " + std::string(option.alias);
  return out;
}

std::string option_entries(Owner owner) {
  std::string out;
  for (const Option& option : options())
    if (option.owner == owner) out += entry(spelling(option), option.help);
  return out;
}

std::string with_arguments(const Command& command) {
  std::string out = "pylon " + std::string(command.name);
  if (!command.arguments.empty()) out += " " + std::string(command.arguments);
  return out;
}

}  // namespace

std::string help_text() {
  std::string out = "usage: " + std::string(kUsage) + "\n";
  for (const Command& command : commands()) out += "       " + with_arguments(command) + "\n";
  out += "\n" + wrapped(kSummary, 0, 0);
  out += "\nLauncher options, before CPython's:\n" + option_entries(Owner::kLauncher);
  out += "\nCPython options, with CPython's meaning; short ones combine:\n" +
         option_entries(Owner::kCpython);
  out += "\nCommands, if no file has that name; each takes --json:\n";
  for (const Command& command : commands())
    out += entry(with_arguments(command).substr(6), command.help);
  out += "\nEnvironment:\n  " + wrapped(kEnvironment, 2, 2);
  out += "\nExit codes (all others are the program's own):\n";
  for (const runtime::ExitCodeMeaning& code : runtime::exit_codes())
    out += entry(std::to_string(code.code), code.meaning);
  return out;
}

std::string manual_page() {
  std::string out = ".TH PYLON 1 \"\" \"pylon " + std::string(kVersion) + "\" \"User Commands\"\n";
  out += ".SH NAME\npylon \\- run Python programs in a sandbox\n";
  out += ".SH SYNOPSIS\n.nf\n" + escaped(kUsage) + "\n";
  for (const Command& command : commands()) out += escaped(with_arguments(command)) + "\n";
  out += ".fi\n.SH DESCRIPTION\n" + escaped(kSummary) + "\n";
  out +=
      ".SH LAUNCHER OPTIONS\nThese come before CPython's options; those with a PATH, NAME or HOST "
      "may be repeated.\n";
  for (const Option& option : options())
    if (option.owner == Owner::kLauncher) out += man_entry(spelling(option), option.help);
  out +=
      ".SH CPYTHON OPTIONS\nThese have CPython's meaning; short ones combine. A program that needs "
      "none of those "
      "marked (cold) starts from a snapshot of the initialised interpreter.\n";
  for (const Option& option : options())
    if (option.owner == Owner::kCpython)
      out += man_entry(spelling(option),
                       std::string(option.help) + (option.snapshot ? "" : " (cold)"));
  out +=
      ".SH COMMANDS\nA first word is a command only if no file in the working directory has its "
      "name.\n";
  for (const Command& command : commands()) out += man_entry(with_arguments(command), command.help);
  out += ".SH ENVIRONMENT\n" + escaped(kEnvironment) + "\n";
  out += "A run with one of these variables set goes through CPython's whole start-up:\n";
  std::string names;
  for (const runtime::PythonVariable& variable : runtime::python_variables())
    if (!variable.snapshot) names += (names.empty() ? "" : ", ") + std::string(variable.name);
  out += escaped(names) + ".\n.SH EXIT STATUS\nThe program's own, or one of these:\n";
  for (const runtime::ExitCodeMeaning& code : runtime::exit_codes())
    out += man_entry(std::to_string(code.code), code.meaning);
  return out;
}

}  // namespace pylon::launcher
