#include "runtime/file_grants.hh"

#include "support/scratch_directory.hh"

namespace pylon::runtime {
namespace {

using testing::ScratchDirectory;

// A preopen as text: "guest -> host rights file(rights)...", with the scratch directory written as
// ~.
std::string shown(const engine::Preopen& preopen, const ScratchDirectory& scratch) {
  auto short_path = [&](std::string path) {
    if (path.starts_with(scratch.path())) path.replace(0, scratch.path().size(), "~");
    return path;
  };
  auto rights = [](bool read, bool write) {
    return std::string(read ? "r" : "-") + (write ? "w" : "-");
  };
  std::string out = short_path(preopen.guest);
  if (preopen.guest != preopen.host) out += " -> " + short_path(preopen.host);
  out += " " + rights(preopen.read, preopen.write);
  for (const engine::FileGrant& file : preopen.files)
    out += " " + file.name + "(" + rights(true, file.write) + ")";
  return out;
}

using Lines = std::vector<std::string>;

Lines preopens(const FileGrants& grants, const ScratchDirectory& scratch) {
  Lines out;
  for (const engine::Preopen& preopen : grants.preopens()) out.push_back(shown(preopen, scratch));
  return out;
}

TEST(FileGrants, NothingIsGrantedByItself) {
  ScratchDirectory scratch;
  FileGrants grants(scratch.path());
  EXPECT_EQ(preopens(grants, scratch), (Lines{"/ --"}));
  EXPECT_FALSE(grants.allows(scratch.file("f"), Access::kRead));
}

TEST(FileGrants, DirectoriesAreNormalisedAndGivenOnce) {
  ScratchDirectory scratch;
  scratch.directory("a/b");
  FileGrants grants(scratch.path());
  for (const char* path : {"a", "a/", "./a", "a/b/..", "x/../a"})
    EXPECT_TRUE(grants.allow(path, Access::kRead)) << path;
  EXPECT_EQ(preopens(grants, scratch), (Lines{"/ --", "~/a r-"}));
}

TEST(FileGrants, WritingImpliesReadingAndReachesBelow) {
  ScratchDirectory scratch;
  const std::string below = scratch.directory("a/b");
  FileGrants grants(scratch.path());
  ASSERT_TRUE(grants.allow("a", Access::kWrite));
  ASSERT_TRUE(grants.allow("a/b", Access::kRead));
  EXPECT_EQ(preopens(grants, scratch), (Lines{"/ --", "~/a rw"}));
  EXPECT_TRUE(grants.allows(below, Access::kRead));
  EXPECT_TRUE(grants.allows(below + "/new", Access::kWrite));
  EXPECT_FALSE(grants.allows(scratch.path("ab"), Access::kRead));
}

TEST(FileGrants, WritableBelowReadableIsAPreopenOfItsOwn) {
  ScratchDirectory scratch;
  scratch.directory("a/b/c");
  FileGrants grants(scratch.path());
  ASSERT_TRUE(grants.allow("a", Access::kRead));
  ASSERT_TRUE(grants.allow("a/b", Access::kWrite));
  ASSERT_TRUE(grants.allow("a/b/c", Access::kRead));
  EXPECT_EQ(preopens(grants, scratch), (Lines{"/ --", "~/a r-", "~/a/b rw"}));
  EXPECT_FALSE(grants.allows(scratch.path("a/f"), Access::kWrite));
}

TEST(FileGrants, TheRootCoversAll) {
  ScratchDirectory scratch;
  scratch.directory("a");
  FileGrants grants(scratch.path());
  ASSERT_TRUE(grants.allow("/", Access::kRead));
  ASSERT_TRUE(grants.allow("a", Access::kRead));
  EXPECT_EQ(preopens(grants, scratch), (Lines{"/ r-"}));
}

TEST(FileGrants, ALinkIsGrantedWithWhatItLeadsTo) {
  ScratchDirectory scratch;
  scratch.directory("real/in");
  scratch.link("link", "real");
  FileGrants grants(scratch.path());
  ASSERT_TRUE(grants.allow("link/in", Access::kRead));
  EXPECT_EQ(preopens(grants, scratch),
            (Lines{"/ --", "~/link/in -> ~/real/in r-", "~/real/in r-"}));
  EXPECT_TRUE(grants.allows(scratch.path("real/in/f"), Access::kRead));
  EXPECT_FALSE(grants.allows(scratch.path("real/f"), Access::kRead));
}

TEST(FileGrants, ALinkIntoAWritableDirectoryIsWritable) {
  ScratchDirectory scratch;
  scratch.directory("real/in");
  scratch.link("link", "real/in");
  FileGrants grants(scratch.path());
  ASSERT_TRUE(grants.allow("real", Access::kWrite));
  ASSERT_TRUE(grants.allow("link", Access::kRead));
  EXPECT_EQ(preopens(grants, scratch), (Lines{"/ --", "~/link -> ~/real/in rw", "~/real rw"}));
}

TEST(FileGrants, ALinkOutOfAGrantStaysUnderItsOwnRights) {
  ScratchDirectory scratch;
  scratch.directory("a");
  scratch.directory("secret");
  scratch.link("a/out", "../secret");
  FileGrants grants(scratch.path());
  ASSERT_TRUE(grants.allow("a", Access::kRead));
  EXPECT_FALSE(grants.allows(scratch.path("a/out"), Access::kRead));
  EXPECT_FALSE(grants.allows(scratch.path("a/out/f"), Access::kRead));
}

TEST(FileGrants, OneFileIsNotItsDirectory) {
  ScratchDirectory scratch;
  scratch.file("a/f");
  scratch.file("a/g");
  FileGrants grants(scratch.path());
  ASSERT_TRUE(grants.allow("a/f", Access::kRead));
  ASSERT_TRUE(grants.allow("a/g", Access::kWrite));
  EXPECT_EQ(preopens(grants, scratch), (Lines{"/ --", "~/a -- f(r-) g(rw)"}));
  EXPECT_FALSE(grants.allows(scratch.path("a"), Access::kRead));
  EXPECT_FALSE(grants.allows(scratch.path("a/f"), Access::kWrite));
}

TEST(FileGrants, AFileKeepsTheRightsOfTheDirectoryAround) {
  ScratchDirectory scratch;
  scratch.file("a/b/f");
  FileGrants grants(scratch.path());
  ASSERT_TRUE(grants.allow("a", Access::kRead));
  ASSERT_TRUE(grants.allow("a/b/f", Access::kWrite));
  EXPECT_EQ(preopens(grants, scratch), (Lines{"/ --", "~/a r-", "~/a/b r- f(rw)"}));
}

TEST(FileGrants, AFileThatDoesNotExistYet) {
  ScratchDirectory scratch;
  FileGrants grants(scratch.path());
  ASSERT_TRUE(grants.allow("new", Access::kWrite));
  EXPECT_EQ(preopens(grants, scratch), (Lines{"/ --", "~ -- new(rw)"}));
  auto refused = grants.allow("none/new", Access::kWrite);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind(), ErrorKind::kInput);
  EXPECT_NE(refused.error().text().find(scratch.path("none")), std::string::npos);
}

}  // namespace
}  // namespace pylon::runtime
