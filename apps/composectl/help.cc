#include "composectl/help.hh"

#include "cli/help_format.hh"

namespace pylon::composectl {
namespace {

using cli::entry;
using cli::escaped;
using cli::man_entry;
using cli::wrapped;

constexpr std::string_view kSummary =
    "Makes, signs and examines plans; keeps the blobs they name; says whom to trust. A plan runs "
    "only if a key that the "
    "trust store knows signed it, or if it, or each digest in it, is trusted.";

std::string spelling(const Noun& noun, const Command& command) {
  std::string out(noun.name);
  if (!command.verb.empty()) out += " " + std::string(command.verb);
  if (!command.operands.empty()) out += " " + std::string(command.operands);
  return out;
}

std::string spelling(const Option& option) {
  return std::string(option.name) + (option.value.empty() ? "" : "=" + std::string(option.value));
}

std::string option_entries(const Command& command) {
  std::string out;
  for (const Option& option : command.options) out += entry(spelling(option), option.help);
  if (command.writes) out += entry(spelling(dry_run_option()), dry_run_option().help);
  return out;
}

std::string common_entries() {
  std::string out = "\nOptions of every command:\n";
  for (const Option& option : common_options()) out += entry(spelling(option), option.help);
  return out;
}

std::string help_on(const Noun& noun, const Command& command) {
  std::string out =
      "usage: composectl " + spelling(noun, command) + "\n\n" + wrapped(command.help, 0, 0);
  const std::string options = option_entries(command);
  if (!options.empty()) out += "\nOptions:\n" + options;
  return out + common_entries();
}

std::string help_on(const Noun& noun) {
  std::string out =
      std::string(noun.name) + ": " + wrapped(noun.help, 0, noun.name.size() + 2) + "\n";
  for (const Command& command : noun.commands) out += entry(spelling(noun, command), command.help);
  return out + common_entries();
}

}  // namespace

std::string help_text(const Invocation& line) {
  if (line.command) return help_on(*line.noun, *line.command);
  if (line.noun) return help_on(*line.noun);
  std::string out = "usage: composectl NOUN VERB [OPERAND]... [--OPTION[=VALUE]]...\n\n" +
                    wrapped(kSummary, 0, 0);
  for (const Noun* noun : nouns()) {
    out += "\n" + std::string(noun->name) + ": " + wrapped(noun->help, 0, noun->name.size() + 2);
    for (const Command& command : noun->commands)
      out += entry(spelling(*noun, command), command.help);
  }
  out += common_entries() + "\nExit codes:\n";
  for (const ExitCodeMeaning& code : exit_codes())
    out += entry(std::to_string(code.code), code.meaning);
  return out;
}

std::string manual_page() {
  std::string out = ".TH COMPOSECTL 1 \"\" \"pylon " PYLON_VERSION "\" \"User Commands\"\n";
  out += ".SH NAME\ncomposectl \\- plans, blobs and trust of Pylon\n";
  out += ".SH SYNOPSIS\n.nf\n";
  for (const Noun* noun : nouns())
    for (const Command& command : noun->commands)
      out += escaped("composectl " + spelling(*noun, command)) + "\n";
  out += ".fi\n.SH DESCRIPTION\n" + escaped(kSummary) + "\n";
  for (const Noun* noun : nouns()) {
    out += ".SH " + escaped(noun->name) + "\n" + escaped(noun->help) + ".\n";
    for (const Command& command : noun->commands) {
      out += man_entry("composectl " + spelling(*noun, command), command.help) + ".RS\n";
      for (const Option& option : command.options) out += man_entry(spelling(option), option.help);
      if (command.writes) out += man_entry(spelling(dry_run_option()), dry_run_option().help);
      out += ".RE\n";
    }
  }
  out += ".SH OPTIONS OF EVERY COMMAND\n";
  for (const Option& option : common_options()) out += man_entry(spelling(option), option.help);
  out += ".SH EXIT STATUS\n";
  for (const ExitCodeMeaning& code : exit_codes())
    out += man_entry(std::to_string(code.code), code.meaning);
  return out + ".SH SEE ALSO\n.BR pylon (1), minisign (1)\n";
}

}  // namespace pylon::composectl
