#include "runtime/facades.hh"

#include <algorithm>
#include <chrono>
#include <fstream>

#include "plan_install.hh"

namespace pylon::runtime::testing {
namespace {

TEST(Facade, ReadsStoredMembers) {
  const std::string zip = stored_zip({{"site/a.py", "one"}, {"builtin/b.py", ""}});
  auto files = read_facade(bytes_of(zip));
  ASSERT_TRUE(files) << files.error().text();
  ASSERT_EQ(files->size(), 2u);
  EXPECT_EQ((*files)[0].path, "site/a.py");
  EXPECT_EQ(std::string((*files)[0].content.begin(), (*files)[0].content.end()), "one");
  EXPECT_TRUE(read_facade(bytes_of(stored_zip({})))) << "an empty one is fine";
}

TEST(Facade, RefusesPathsThatLeadElsewhere) {
  for (const char* name : {"a.py", "/site/a.py", "site/../a.py", "site//a.py", "site/", "site/./a",
                           "sites/a.py", "builtin/..", "site/a\\b.py", "", "site/a|b.py",
                           "site/a\nb.py", "site/__pycache__/a.cpython-314.pyc"}) {
    auto files = read_facade(bytes_of(stored_zip({{name, "x"}})));
    ASSERT_FALSE(files) << name;
    EXPECT_EQ(files.error().kind(), ErrorKind::kCorrupt);
  }
}

TEST(Facade, RefusesCompressedMembers) {
  EXPECT_FALSE(read_facade(bytes_of(stored_zip({{"site/a.py", "x"}}, 8))));
}

TEST(Facade, SurvivesDamageAnywhere) {
  const std::string zip = stored_zip({{"site/a.py", "one"}, {"site/b.py", "two"}});
  for (std::size_t at = 0; at < zip.size(); ++at) {
    (void)read_facade(bytes_of(zip.substr(0, at)));
    for (int bits : {0x01, 0x80, 0xff}) {
      std::string damaged = zip;
      damaged[at] = static_cast<char>(damaged[at] ^ bits);
      (void)read_facade(bytes_of(damaged));
    }
  }
}

// As many files as nine caps have, each with its bytecode.
TEST(Facade, LookingForChangesIsCheap) {
  PlanInstall here;
  const std::string component = here.scratch.file("component", "not run here");
  std::vector<std::pair<std::string, std::string>> members;
  for (int i = 0; i < 20; ++i)
    members.emplace_back("site/package" + std::to_string(i / 2) + "/m" + std::to_string(i) + ".py",
                         std::string(4000, '#'));
  here.add("a", component).facade = here.put(stored_zip(members));
  here.write();
  auto plan = here.admit();
  ASSERT_TRUE(plan) << plan.error().text();
  double best = 1e9;
  for (int round = 0; round < 100; ++round) {
    const auto begin = std::chrono::steady_clock::now();
    ASSERT_TRUE(same_facades((*plan)->facades, (*plan)->facades_state));
    const std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - begin;
    best = std::min(best, took.count());
  }
  RecordProperty("microseconds", static_cast<int>(best));
  EXPECT_LT(best, 200) << "the start's budget for caps that are not used";
}

}  // namespace
}  // namespace pylon::runtime::testing
