// What a guest may do with files, what it may not, and what is recorded of that.
#include "fixture.hh"

namespace pylon::engine::testing {
namespace {

namespace fs = std::filesystem;
using Kind = Refusal::Kind;

// Exit codes of components/files.wat: 0, or WASI's error code plus one.
constexpr int kDone = 0, kAccess = 1, kNoEntry = 21, kNotPermitted = 32;

// A tree with a granted folder, a secret beside it, and links between them:
//   granted/file "f"  granted/folder/inner  granted/out -> ../secret  granted/absolute ->
//   <root>/secret/key granted/up -> ..  secret/key "s"  shared/note "n"  granted/note ->
//   <root>/shared/note
class Files : public ::testing::Test {
 protected:
  Files() {
    scratch_.file("granted/file", "f");
    scratch_.file("granted/folder/inner", "i");
    scratch_.file("secret/key", "s");
    scratch_.file("shared/note", "n");
    scratch_.link("granted/out", "../secret");
    scratch_.link("granted/up", "..");
    scratch_.link("granted/absolute", path("secret/key"));
    scratch_.link("granted/note", path("shared/note"));
    scratch_.link("granted/link", "file");
    scratch_.link("granted/whole", path("granted/file"));
  }

  std::string path(const std::string& inside = {}) const { return scratch_.path(inside); }

  Preopen granted(bool read, bool write) const {
    return {path("granted"), path("granted"), read, write};
  }

  // Runs one operation in a session of its own; keeps its refusals.
  int run(const std::vector<Preopen>& preopens, const std::string& operation,
          const std::string& path) {
    int status = -1;
    SessionOptions options;
    options.preopens = preopens;
    options.arguments = {operation, path};
    on_guest_thread([&] {
      auto session = Session::create(shared_engine(), files_, std::move(options));
      ASSERT_TRUE(session) << session.error().text();
      auto result = session->run();
      ASSERT_TRUE(result) << result.error().text();
      status = *result;
      refusals_ = session->refusals();
    });
    return status;
  }

  void expect_refused(const std::vector<Preopen>& preopens, const std::string& operation,
                      const std::string& inside, Kind kind, const std::string& target) {
    EXPECT_EQ(run(preopens, operation, inside), kNotPermitted) << operation << " " << inside;
    ASSERT_EQ(refusals_.size(), 1u) << operation << " " << inside;
    EXPECT_EQ(refusals_[0].kind, kind) << operation << " " << inside;
    EXPECT_EQ(refusals_[0].target, target) << operation << " " << inside;
  }

