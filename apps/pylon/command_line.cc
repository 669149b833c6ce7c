#include "pylon/command_line.hh"

#include <algorithm>

#include "base/utf8.hh"
#include "pylon/options.hh"
#include "runtime/quantity.hh"
#include "runtime/run.hh"

namespace pylon::launcher {
namespace {

using Kind = CommandLine::Permission::Kind;
using ProgramKind = runtime::Program::Kind;

class Parser {
 public:
  Parser(std::span<const std::string_view> words, const Surroundings& surroundings)
      : words_(words), surroundings_(surroundings) {}

  Result<CommandLine> parse();

 private:
  bool done() const { return at_ == words_.size(); }
  Result<void> parse_long(std::string_view word);
  Result<void> parse_short(std::string_view word);
  Result<std::string_view> next_value(std::string_view option, std::string_view value_name);
  Result<void> apply_launcher(const Option& option, std::optional<std::string_view> value);
  void apply_cpython(const Option& option, std::string_view value);
  Result<bool> parse_command();
  void parse_program();

  std::span<const std::string_view> words_;
  const Surroundings& surroundings_;
  std::size_t at_ = 0;
  CommandLine line_;
  bool interactive_ = false;
  bool cpython_seen_ = false;
  bool program_seen_ = false;
};

Error unknown(std::string_view option) {
  const std::string similar = similar_option(option);
  return Error(
      ErrorKind::kUsage, "unknown option " + std::string(option),
      similar.empty() ? "`pylon --help` lists the options" : "did you mean " + similar + "?");
}

Error misused(std::string_view option, const std::string& what) {
  return Error(ErrorKind::kUsage, "option " + std::string(option) + " " + what,
               "`pylon --help` lists the options");
}

Result<std::string_view> Parser::next_value(std::string_view option, std::string_view value_name) {
  if (done()) return fail(misused(option, "needs a value: " + std::string(value_name)));
  return words_[at_++];
}

Result<void> Parser::apply_launcher(const Option& option, std::optional<std::string_view> value) {
  auto permit = [&](Kind kind) {
    line_.permissions.push_back({kind, value ? std::optional(std::string(*value)) : std::nullopt});
  };
  switch (option.meaning) {
    case Meaning::kAllowAll:
      line_.allow_all = true;
      break;
    case Meaning::kAllowRead:
      permit(Kind::kRead);
      break;
    case Meaning::kAllowWrite:
      permit(Kind::kWrite);
      break;
    case Meaning::kAllowEnvironment:
      permit(Kind::kEnvironment);
      break;
    case Meaning::kAllowNetwork:
      permit(Kind::kNetwork);
      break;
    case Meaning::kTimeout: {
      Result<std::chrono::milliseconds> duration = runtime::parse_duration(*value);
      if (!duration) return fail(std::move(duration).error().within(std::string(option.name)));
      line_.timeout = *duration;
      break;
    }
    case Meaning::kMaxMemory: {
      Result<std::uint64_t> size = runtime::parse_size(*value);
      if (!size) return fail(std::move(size).error().within(std::string(option.name)));
      if (*size < runtime::kMinimumMemory)
        return fail(
            ErrorKind::kUsage, "--max-memory=" + std::string(*value) + " is too little",
            "the interpreter alone needs " + std::to_string(runtime::kMinimumMemory >> 20) + "M");
      line_.max_memory = *size;
      break;
    }
    case Meaning::kPlan:
      line_.plan = std::string(*value);
      break;
    case Meaning::kAudit:
      line_.audit = std::string(value.value_or(""));
      break;
    case Meaning::kJson:
      line_.json = true;
      break;
    case Meaning::kCold:
      line_.cold = true;
      break;
    case Meaning::kHelp:
      line_.action = CommandLine::Action::kHelp;
      break;
    case Meaning::kVersion:
      line_.action = CommandLine::Action::kVersion;
      break;
    default:
      break;
  }
  return {};
}

void Parser::apply_cpython(const Option& option, std::string_view value) {
  cpython_seen_ = true;
  line_.cold |= !option.snapshot;
  switch (option.meaning) {
    case Meaning::kCommand:
      line_.program = {ProgramKind::kCommand, std::string(value)};
      program_seen_ = true;
      break;
    case Meaning::kModule:
      line_.program = {ProgramKind::kModule, std::string(value)};
      program_seen_ = true;
      break;
    case Meaning::kInformation:
      line_.program = {ProgramKind::kNone, {}};
      program_seen_ = true;
      break;
    case Meaning::kInteractive:
      interactive_ = true;
      break;
    case Meaning::kIgnoreEnvironment:
      line_.ignore_environment = true;
      break;
    default:
      break;
  }
}

// `--name`, `--name=value` or `--name value`.
Result<void> Parser::parse_long(std::string_view word) {
  const std::size_t equals = word.find('=');
  const std::string_view name = word.substr(0, equals);
  std::optional<std::string_view> value;
  if (equals != std::string_view::npos) value = word.substr(equals + 1);

  if (const Option* option = find_option(name, Owner::kCpython)) {
    if (value) return fail(misused(name, "takes no =VALUE"));
    line_.arguments.emplace_back(word);
    std::string_view following;
    if (option->takes == Takes::kRequired) {
      PYLON_TRY(next, next_value(name, option->value));
      following = next;
      line_.arguments.emplace_back(next);
    }
    apply_cpython(*option, following);
    return {};
  }
  const Option* option = find_option(name, Owner::kLauncher);
  if (!option) return fail(unknown(name));
  if (option->takes == Takes::kNothing && value) return fail(misused(name, "takes no value"));
  if (value && value->empty()) return fail(misused(name, "has an empty value"));
  if (option->takes == Takes::kRequired && !value) {
    PYLON_TRY(next, next_value(name, option->value));
    value = next;
  }
  if (option->takes == Takes::kOptional && !value) line_.bare_flag = name;
  return apply_launcher(*option, value);
}

// A word of short options, combined as CPython combines them: the first that takes a value takes
// the rest.
Result<void> Parser::parse_short(std::string_view word) {
  if (!cpython_seen_)
    if (const Option* option = find_option(word, Owner::kLauncher))
      return apply_launcher(*option, std::nullopt);
  line_.arguments.emplace_back(word);
  for (std::size_t i = 1; i < word.size(); ++i) {
    const std::string name = {'-', word[i]};
    const Option* option = find_option(name, Owner::kCpython);
    if (!option) {
      Error error = unknown(name);
      if (find_option(name, Owner::kLauncher))
        error = std::move(error).with_hint(name + " has to come before CPython's options");
      return fail(std::move(error));
    }
    std::string_view value;
    if (option->takes == Takes::kRequired) {
      value = word.substr(i + 1);
      if (value.empty()) {
        PYLON_TRY(next, next_value(name, option->value));
        value = next;
        line_.arguments.emplace_back(next);
      }
      i = word.size();
    }
    apply_cpython(*option, value);
  }
  return {};
}

// The first word may be a command, with options after it. False if it is none.
Result<bool> Parser::parse_command() {
  using Action = CommandLine::Action;
  const std::string word(words_[at_]);
  const auto known = std::find_if(commands().begin(), commands().end(),
                                  [&](const Command& command) { return command.name == word; });
  if (known == commands().end() || cpython_seen_) return false;
  if (surroundings_.exists && surroundings_.exists(word)) return false;
  line_.action = word == "info"     ? Action::kInfo
                 : word == "doctor" ? Action::kDoctor
                                    : Action::kRenew;
  for (++at_; !done(); ++at_) {
    if (words_[at_] == "--json")
      line_.json = true;
    else if (words_[at_] == "--repair" && line_.action == Action::kDoctor)
      line_.repair = true;
    else if (words_[at_] == "--help")
      line_.action = Action::kHelp;
    else
      return fail(ErrorKind::kUsage,
                  "`pylon " + word + "` does not take '" + std::string(words_[at_]) + "'",
                  "`pylon --help` lists the commands");
  }
  return true;
}

// What follows the options: a script and its arguments, or nothing.
void Parser::parse_program() {
  if (!program_seen_) {
    const bool named = !done();
    const bool input = !named || words_[at_] == "-";
    if (!input)
      line_.program = {ProgramKind::kScript, std::string(words_[at_])};
    else if (surroundings_.input_is_terminal || interactive_)
      line_.program = {ProgramKind::kInteractive, {}};
    else
      line_.program = {ProgramKind::kInput, {}};
  }
  for (; !done(); ++at_) line_.arguments.emplace_back(words_[at_]);
}

Result<CommandLine> Parser::parse() {
  for (std::string_view word : words_)
    if (!is_utf8(word))
      return fail(ErrorKind::kUsage, "the argument '" + std::string(word) + "' is not UTF-8",
                  "give it in UTF-8, or pass the bytes through standard input");
  bool options_ended = false;
  while (!done() && !program_seen_ && !options_ended && words_[at_].size() > 1 &&
         words_[at_].starts_with('-')) {
    const std::string_view word = words_[at_++];
    line_.bare_flag.clear();
    if (word == "--") {
      line_.arguments.emplace_back(word);
      options_ended = true;
      continue;
    }
    if (word.starts_with("--"))
      PYLON_CHECK(parse_long(word));
    else
      PYLON_CHECK(parse_short(word));
    if (line_.action != CommandLine::Action::kRun) return line_;
  }
  if (!done() && !program_seen_ && !options_ended) {
    PYLON_TRY(is_command, parse_command());
    if (is_command) return line_;
  }
  parse_program();
  return line_;
}

}  // namespace

Result<CommandLine> parse_command_line(std::span<const std::string_view> words,
                                       const Surroundings& surroundings) {
  return Parser(words, surroundings).parse();
}

bool wants_json(std::span<const std::string_view> words) {
  for (std::string_view word : words) {
    if (word == "--json") return true;
    const bool option_or_command =
        word.starts_with('-') || std::any_of(commands().begin(), commands().end(),
                                             [&](const Command& c) { return c.name == word; });
    if (!option_or_command || word == "-" || word == "--" || word == "-c" || word == "-m") break;
  }
  return false;
}

}  // namespace pylon::launcher
