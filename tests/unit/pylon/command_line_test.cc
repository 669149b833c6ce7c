#include "pylon/command_line.hh"

#include <gtest/gtest.h>

#include "pylon/help.hh"
#include "pylon/options.hh"
#include "pylon/report.hh"
#include "runtime/environment_grants.hh"
#include "runtime/exit_code.hh"

namespace pylon::launcher {
namespace {

using Kind = runtime::Program::Kind;
using Words = std::vector<std::string_view>;

bool nothing_exists(const std::string&) {
  return false;
}
bool all_exist(const std::string&) {
  return true;
}

Result<CommandLine> parse(Words words, bool terminal = false,
                          bool (*exists)(const std::string&) = nothing_exists) {
  return parse_command_line(words, {terminal, exists});
}

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : " ") + word;
  return out;
}

TEST(CommandLine, FindsTheProgram) {
  const struct {
    Words words;
    bool terminal;
    Kind kind;
    const char* text;
    const char* arguments;
  } cases[] = {
      {{"x.py", "a", "--json"}, false, Kind::kScript, "x.py", "x.py a --json"},
      {{"-c", "pass", "-x", "--help"}, false, Kind::kCommand, "pass", "-c pass -x --help"},
      {{"-cpass"}, false, Kind::kCommand, "pass", "-cpass"},
      {{"-uc", "pass"}, false, Kind::kCommand, "pass", "-uc pass"},
      {{"-m", "json.tool", "f"}, false, Kind::kModule, "json.tool", "-m json.tool f"},
      {{"-im", "mod"}, false, Kind::kModule, "mod", "-im mod"},
      {{"-Wignore", "x.py"}, false, Kind::kScript, "x.py", "-Wignore x.py"},
      {{"-W", "ignore", "x.py"}, false, Kind::kScript, "x.py", "-W ignore x.py"},
      {{"-Xdev", "-X", "utf8", "x.py"}, false, Kind::kScript, "x.py", "-Xdev -X utf8 x.py"},
      {{"-OO", "x.py"}, false, Kind::kScript, "x.py", "-OO x.py"},
      {{"--check-hash-based-pycs", "never", "x.py"},
       false,
       Kind::kScript,
       "x.py",
       "--check-hash-based-pycs never x.py"},
      {{"-", "a"}, true, Kind::kInteractive, "", "- a"},
      {{"-", "a"}, false, Kind::kInput, "", "- a"},
      {{}, true, Kind::kInteractive, "", ""},
      {{}, false, Kind::kInput, "", ""},
      {{"-i"}, false, Kind::kInteractive, "", "-i"},
      {{"--", "-x"}, false, Kind::kScript, "-x", "-- -x"},
      {{"-VV"}, true, Kind::kNone, "", "-VV"},
      {{"--help-env"}, true, Kind::kNone, "", "--help-env"},
      {{"--allow-read=/d", "-u", "x.py"}, false, Kind::kScript, "x.py", "-u x.py"},
      {{"-A", "-c", "-A"}, false, Kind::kCommand, "-A", "-c -A"},
  };
  for (const auto& c : cases) {
    auto line = parse(c.words, c.terminal);
    ASSERT_TRUE(line) << c.arguments << ": " << line.error().text();
    EXPECT_EQ(line->program.kind, c.kind) << c.arguments;
    EXPECT_EQ(line->program.text, c.text) << c.arguments;
    EXPECT_EQ(joined(line->arguments), c.arguments);
  }
}

TEST(CommandLine, TakesTheLauncherOptions) {
  auto line = parse({"--allow-read=/a", "--allow-read", "--allow-write=b", "--allow-env=HOME",
                     "--allow-net=h:1", "--timeout=500ms", "--max-memory", "1G", "--json", "--cold",
                     "x.py"});
  ASSERT_TRUE(line) << line.error().text();
  using Permission = CommandLine::Permission::Kind;
  const std::vector<std::pair<Permission, std::optional<std::string>>> expected = {
      {Permission::kRead, "/a"},
      {Permission::kRead, std::nullopt},
      {Permission::kWrite, "b"},
      {Permission::kEnvironment, "HOME"},
      {Permission::kNetwork, "h:1"}};
  ASSERT_EQ(line->permissions.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_EQ(line->permissions[i].kind, expected[i].first);
    EXPECT_EQ(line->permissions[i].value, expected[i].second);
  }
  EXPECT_EQ(line->timeout.count(), 500);
  EXPECT_EQ(line->max_memory, std::uint64_t{1} << 30);
  EXPECT_TRUE(line->json);
  EXPECT_TRUE(line->cold);
  EXPECT_FALSE(line->allow_all);
  EXPECT_EQ(joined(line->arguments), "x.py");
}

