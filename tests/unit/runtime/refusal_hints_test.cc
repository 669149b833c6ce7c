#include "runtime/refusal_hints.hh"

#include "support/scratch_directory.hh"

namespace pylon::runtime {
namespace {

using engine::Refusal;
using Kind = Refusal::Kind;

std::string flags(std::vector<Refusal> refusals, const FileGrants& grants = FileGrants("/")) {
  std::string out;
  for (const RefusalHint& hint : refusal_hints(refusals, grants))
    out += (out.empty() ? "" : " ") + hint.flag;
  return out;
}

TEST(RefusalHints, NameTheFlagThatWouldAllowIt) {
  EXPECT_EQ(flags({{Kind::kRead, "/data/a"}}), "--allow-read=/data/a");
  EXPECT_EQ(flags({{Kind::kWrite, "/data/a"}}), "--allow-write=/data/a");
  EXPECT_EQ(flags({{Kind::kConnect, "192.0.2.1:80"}}), "--allow-net=192.0.2.1:80");
  EXPECT_EQ(flags({{Kind::kConnect, "[::1]:80"}}), "'--allow-net=[::1]:80'");
  EXPECT_EQ(flags({{Kind::kLookup, "example.test"}}), "--allow-net=example.test");
  EXPECT_EQ(flags({{Kind::kListen, "0.0.0.0:80"}}), "--allow-net=0.0.0.0:80");
}

TEST(RefusalHints, LooksCountOnlyAlone) {
  EXPECT_EQ(flags({{Kind::kStat, "/data/a"}}), "--allow-read=/data/a");
  EXPECT_EQ(flags({{Kind::kStat, "/data/a"}, {Kind::kRead, "/data/b"}, {Kind::kStat, "/data/c"}}),
            "--allow-read=/data/b");
}

TEST(RefusalHints, LooksAtNothingCountOnlyAlone) {
  testing::ScratchDirectory scratch;
  const std::string there = scratch.directory("a"), absent = scratch.path("b");
  EXPECT_EQ(flags({{Kind::kStat, there}, {Kind::kStat, absent}}), "--allow-read=" + there);
  EXPECT_EQ(flags({{Kind::kStat, absent}, {Kind::kStat, absent + "/c"}}),
            "--allow-read=" + absent + " --allow-read=" + absent + "/c");
}

TEST(RefusalHints, TheLastThreeOnceInOrder) {
  EXPECT_EQ(flags({{Kind::kRead, "/a"},
                   {Kind::kRead, "/b"},
                   {Kind::kRead, "/c"},
                   {Kind::kRead, "/d"},
                   {Kind::kRead, "/c"}}),
            "--allow-read=/b --allow-read=/d --allow-read=/c");
}

TEST(RefusalHints, NothingThatIsGrantedOrVirtual) {
  testing::ScratchDirectory scratch;
  FileGrants grants(scratch.path());
  ASSERT_TRUE(grants.allow(scratch.directory("a"), Access::kRead));
  EXPECT_EQ(flags({{Kind::kRead, scratch.path("a/f")}}, grants), "");
  EXPECT_EQ(flags({{Kind::kWrite, scratch.path("a/f")}}, grants),
            "--allow-write=" + scratch.path("a/f"));
  EXPECT_EQ(flags({{Kind::kWrite, "/pylon/lib/python3.14/os.py"},
                   {Kind::kStat, "/pylon/lib/python314.zip"}}),
            "");
}

TEST(ShellWord, QuotesWhatAShellWouldChange) {
  EXPECT_EQ(shell_word("--allow-read=/a/b-c_d.e"), "--allow-read=/a/b-c_d.e");
  EXPECT_EQ(shell_word("--allow-read=/a b"), "'--allow-read=/a b'");
  EXPECT_EQ(shell_word("it's"), "'it'\\''s'");
  EXPECT_EQ(shell_word("$(x)"), "'$(x)'");
  EXPECT_EQ(shell_word(""), "''");
}

}  // namespace
}  // namespace pylon::runtime
