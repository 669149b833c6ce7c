// The hand-written pages say what the tables say.
#include <gtest/gtest.h>

#include <string>

#include "base/file.hh"
#include "pylon/options.hh"
#include "runtime/environment_grants.hh"
#include "runtime/exit_code.hh"

namespace pylon::launcher {
namespace {

std::string page(const std::string& name) {
  auto bytes = read_file(std::string(PYLON_SOURCE_DIR) + "/docs/" + name);
  EXPECT_TRUE(bytes) << name;
  return bytes ? std::string(bytes->begin(), bytes->end()) : std::string();
}

TEST(Documentation, ExitCodes) {
  const std::string text = page("exit-codes.md");
  for (const runtime::ExitCodeMeaning& code : runtime::exit_codes()) {
    const std::string row =
        "| " + std::to_string(code.code) + " | " + std::string(code.meaning) + " |\n";
    EXPECT_NE(text.find(row), std::string::npos) << row;
  }
}

TEST(Documentation, Permissions) {
  const std::string text = page("permissions.md");
  for (const Option& option : options())
    EXPECT_TRUE(!option.name.starts_with("--allow") || text.find(option.name) != std::string::npos)
        << option.name;
  for (std::string_view name : runtime::terminal_variables())
    EXPECT_NE(text.find(name), std::string::npos) << name;
  for (const runtime::PythonVariable& variable : runtime::python_variables())
    EXPECT_TRUE(variable.passed || text.find(variable.name) != std::string::npos) << variable.name;
}

}  // namespace
}  // namespace pylon::launcher
