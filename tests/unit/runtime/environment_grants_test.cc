#include "runtime/environment_grants.hh"

#include <gtest/gtest.h>

#include <algorithm>

namespace pylon::runtime {
namespace {

const Environment kHost = {{"HOME", "/home/u"},       {"TERM", "xterm"}, {"PYTHONPATH", "lib"},
                           {"PYTHONHOME", "/usr"},    {"SECRET", "s"},   {"NO_COLOR", "1"},
                           {"PYTHON_SECRET_KEY", "k"}};

std::string names(const Environment& environment) {
  std::string out;
  for (const auto& [name, value] : environment) out += (out.empty() ? "" : " ") + name;
  return out;
}

TEST(EnvironmentGrants, ByDefaultOnlyWhatConfiguresPython) {
  EXPECT_EQ(names(EnvironmentGrants().filter(kHost, false, false)), "PYTHONPATH");
}

TEST(EnvironmentGrants, IgnoringTheEnvironmentLeavesNothing) {
  EXPECT_EQ(names(EnvironmentGrants().filter(kHost, true, false)), "");
}

TEST(EnvironmentGrants, ATerminalBringsItsVariables) {
  EXPECT_EQ(names(EnvironmentGrants().filter(kHost, true, true)), "TERM NO_COLOR");
}

TEST(EnvironmentGrants, NamesAreExact) {
  EnvironmentGrants grants;
  grants.allow("HOM");
  grants.allow("secret");
  EXPECT_EQ(names(grants.filter(kHost, true, false)), "");
  grants.allow("SECRET");
  EXPECT_EQ(names(grants.filter(kHost, true, false)), "SECRET");
}

TEST(EnvironmentGrants, AllIsAllButWhatWouldBreakTheInterpreter) {
  EnvironmentGrants grants;
  grants.allow_all();
  EXPECT_EQ(names(grants.filter(kHost, false, false)),
            "HOME TERM PYTHONPATH SECRET NO_COLOR PYTHON_SECRET_KEY");
}

TEST(EnvironmentGrants, WhatIsNotUtf8IsLeftOut) {
  EnvironmentGrants grants;
  grants.allow_all();
  EXPECT_EQ(names(grants.filter({{"A", "\xff"}, {"\xff", "x"}, {"B", "\xc3\xbc"}}, true, false)),
            "B");
}

TEST(PythonVariables, AreSortedAndFound) {
  const auto table = python_variables();
  EXPECT_TRUE(std::is_sorted(table.begin(), table.end(),
                             [](const auto& a, const auto& b) { return a.name < b.name; }));
  for (const PythonVariable& variable : table)
    EXPECT_EQ(find_python_variable(variable.name), &variable);
  EXPECT_EQ(find_python_variable("PYTHONNONE"), nullptr);
  EXPECT_EQ(find_python_variable("HOME"), nullptr);
}

TEST(SnapshotServes, UnlessAVariableNeedsTheWholeStart) {
  EXPECT_TRUE(snapshot_serves({}));
  EXPECT_TRUE(snapshot_serves({{"PYTHONPATH", "lib"}, {"HOME", "x"}}));
  EXPECT_FALSE(snapshot_serves({{"PYTHONHASHSEED", "0"}}));
  EXPECT_TRUE(snapshot_serves({{"PYTHONHASHSEED", "random"}}));
  EXPECT_FALSE(snapshot_serves({{"PYTHONOPTIMIZE", "1"}}));
  EXPECT_TRUE(snapshot_serves({{"PYTHONOPTIMIZE", ""}})) << "CPython takes an empty value as none";
}

}  // namespace
}  // namespace pylon::runtime
