#include "pylon/options.hh"

#include <algorithm>
#include <vector>

#include "cli/did_you_mean.hh"

namespace pylon::launcher {
namespace {

constexpr Owner L = Owner::kLauncher;
constexpr Owner C = Owner::kCpython;
constexpr Takes kNo = Takes::kNothing;
constexpr Takes kMay = Takes::kOptional;
constexpr Takes kMust = Takes::kRequired;

// clang-format off
constexpr Option kOptions[] = {
    // name, alias, owner, takes, value, meaning, snapshot, help
    {"--allow-read", "", L, kMay, "PATH", Meaning::kAllowRead, true, "let the program read PATH and what lies below it; without PATH, every file"},
    {"--allow-write", "", L, kMay, "PATH", Meaning::kAllowWrite, true, "let the program read, create, change and remove PATH and what lies below it; without PATH, every file"},
    {"--allow-env", "", L, kMay, "NAME", Meaning::kAllowEnvironment, true, "let the program see the environment variable NAME; without NAME, all"},
    {"--allow-net", "", L, kMay, "HOST[:PORT]", Meaning::kAllowNetwork, true, "let the program use the network with HOST: a name, *.NAME, an address, ADDRESS/BITS, [IPV6]:PORT or *:PORT; without HOST, all that is public"},
    {"--allow-all", "-A", L, kNo, "", Meaning::kAllowAll, true, "all of the above; -A only before CPython's options"},
    {"--timeout", "", L, kMust, "DURATION", Meaning::kTimeout, true, "end the run after DURATION: 5 (seconds), 500ms, 1.5s, 2m or 1h"},
    {"--max-memory", "", L, kMust, "SIZE", Meaning::kMaxMemory, true, "let the program have at most SIZE of memory: for instance 64M or 1G"},
    {"--plan", "", L, kMust, "FILE", Meaning::kPlan, true, "run with this plan of caps instead of the install's own"},
    {"--audit", "", L, kMay, "DIRECTORY", Meaning::kAudit, true, "append a record of the run to the log in DIRECTORY; without it, to yours"},
    {"--cold", "", L, kNo, "", Meaning::kCold, false, "diagnostic: initialise the interpreter anew instead of starting from the snapshot"},
    {"--json", "", L, kNo, "", Meaning::kJson, true, "print the launcher's own output and errors as JSON"},
    {"--help", "", L, kNo, "", Meaning::kHelp, true, "print this help and exit"},
    {"--version", "", L, kNo, "", Meaning::kVersion, true, "print the versions of Pylon, CPython and the engine and exit"},

    {"-c", "", C, kMust, "CODE", Meaning::kCommand, true, "run CODE; ends the list of options"},
    {"-m", "", C, kMust, "MODULE", Meaning::kModule, true, "run a library module as a script; ends the list of options"},
    {"-i", "", C, kNo, "", Meaning::kInteractive, true, "go on interactively after the program, even if standard input is no terminal"},
    {"-q", "", C, kNo, "", Meaning::kPassed, true, "no version and copyright at an interactive start"},
    {"-u", "", C, kNo, "", Meaning::kPassed, true, "unbuffered standard output and error"},
    {"-B", "", C, kNo, "", Meaning::kPassed, true, "write no .pyc files on import"},
    {"-I", "", C, kNo, "", Meaning::kIgnoreEnvironment, true, "isolated: as -E, -P and -s"},
    {"-E", "", C, kNo, "", Meaning::kIgnoreEnvironment, true, "ignore PYTHON* environment variables"},
    {"-s", "", C, kNo, "", Meaning::kPassed, true, "no user site directory on sys.path"},
    {"-P", "", C, kNo, "", Meaning::kPassed, true, "no potentially unsafe directory at the front of sys.path"},
    {"-S", "", C, kNo, "", Meaning::kPassed, true, "no 'import site' on start"},
    {"-v", "", C, kNo, "", Meaning::kPassed, false, "trace imports; -vv also the files tried"},
    {"-b", "", C, kNo, "", Meaning::kPassed, false, "warn when bytes and str are compared; -bb: an error"},
    {"-d", "", C, kNo, "", Meaning::kPassed, false, "parser debugging, in debug builds"},
    {"-O", "", C, kNo, "", Meaning::kPassed, false, "remove asserts and __debug__ code; -OO also docstrings"},
    {"-W", "", C, kMust, "FILTER", Meaning::kPassed, false, "filter warnings"},
    {"-X", "", C, kMust, "OPTION", Meaning::kPassed, false, "an implementation-specific option; --help-xoptions lists them"},
    {"-x", "", C, kNo, "", Meaning::kPassed, true, "skip the first line of the source"},
    {"-R", "", C, kNo, "", Meaning::kPassed, false, "randomise string hashes even if PYTHONHASHSEED says otherwise"},
    {"-h", "-?", C, kNo, "", Meaning::kInformation, false, "print CPython's own help and exit"},
    {"-V", "", C, kNo, "", Meaning::kInformation, false, "print CPython's version and exit; -VV more about the build"},
    {"--help-env", "", C, kNo, "", Meaning::kInformation, false, "print help on CPython's environment variables and exit"},
    {"--help-xoptions", "", C, kNo, "", Meaning::kInformation, false, "print help on the -X options and exit"},
    {"--help-all", "", C, kNo, "", Meaning::kInformation, false, "print all of CPython's help and exit"},
    {"--check-hash-based-pycs", "", C, kMust, "always|default|never", Meaning::kPassed, false, "how .pyc files made for a source's hash are checked"},
};

constexpr Command kCommands[] = {
    {"info", "", "tell versions, paths and digests"},
    {"doctor", "[--repair]", "check the install; --repair makes a new snapshot if that helps"},
    {"renew", "", "make a new snapshot, with a new secret for string hashes"},
};
// clang-format on

}  // namespace

std::span<const Option> options() {
  return kOptions;
}

std::span<const Command> commands() {
  return kCommands;
}

const Option* find_option(std::string_view name, Owner owner) {
  for (const Option& option : kOptions)
    if (option.owner == owner &&
        (option.name == name || (!option.alias.empty() && option.alias == name)))
      return &option;
  return nullptr;
}

std::string similar_option(std::string_view name) {
  std::vector<std::string_view> names;
  for (const Option& option : kOptions)
    if (option.name.starts_with("--")) names.push_back(option.name);
  return cli::did_you_mean(name, names);
}

std::string similar_command(std::string_view word) {
  std::vector<std::string_view> names;
  for (const Command& command : kCommands) names.push_back(command.name);
  return cli::did_you_mean(word, names);
}

}  // namespace pylon::launcher
