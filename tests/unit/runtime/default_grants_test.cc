#include "runtime/default_grants.hh"

#include <sys/stat.h>

#include "support/scratch_directory.hh"

namespace pylon::runtime {
namespace {

using testing::ScratchDirectory;
using Kind = Program::Kind;

FileGrants granted(const ScratchDirectory& scratch, const Program& program,
                   const Environment& environment = {}) {
  FileGrants grants(scratch.path());
  EXPECT_TRUE(grant_defaults(grants, program, scratch.path(), environment));
  return grants;
}

TEST(DefaultGrants, AScriptReadsItsOwnDirectoryOnly) {
  ScratchDirectory scratch;
  const std::string script = scratch.file("app/x.py"), other = scratch.file("other");
  FileGrants grants = granted(scratch, {Kind::kScript, script});
  EXPECT_TRUE(grants.allows(script, Access::kRead));
  EXPECT_TRUE(grants.allows(scratch.path("app/sub/y"), Access::kRead));
  EXPECT_FALSE(grants.allows(script, Access::kWrite));
  EXPECT_FALSE(grants.allows(other, Access::kRead));
}

TEST(DefaultGrants, ALinkedScriptReadsBothDirectories) {
  ScratchDirectory scratch;
  const std::string script = scratch.file("app/x.py");
  scratch.directory("bin");
  const std::string link = scratch.link("bin/x", "../app/x.py");
  FileGrants grants = granted(scratch, {Kind::kScript, link});
  EXPECT_TRUE(grants.allows(script, Access::kRead));
  EXPECT_TRUE(grants.allows(scratch.path("bin/y"), Access::kRead));
  EXPECT_FALSE(grants.allows(scratch.path("y"), Access::kRead));
}

TEST(DefaultGrants, ADirectoryAsScriptIsItsOwnDirectory) {
  ScratchDirectory scratch;
  scratch.file("app/__main__.py");
  FileGrants grants = granted(scratch, {Kind::kScript, scratch.path("app")});
  EXPECT_TRUE(grants.allows(scratch.path("app/__main__.py"), Access::kRead));
  EXPECT_FALSE(grants.allows(scratch.path("y"), Access::kRead));
}

TEST(DefaultGrants, ProgramsWithoutAFileReadTheWorkingDirectory) {
  ScratchDirectory scratch;
  for (Kind kind : {Kind::kCommand, Kind::kModule, Kind::kInput, Kind::kInteractive}) {
    FileGrants grants = granted(scratch, {kind, {}});
    EXPECT_TRUE(grants.allows(scratch.path("f"), Access::kRead));
    EXPECT_FALSE(grants.allows(scratch.path("f"), Access::kWrite));
  }
  EXPECT_FALSE(granted(scratch, {Kind::kNone, {}}).allows(scratch.path("f"), Access::kRead));
}

TEST(DefaultGrants, EntriesOfThePythonPathThatExist) {
  ScratchDirectory scratch;
  scratch.directory("app");
  scratch.directory("lib");
  const std::string zip = scratch.file("lib2/x.zip");
  FileGrants grants = granted(scratch, {Kind::kScript, scratch.file("app/x.py")},
                              {{"PYTHONPATH", "lib:" + zip + ":none/none"}});
  EXPECT_TRUE(grants.allows(scratch.path("lib/m.py"), Access::kRead));
  EXPECT_TRUE(grants.allows(zip, Access::kRead));
  EXPECT_FALSE(grants.allows(scratch.path("lib2/y"), Access::kRead));
}

TEST(DefaultGrants, TheStartupFileOfARepl) {
  ScratchDirectory scratch;
  scratch.directory("work");
  const std::string startup = scratch.file("home/startup.py");
  const Environment environment = {{"PYTHONSTARTUP", startup}};
  for (Kind kind : {Kind::kInteractive, Kind::kCommand}) {
    FileGrants grants(scratch.path("work"));
    ASSERT_TRUE(grant_defaults(grants, {kind, {}}, scratch.path("work"), environment));
    EXPECT_EQ(grants.allows(startup, Access::kRead), kind == Kind::kInteractive);
    EXPECT_FALSE(grants.allows(scratch.path("home/other"), Access::kRead));
  }
}

TEST(CheckScript, SaysWhatIsWrong) {
  ScratchDirectory scratch;
  EXPECT_TRUE(check_script(scratch.file("ok.py")));
  scratch.file("package/__main__.py");
  EXPECT_TRUE(check_script(scratch.path("package")));

  scratch.directory("plain");
  const struct {
    std::string path;
    const char* part;
  } cases[] = {{scratch.path("none.py"), "No such file"},
               {scratch.path("plain"), "no __main__.py"},
               {"/dev/null", "neither a file nor a directory"}};
  for (const auto& c : cases) {
    auto checked = check_script(c.path);
    ASSERT_FALSE(checked) << c.path;
    EXPECT_EQ(checked.error().kind(), ErrorKind::kInput);
    EXPECT_NE(checked.error().text().find(c.part), std::string::npos) << checked.error().text();
    EXPECT_NE(checked.error().text().find(c.path), std::string::npos);
  }
}

}  // namespace
}  // namespace pylon::runtime
