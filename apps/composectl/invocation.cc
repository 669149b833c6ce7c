#include "composectl/invocation.hh"

#include <algorithm>
#include <cstdlib>

#include "cli/did_you_mean.hh"

namespace pylon::composectl {
namespace {

namespace fs = std::filesystem;

tl::unexpected<Error> unknown(const std::string& what, std::string_view word,
                              std::span<const std::string_view> known,
                              const std::string& otherwise) {
  const std::string near = cli::did_you_mean(word, known);
  return fail(ErrorKind::kUsage, "unknown " + what + " '" + std::string(word) + "'",
              near.empty() ? otherwise : "did you mean " + near + "?");
}

Result<const Noun*> find_noun(std::string_view word) {
  std::vector<std::string_view> known;
  for (const Noun* noun : nouns()) {
    if (noun->name == word) return noun;
    known.push_back(noun->name);
  }
  return unknown("command", word, known, "`composectl --help` lists all");
}

Result<const Command*> find_verb(const Noun& noun, std::string_view word) {
  std::vector<std::string_view> known;
  for (const Command& command : noun.commands) {
    if (command.verb == word) return &command;
    known.push_back(command.verb);
  }
  return unknown(std::string(noun.name) + " command", word, known,
                 "`composectl " + std::string(noun.name) + " --help` lists all");
}

std::string spelled(const Invocation& line) {
  std::string out = "composectl " + std::string(line.noun->name);
  if (!line.command->verb.empty()) out += " " + std::string(line.command->verb);
  return out;
}

bool is_option(std::string_view word) {
  return word.size() > 1 && word.starts_with('-');
}

fs::path environment_path(const char* name) {
  const char* value = std::getenv(name);
  return value && *value ? fs::path(value) : fs::path();
}

}  // namespace

Result<Invocation> Invocation::parse(std::span<const std::string_view> words) {
  Invocation line;
  bool only_operands = false;
  while (!words.empty()) {
    const std::string_view word = words.front();
    words = words.subspan(1);
    if (!only_operands && word == "--") {
      only_operands = true;
    } else if (!only_operands && is_option(word)) {
      PYLON_CHECK(line.take_option(word, words));
    } else if (!line.noun) {
      PYLON_TRY(noun, find_noun(word));
      line.noun = noun;
      if (noun->commands.size() == 1 && noun->commands[0].verb.empty())
        line.command = &noun->commands[0];
    } else if (!line.command) {
      PYLON_TRY(command, find_verb(*line.noun, word));
      line.command = command;
    } else {
      line.operands.emplace_back(word);
    }
  }
  if (line.has("--help")) return line;
  if (!line.noun || !line.command)
    return fail(ErrorKind::kUsage,
                line.noun ? "a command of " + std::string(line.noun->name) + " is missing"
                          : "a command is missing",
                "`composectl " + (line.noun ? std::string(line.noun->name) + " " : "") +
                    "--help` lists all");
  PYLON_CHECK(line.check_operands());
  return line;
}

const Option* Invocation::find(std::string_view name) const {
  if (name == "-o") name = "--output";
  for (const Option& option : common_options())
    if (option.name == name) return &option;
  if (!command) return nullptr;
  if (command->writes && name == dry_run_option().name) return &dry_run_option();
  for (const Option& option : command->options)
    if (option.name == name) return &option;
  return nullptr;
}

Result<void> Invocation::take_option(std::string_view word,
                                     std::span<const std::string_view>& rest) {
  const std::size_t equals = word.find('=');
  const std::string_view name = word.substr(0, equals);
  const Option* option = find(name);
  if (!option) {
    std::vector<std::string_view> known;
    for (const Option& one : common_options()) known.push_back(one.name);
    if (command)
      for (const Option& one : command->options) known.push_back(one.name);
    if (command && command->writes) known.push_back(dry_run_option().name);
    return unknown(
        "option", name, known,
        command ? "`" + spelled(*this) + " --help` lists all"
                : "options of a command come behind its name; `composectl --help` lists all");
  }
  std::string value;
  if (option->value.empty() && equals != std::string_view::npos)
    return fail(ErrorKind::kUsage, std::string(name) + " takes no value");
  if (!option->value.empty()) {
    if (equals == std::string_view::npos && rest.empty())
      return fail(ErrorKind::kUsage,
                  std::string(name) + " needs a value: " + std::string(option->value));
    value = equals != std::string_view::npos ? word.substr(equals + 1) : rest.front();
    if (equals == std::string_view::npos) rest = rest.subspan(1);
  }
  options_[std::string(option->name)].push_back(std::move(value));
  return {};
}

Result<void> Invocation::check_operands() const {
  if (operands.size() >= command->least && operands.size() <= command->most) return {};
  return fail(ErrorKind::kUsage,
              spelled(*this) +
                  (operands.size() < command->least ? " needs more: " : " takes less: ") +
                  (command->operands.empty() ? "no operands" : std::string(command->operands)),
              "`" + spelled(*this) + " --help` tells more");
}

std::string Invocation::value(std::string_view option, std::string_view otherwise) const {
  const auto found = options_.find(option);
  return found == options_.end() ? std::string(otherwise) : found->second.back();
}

std::vector<std::string> Invocation::values(std::string_view option) const {
  const auto found = options_.find(option);
  return found == options_.end() ? std::vector<std::string>() : found->second;
}

fs::path Invocation::home() const {
  if (has("--home")) return value("--home");
  if (const fs::path data = environment_path("XDG_DATA_HOME"); data.is_absolute())
    return data / "pylon";
  return environment_path("HOME") / ".local" / "share" / "pylon";
}

fs::path Invocation::install_root() const {
  if (has("--install")) return value("--install");
  std::error_code ignored;
  const fs::path program = fs::read_symlink("/proc/self/exe", ignored);
  return program.parent_path().parent_path();
}

fs::path Invocation::install() const {
  return install_root() / "lib" / "pylon";
}

bool wants_json(std::span<const std::string_view> words) {
  return std::ranges::find(words, "--json") != words.end();
}

}  // namespace pylon::composectl
