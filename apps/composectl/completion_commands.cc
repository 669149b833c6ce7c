// composectl completion: what a shell offers behind a Tab, from the tables.
#include "composectl/nouns.hh"
#include "composectl/places.hh"

namespace pylon::composectl {
namespace {

std::string words_of(const Command& command) {
  std::string out;
  for (const Option& option : command.options)
    out += std::string(option.name) + (option.value.empty() ? " " : "= ");
  if (command.writes) out += std::string(dry_run_option().name) + " ";
  for (const Option& option : common_options())
    out += std::string(option.name) + (option.value.empty() ? " " : "= ");
  out.pop_back();
  return out;
}

std::string verbs_of(const Noun& noun) {
  std::string out;
  for (const Command& command : noun.commands)
    if (!command.verb.empty()) out += (out.empty() ? "" : " ") + std::string(command.verb);
  return out;
}

std::string noun_names() {
  std::string out;
  for (const Noun* noun : nouns()) out += (out.empty() ? "" : " ") + std::string(noun->name);
  return out;
}

// The cases of a shell's `case` over "noun verb": what can follow.
std::string bash_cases() {
  std::string out;
  for (const Noun* noun : nouns()) {
    if (const std::string verbs = verbs_of(*noun); !verbs.empty())
      out += "    '" + std::string(noun->name) + " ') words='" + verbs + "' ;;\n";
    for (const Command& command : noun->commands)
      out += "    '" + std::string(noun->name) + " " + std::string(command.verb) + "'" +
             (command.verb.empty() ? "*" : "") + ") words='" + words_of(command) + "' ;;\n";
  }
  return out;
}

std::string bash() {
  return "_composectl() {\n"
         "  local word=${COMP_WORDS[COMP_CWORD]} noun= verb= words= i\n"
         "  for ((i = 1; i < COMP_CWORD; i++)); do\n"
         "    case ${COMP_WORDS[i]} in\n"
         "      -*|=) ;;\n"
         "      *) if [[ -z $noun ]]; then noun=${COMP_WORDS[i]}; elif [[ -z $verb ]]; then "
         "verb=${COMP_WORDS[i]}; fi ;;\n"
         "    esac\n"
         "  done\n"
         "  case \"$noun $verb\" in\n"
         "    ' ') words='" +
         noun_names() + "' ;;\n" + bash_cases() +
         "  esac\n"
         "  COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n"
         "  [[ ${COMPREPLY[0]} == *= ]] && compopt -o nospace\n"
         "  [[ -n $verb && $word != -* ]] && COMPREPLY=($(compgen -f -- \"$word\"))\n"
         "  return 0\n"
         "}\n"
         "complete -o filenames -F _composectl composectl\n";
}

// Text for zsh's and fish's single quotes, without them.
std::string escaped(std::string_view text) {
  std::string out;
  for (char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out;
}

// Text for a part of zsh's specifications, where these characters separate parts.
std::string escaped_part(std::string_view text) {
  std::string out;
  for (char c : escaped(text))
    out += (c == ':' || c == '[' || c == ']' ? "\\" : "") + std::string(1, c);
  return out;
}

std::string zsh_option(const Option& option) {
  const std::string name = std::string(option.name) + (option.value.empty() ? "" : "=");
  const std::string action = option.kind == Kind::kText ? "" : "_files";
  return " '*" + name + "[" + escaped_part(option.help) + "]" +
         (option.value.empty() ? "" : ":value:" + action) + "'";
}

std::string zsh_options(const Command& command) {
  std::string out;
  for (const Option& option : command.options) out += zsh_option(option);
  if (command.writes) out += zsh_option(dry_run_option());
  for (const Option& option : common_options()) out += zsh_option(option);
  if (command.most > 0) out += " '*:operand:_files'";
  return out;
}

std::string zsh() {
  std::string out =
      "#compdef composectl\n_composectl() {\n  local noun=${words[2]} verb=${words[3]}\n"
      "  if (( CURRENT == 2 )); then\n    local -a nouns=(\n";
  for (const Noun* noun : nouns())
    out += "      '" + std::string(noun->name) + ":" + escaped_part(noun->help) + "'\n";
  out += "    )\n    _describe command nouns\n    return\n  fi\n  case \"$noun\" in\n";
  for (const Noun* noun : nouns()) {
    out += "  " + std::string(noun->name) + ")\n";
    if (noun->commands[0].verb.empty()) {
      out += "    shift words; (( CURRENT-- ))\n    _arguments" + zsh_options(noun->commands[0]) +
             "\n    ;;\n";
      continue;
    }
    out += "    if (( CURRENT == 3 )); then compadd " + verbs_of(*noun) +
           "; return; fi\n    shift 2 words; (( CURRENT -= 2 ))\n    case \"$verb\" in\n";
    for (const Command& command : noun->commands)
      out += "    " + std::string(command.verb) + ") _arguments" + zsh_options(command) + " ;;\n";
    out += "    esac\n    ;;\n";
  }
  return out + "  esac\n}\n_composectl \"$@\"\n";
}

std::string fish_option(const std::string& condition, const Option& option) {
  return "complete -c composectl -n '" + condition + "' -l " + std::string(option.name.substr(2)) +
         (option.value.empty()         ? ""
          : option.kind == Kind::kText ? " -x"
                                       : " -r") +
         " -d '" + escaped(option.help) + "'\n";
}

std::string fish() {
  std::string out = "complete -c composectl -f\n";
  for (const Noun* noun : nouns()) {
    const std::string name(noun->name);
    out += "complete -c composectl -n '__fish_use_subcommand' -a " + name + " -d '" +
           escaped(noun->help) + "'\n";
    for (const Command& command : noun->commands) {
      const std::string verb(command.verb);
      if (!verb.empty())
        out += "complete -c composectl -n '__fish_seen_subcommand_from " + name +
               "; and not __fish_seen_subcommand_from " + verbs_of(*noun) + "' -a " + verb +
               " -d '" + escaped(command.help) + "'\n";
      const std::string condition =
          "__fish_seen_subcommand_from " + name +
          (verb.empty() ? "" : "; and __fish_seen_subcommand_from " + verb);
      for (const Option& option : command.options) out += fish_option(condition, option);
      if (command.writes) out += fish_option(condition, dry_run_option());
      if (command.most > 0) out += "complete -c composectl -n '" + condition + "' -F\n";
    }
  }
  for (const Option& option : common_options()) out += fish_option("true", option);
  return out;
}

Result<Answer> complete(const Invocation& line) {
  const std::string& shell = line.operands[0];
  Answer answer;
  if (shell == "bash") answer.text = bash();
  if (shell == "zsh") answer.text = zsh();
  if (shell == "fish") answer.text = fish();
  if (answer.text.empty())
    return fail(ErrorKind::kUsage, "no completion for '" + shell + "'",
                "there is one for bash, zsh and fish");
  answer.json = {{"shell", shell}, {"script", answer.text}};
  return answer;
}

constexpr Command kCommands[] = {{"",
                                  "bash|zsh|fish",
                                  Kind::kText,
                                  1,
                                  1,
                                  {},
                                  false,
                                  "print what makes a shell complete composectl's command lines",
                                  complete}};

}  // namespace

const Noun kCompletionNoun = {"completion", "completion for shells", kCommands};

}  // namespace pylon::composectl
