#include "runtime/path.hh"

#include "support/scratch_directory.hh"

namespace pylon::runtime {
namespace {

TEST(AbsolutePath, IsLexical) {
  const struct {
    const char *path, *directory, *expected;
  } cases[] = {
      {"x.py", "/home/u", "/home/u/x.py"},
      {"./a//b/", "/home/u", "/home/u/a/b"},
      {"../x", "/home/u", "/home/x"},
      {"../../../../x", "/home/u", "/x"},
      {"a/../../b/./c/..", "/home/u", "/home/b"},
      {"/", "/home/u", "/"},
      {"//", "/home/u", "/"},
      {"/..", "/home/u", "/"},
      {"/a/b/", "/home/u", "/a/b"},
      {"", "/home/u", "/home/u"},
      {".", "/", "/"},
      {"...", "/a", "/a/..."},
  };
  for (const auto& c : cases) EXPECT_EQ(absolute_path(c.path, c.directory), c.expected) << c.path;
}

TEST(PathParts, OfAbsolutePaths) {
  EXPECT_EQ(parent_path("/a/b"), "/a");
  EXPECT_EQ(parent_path("/a"), "/");
  EXPECT_EQ(parent_path("/"), "/");
  EXPECT_EQ(base_name("/a/b"), "b");
  EXPECT_EQ(base_name("/"), "");
}

TEST(ContainsPath, EndsAtComponents) {
  EXPECT_TRUE(contains_path("/", "/x"));
  EXPECT_TRUE(contains_path("/a", "/a"));
  EXPECT_TRUE(contains_path("/a", "/a/b"));
  EXPECT_FALSE(contains_path("/a", "/ab"));
  EXPECT_FALSE(contains_path("/a/b", "/a"));
}

TEST(RealPath, FollowsLinks) {
  testing::ScratchDirectory scratch;
  const std::string file = scratch.file("real/f");
  const std::string link = scratch.link("link", "real");
  EXPECT_EQ(real_path(link + "/f"), file);
  EXPECT_EQ(real_path(link + "/none"), std::nullopt);
  EXPECT_EQ(real_path_of_entry(link + "/none"), scratch.path("real/none"));
  EXPECT_EQ(real_path_of_entry(link + "/none/deeper"), std::nullopt);
}

TEST(PathKindOf, TellsWhatIsThere) {
  testing::ScratchDirectory scratch;
  EXPECT_EQ(path_kind(scratch.file("f")), PathKind::kFile);
  EXPECT_EQ(path_kind(scratch.path()), PathKind::kDirectory);
  EXPECT_EQ(path_kind(scratch.path("none")), PathKind::kMissing);
  EXPECT_EQ(path_kind(scratch.link("dangling", "none")), PathKind::kMissing);
  EXPECT_EQ(path_kind("/dev/null"), PathKind::kOther);
}

}  // namespace
}  // namespace pylon::runtime