  Scratch scratch_;
  Component files_ = component("files");
  std::vector<Refusal> refusals_;
};

TEST_F(Files, ReadGrantReadsAndRefusesChanges) {
  std::vector<Preopen> preopens = {granted(true, false)};
  EXPECT_EQ(run(preopens, "s0", "file"), kDone);
  EXPECT_EQ(run(preopens, "r0", "file"), kDone);
  EXPECT_EQ(run(preopens, "R0", "file"), 100 + 'f' % 100);
  EXPECT_EQ(run(preopens, "r0", "link"), kDone);
  EXPECT_EQ(run(preopens, "R0", "whole"), 100 + 'f' % 100) << "an absolute link that leads inside";
  EXPECT_EQ(run(preopens, "i0", "folder"), kDone);
  EXPECT_EQ(run(preopens, "s0", "missing"), kNoEntry);
  EXPECT_TRUE(refusals_.empty()) << "a missing file is not a refusal";
  expect_refused(preopens, "w0", "new", Kind::kWrite, path("granted/new"));
  expect_refused(preopens, "w0", "./folder/../new", Kind::kWrite, path("granted/new"));
  for (const char* operation : {"d0", "u0", "y0", "t0", "n0", "m0"})
    expect_refused(preopens, operation, "file", Kind::kWrite, path("granted/file"));
  EXPECT_FALSE(fs::exists(path("granted/new")));
}

TEST_F(Files, WriteGrantChanges) {
  std::vector<Preopen> preopens = {granted(true, true)};
  EXPECT_EQ(run(preopens, "w0", "new"), kDone);
  EXPECT_EQ(run(preopens, "d0", "made"), kDone);
  EXPECT_EQ(run(preopens, "y0", "pointer"), kDone);
  EXPECT_EQ(run(preopens, "n0", "file"), kDone);
  EXPECT_EQ(run(preopens, "t0", "file"), kDone);
  EXPECT_EQ(run(preopens, "u0", "new"), kDone);
  EXPECT_EQ(run(preopens, "m0", "file"), kDone);
  EXPECT_TRUE(fs::is_directory(path("granted/made")));
  EXPECT_TRUE(fs::is_symlink(path("granted/pointer")));
  EXPECT_FALSE(fs::exists(path("granted/new")));
}

TEST_F(Files, NoGrantRefusesEverything) {
  std::vector<Preopen> preopens = {granted(false, false)};
  for (const char* operation : {"s0", "l0"})
    expect_refused(preopens, operation, "file", Kind::kStat, path("granted/file"));
  for (const char* operation : {"r0", "i0"})
    expect_refused(preopens, operation, "file", Kind::kRead, path("granted/file"));
  for (const char* operation : {"w0", "d0", "u0", "y0", "t0"})
    expect_refused(preopens, operation, "file", Kind::kWrite, path("granted/file"));
  expect_refused(preopens, "s0", "missing", Kind::kStat, path("granted/missing"));
  EXPECT_TRUE(fs::exists(path("granted/file")));
}

TEST_F(Files, WriteAloneDoesNotRead) {
  std::vector<Preopen> preopens = {granted(false, true)};
  EXPECT_EQ(run(preopens, "w0", "new"), kDone);
  expect_refused(preopens, "r0", "file", Kind::kRead, path("granted/file"));
  expect_refused(preopens, "i0", ".", Kind::kRead, path("granted"));
  expect_refused(preopens, "n0", "file", Kind::kRead, path("granted/file"));
}

TEST_F(Files, NothingLeadsOut) {
  std::vector<Preopen> preopens = {granted(true, true)};
  expect_refused(preopens, "r0", "out/key", Kind::kRead, path("secret/key"));
  expect_refused(preopens, "s0", "out/key", Kind::kStat, path("secret/key"));
  expect_refused(preopens, "r0", "absolute", Kind::kRead, path("secret/key"));
  expect_refused(preopens, "r0", "up/secret/key", Kind::kRead, path("secret/key"));
  expect_refused(preopens, "r0", "../secret/key", Kind::kRead, path("secret/key"));
  expect_refused(preopens, "r0", "folder/../../secret/key", Kind::kRead, path("secret/key"));
  expect_refused(preopens, "w0", "out/new", Kind::kWrite, path("secret/new"));
  expect_refused(preopens, "i0", "up", Kind::kRead, path());
  EXPECT_EQ(run(preopens, "d0", "../escaped"), kNotPermitted);
  EXPECT_EQ(run(preopens, "u0", "out/key"), kNotPermitted);
  EXPECT_EQ(run(preopens, "r0", path("secret/key")), kNotPermitted) << "absolute";
  EXPECT_TRUE(fs::exists(path("secret/key")));
  EXPECT_FALSE(fs::exists(path("escaped")));
}

TEST_F(Files, ALinkIntoAnotherGrantIsFollowed) {
  std::vector<Preopen> preopens = {granted(true, true),
                                   {path("shared"), path("shared"), true, false}};
  EXPECT_EQ(run(preopens, "r0", "note"), kDone);
  EXPECT_EQ(run(preopens, "R0", "note"), 100 + 'n' % 100);
  EXPECT_EQ(run(preopens, "s0", "note"), kDone);
  EXPECT_EQ(run(preopens, "r0", "../shared/note"), kDone);
  expect_refused(preopens, "w0", "note", Kind::kWrite, path("shared/note"));
  preopens[1].read = false;
  expect_refused(preopens, "r0", "note", Kind::kRead, path("shared/note"));
}

TEST_F(Files, ASingleFileIsGranted) {
  Preopen one = granted(false, false);
  one.files = {{"file", false}, {"new", true}, {"link", false}, {"folder", false}};
  EXPECT_EQ(run({one}, "r0", "file"), kDone);
  EXPECT_EQ(run({one}, "s0", "file"), kDone);
  EXPECT_EQ(run({one}, "w0", "new"), kDone);
  EXPECT_EQ(run({one}, "u0", "new"), kDone);
  EXPECT_EQ(run({one}, "r0", "link"), kDone) << "it leads to a file that is granted too";
  expect_refused({one}, "w0", "file", Kind::kWrite, path("granted/file"));
  expect_refused({one}, "r0", "absolute", Kind::kRead, path("granted/absolute"));
  expect_refused({one}, "i0", ".", Kind::kRead, path("granted"));
  expect_refused({one}, "r0", "folder/inner", Kind::kRead, path("granted/folder/inner"));
  EXPECT_EQ(run({one}, "i0", "folder"), kAccess) << "a single grant is never a tree";
}

TEST_F(Files, ASingleFileThatIsALinkLeadsNowhereElse) {
  Preopen one = granted(false, false);
  one.files = {{"absolute", true}};
  expect_refused({one}, "r0", "absolute", Kind::kRead, path("secret/key"));
  expect_refused({one}, "w0", "absolute", Kind::kWrite, path("secret/key"));
  EXPECT_EQ(fs::file_size(path("secret/key")), 1u);
}

TEST_F(Files, TheNewestRefusalsAreKeptEachOnce) {
  EXPECT_EQ(run({granted(true, false)}, "k0", "name?"), kNotPermitted);
  ASSERT_EQ(refusals_.size(), Session::kMaxRefusals);
  EXPECT_EQ(refusals_.front().target, path("granted/name") + static_cast<char>('0' + 9));
  EXPECT_EQ(refusals_.back().target, path("granted/name0")) << "refused again last";
}

// A program that resolves a path looks at each directory on the way: at those, and at nothing else
// in them.
TEST_F(Files, DirectoriesOnTheWayToAGrantMayBeLookedAt) {
  std::vector<Preopen> preopens = {granted(true, false), {"/", "/", false, false}};
  const std::string way = path().substr(1);
  for (const std::string& place : {std::string("."), way, fs::path(way).parent_path().string()}) {
    EXPECT_EQ(run(preopens, "s1", place), kDone) << place;
    expect_refused(preopens, "i1", place, Kind::kRead, place == "." ? "/" : "/" + place);
  }
  expect_refused(preopens, "s1", way + "/secret", Kind::kStat, path("secret"));
  expect_refused(preopens, "s1", way + "/granted/../secret", Kind::kStat, path("secret"));
}

TEST_F(Files, TheRootCatchesAll) {
  std::vector<Preopen> preopens = {granted(true, false), {"/", "/", false, false}};
  expect_refused(preopens, "r1", "etc/passwd", Kind::kRead, "/etc/passwd");
  expect_refused(preopens, "s1", "proc/self/environ", Kind::kStat, "/proc/self/environ");
  expect_refused(preopens, "i1", ".", Kind::kRead, "/");
}

TEST_F(Files, ASingleFileGrantNamesAnEntryOfTheDirectory) {
  SessionOptions options;
  options.preopens = {granted(false, false)};
  options.preopens[0].files = {{"folder/inner", false}};
  on_guest_thread([&] {
    auto session = Session::create(shared_engine(), files_, options);
    ASSERT_FALSE(session);
    EXPECT_NE(session.error().text().find("folder/inner"), std::string::npos);
  });
}

// Even who may read and write everything does not get at the host program through the system's
// files about it.
TEST_F(Files, TheHostProcessIsOutOfReach) {
  scratch_.link("environment", "/proc/self/environ");
  std::vector<Preopen> all = {{"/", "/", true, true}};
  EXPECT_EQ(run(all, "r0", "proc/cpuinfo"), kDone);
  EXPECT_EQ(run(all, "r0", "proc/self/environ"), kAccess);
  EXPECT_EQ(run(all, "r0", path("environment").substr(1)), kAccess);
  EXPECT_EQ(run(all, "w0", "proc/self/mem"), kAccess);
  EXPECT_EQ(run(all, "w0", "proc/self/comm"), kAccess);
}

}  // namespace
}  // namespace pylon::engine::testing