TEST(CommandLine, BothSpellingsOfAllowAll) {
  EXPECT_TRUE(parse({"-A", "x.py"})->allow_all);
  EXPECT_TRUE(parse({"--allow-all", "x.py"})->allow_all);
  auto late = parse({"-u", "-A", "x.py"});
  ASSERT_FALSE(late);
  EXPECT_NE(late.error().hint().find("before"), std::string::npos);
}

TEST(CommandLine, TheColdImageIsChosenByTheTable) {
  for (const Option& option : options()) {
    if (option.owner != Owner::kCpython) continue;
    Words words = {option.name};
    if (option.takes == Takes::kRequired) words.push_back("value");
    words.push_back("x.py");
    auto line = parse(words);
    ASSERT_TRUE(line) << option.name;
    EXPECT_EQ(line->cold, !option.snapshot) << option.name;
  }
  EXPECT_TRUE(parse({"-uO", "x.py"})->cold);
  EXPECT_FALSE(parse({"-uBsPEIq", "x.py"})->cold);
}

TEST(CommandLine, IgnoringTheEnvironment) {
  EXPECT_TRUE(parse({"-E", "x.py"})->ignore_environment);
  EXPECT_TRUE(parse({"-uI", "x.py"})->ignore_environment);
  EXPECT_FALSE(parse({"-u", "x.py"})->ignore_environment);
}

TEST(CommandLine, ACommandUnlessAFileHasItsName) {
  using Action = CommandLine::Action;
  EXPECT_EQ(parse({"info"})->action, Action::kInfo);
  EXPECT_EQ(parse({"--json", "info"})->action, Action::kInfo);
  EXPECT_TRUE(parse({"info", "--json"})->json);
  EXPECT_EQ(parse({"renew"})->action, Action::kRenew);
  auto doctor = parse({"doctor", "--repair"});
  EXPECT_EQ(doctor->action, Action::kDoctor);
  EXPECT_TRUE(doctor->repair);
  EXPECT_EQ(parse({"info"}, false, all_exist)->action, Action::kRun);
  EXPECT_EQ(parse({"info"}, false, all_exist)->program.text, "info");
  EXPECT_EQ(parse({"-u", "info"})->program.text, "info");
  EXPECT_EQ(parse({"--", "info"})->program.text, "info");
  EXPECT_FALSE(parse({"info", "extra"}));
  EXPECT_FALSE(parse({"info", "--repair"}));
}

TEST(CommandLine, MistakesAreUsageErrorsWithAHint) {
  const struct {
    Words words;
    const char* hint;
  } cases[] = {
      {{"--alow-read=/x", "x.py"}, "did you mean --allow-read?"},
      {{"--alow-read", "x.py"}, "did you mean --allow-read?"},
      {{"--allow-network", "x.py"}, "did you mean --allow-net?"},
      {{"--tiemout=5", "x.py"}, "did you mean --timeout?"},
      {{"--max", "x.py"}, "did you mean --max-memory?"},
      {{"--help-xoption"}, "did you mean --help-xoptions?"},
      {{"--quite-different"}, "`pylon --help`"},
      {{"-z", "x.py"}, "`pylon --help`"},
      {{"-uz", "x.py"}, "`pylon --help`"},
      {{"-c"}, "`pylon --help`"},
      {{"-uW"}, "`pylon --help`"},
      {{"--timeout"}, "`pylon --help`"},
      {{"--timeout=soon", "x.py"}, "write"},
      {{"--max-memory=1M", "x.py"}, "the interpreter alone needs 48M"},
      {{"--json=yes", "x.py"}, "`pylon --help`"},
      {{"--allow-read=", "x.py"}, "`pylon --help`"},
      {{"--help-env=x"}, "`pylon --help`"},
  };
  for (const auto& c : cases) {
    auto line = parse(c.words);
    ASSERT_FALSE(line) << c.words[0];
    EXPECT_EQ(line.error().kind(), ErrorKind::kUsage);
    const std::string_view name = c.words[0].substr(0, c.words[0].find('='));
    EXPECT_TRUE(!name.starts_with("--") || line.error().text().find(name) != std::string::npos)
        << line.error().text();
    EXPECT_NE(line.error().hint().find(c.hint), std::string::npos)
        << c.words[0] << ": " << line.error().hint();
  }
}

TEST(CommandLine, APermissionFlagWithoutAValueIsRemembered) {
  EXPECT_EQ(parse({"--allow-read", "data", "x.py"})->bare_flag, "--allow-read");
  EXPECT_EQ(parse({"--allow-read=data", "x.py"})->bare_flag, "");
  EXPECT_EQ(parse({"--allow-net", "-u", "x.py"})->bare_flag, "");
  EXPECT_EQ(parse({"--allow-all", "x.py"})->bare_flag, "");
}

TEST(CommandLine, ArgumentsAreUtf8) {
  for (const char* word :
       {"a\xff"
        "b",
        "\xc0\xaf", "\xed\xa0\x80", "\xf5\x80\x80\x80", "\xe4\xb8", "\x80", "\xf0\x8f\xbf\xbf"}) {
    auto line = parse({"x.py", word});
    ASSERT_FALSE(line);
    EXPECT_NE(line.error().text().find("UTF-8"), std::string::npos);
  }
  for (const char* word : {"", "plain",
                           "Gr\xc3\xbc\xc3\x9f"
                           "e",
                           "\xe4\xb8\x96", "\xf0\x9f\x98\x80", "\xed\x9f\xbf", "\xf4\x8f\xbf\xbf"})
    EXPECT_TRUE(parse({"x.py", word})) << word;
}

TEST(WantsJson, IsKnownBeforeParsing) {
  EXPECT_TRUE(wants_json(Words{"--json", "--nonsense"}));
  EXPECT_TRUE(wants_json(Words{"--nonsense", "--json"}));
  EXPECT_TRUE(wants_json(Words{"info", "--json"}));
  EXPECT_FALSE(wants_json(Words{"x.py", "--json"}));
  EXPECT_FALSE(wants_json(Words{"-c", "pass", "--json"}));
}

TEST(DidYouMean, FindsTheNearest) {
  EXPECT_EQ(similar_command("inof"), "info");
  EXPECT_EQ(similar_command("docter"), "doctor");
  EXPECT_EQ(similar_command("script.py"), "");
  EXPECT_EQ(similar_option("--allow-red"), "--allow-read");
  EXPECT_EQ(similar_option(std::string(100000, '-')), "");
}

TEST(OptionTable, NamesAreUniqueAndExplained) {
  for (const Option& option : options()) {
    EXPECT_FALSE(option.help.empty()) << option.name;
    EXPECT_EQ(option.takes == Takes::kNothing, option.value.empty()) << option.name;
    EXPECT_EQ(find_option(option.name, option.owner), &option);
    EXPECT_EQ(option.name.starts_with("--") || option.owner == Owner::kCpython, true)
        << option.name;
  }
}

TEST(HelpAndManual, NameEverythingInTheTables) {
  const std::string help = help_text();
  std::string manual = manual_page();
  for (std::size_t at; (at = manual.find("\\-")) != std::string::npos;) manual.replace(at, 2, "-");
  auto in_both = [&](std::string_view text) {
    EXPECT_NE(help.find(text), std::string::npos) << text;
    EXPECT_NE(manual.find(text), std::string::npos) << text;
  };
  for (const Option& option : options()) in_both(option.name);
  for (const Command& command : commands()) in_both(command.name);
  for (const runtime::ExitCodeMeaning& code : runtime::exit_codes())
    in_both(std::to_string(code.code));
  for (const runtime::PythonVariable& variable : runtime::python_variables())
    EXPECT_TRUE(variable.snapshot || manual.find(variable.name) != std::string::npos)
        << variable.name;
}

TEST(HelpAndManual, LinesFitATerminal) {
  const std::string help = help_text();
  for (std::size_t start = 0; start < help.size();) {
    const std::size_t end = help.find('\n', start);
    EXPECT_LE(end - start, 120u) << help.substr(start, end - start);
    start = end + 1;
  }
}

TEST(Report, TextAndJson) {
  const Error error(ErrorKind::kInput, "cannot run \"x\"", "look again");
  EXPECT_EQ(error_text(error, 2, false), "pylon: cannot run \"x\"\n  look again\n");
  EXPECT_EQ(error_text(error, 2, true),
            "{\"error\":{\"exit_code\":2,\"hint\":\"look again\",\"kind\":\"input\","
            "\"message\":\"cannot run \\\"x\\\"\"}}\n");
  EXPECT_NE(error_text(Error(ErrorKind::kInput, "bad \xff path"), 2, true).find("bad"),
            std::string::npos);

  const Error trap = Error(ErrorKind::kTrap, "error while executing\n 0: f").within("it trapped");
  EXPECT_EQ(error_text(trap, 134, false), "pylon: it trapped\n");
  EXPECT_NE(error_text(trap, 134, true).find("0: f"), std::string::npos);

  const std::vector<runtime::RefusalHint> hints = {{"reading /a was refused", "--allow-read=/a"}};
  EXPECT_EQ(refusals_text(hints, false),
            "pylon: reading /a was refused; allow it with --allow-read=/a\n");
  EXPECT_EQ(
      refusals_text(hints, true),
      "{\"refused\":[{\"flag\":\"--allow-read=/a\",\"message\":\"reading /a was refused\"}]}\n");
  EXPECT_EQ(refusals_text({}, false), "");
}

}  // namespace
}  // namespace pylon::launcher
