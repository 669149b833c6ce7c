#include "compose/blob_store.hh"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "support/scratch_directory.hh"

namespace pylon::compose {
namespace {

namespace fs = std::filesystem;

Bytes bytes(std::string_view text) {
  return Bytes(text.begin(), text.end());
}

class BlobStoreTest : public ::testing::Test {
 protected:
  Digest put(std::string_view text) {
    const auto digest = store_.put(bytes(text));
    EXPECT_TRUE(digest) << digest.error().text();
    return *digest;
  }

  // Writes over a stored blob, as a failing disk would.
  void damage(const Digest& digest, const std::string& content) {
    const fs::path path = store_.path_of(digest);
    fs::permissions(path, fs::perms::owner_write, fs::perm_options::add);
    std::ofstream(path) << content;
  }

  void make_old(const Digest& digest) {
    const timespec times[2] = {{1'000'000, 0}, {1'000'000, 0}};
    ASSERT_EQ(::utimensat(AT_FDCWD, store_.path_of(digest).c_str(), times, 0), 0);
  }

  pylon::testing::ScratchDirectory scratch_;
  BlobStore store_{scratch_.path("a/blobs")};
};

TEST_F(BlobStoreTest, GivesBackWhatWasPut) {
  const Digest digest = put("one");
  EXPECT_EQ(digest, Digest::of("one"));
  EXPECT_TRUE(store_.has(digest));
  EXPECT_EQ(*store_.get(digest), bytes("one"));
  EXPECT_EQ(*store_.checked_path(digest), store_.path_of(digest));
  EXPECT_EQ(store_.path_of(digest),
            store_.root() / digest.hex().substr(0, 2) / digest.hex().substr(2));
  EXPECT_EQ(*store_.put_file(scratch_.file("f", "two")), Digest::of("two"));
  EXPECT_EQ(store_.list()->size(), 2u);
  EXPECT_TRUE(fs::is_empty(store_.root() / ".incoming"));
}

TEST_F(BlobStoreTest, SaysWhatIsMissingOrDamaged) {
  const Digest digest = put("one");
  EXPECT_EQ(store_.get(Digest::of("two")).error().kind(), ErrorKind::kInput);
  damage(digest, "on3");
  for (const auto& error : {store_.get(digest).error(), store_.checked_path(digest).error()}) {
    EXPECT_EQ(error.kind(), ErrorKind::kCorrupt);
    EXPECT_NE(error.message().find(digest.text()), std::string::npos) << error.message();
    EXPECT_EQ(error.hint(), "run `composectl blob repair`");
  }
}

TEST_F(BlobStoreTest, PutMendsADamagedBlob) {
  const Digest digest = put("one");
  damage(digest, "on3");
  put("one");
  EXPECT_TRUE(store_.get(digest));
}

TEST_F(BlobStoreTest, VerifiesEverything) {
  const Digest good = put("good"), bad = put("bad");
  damage(bad, "");
  scratch_.file("a/blobs/notes.txt");
  scratch_.link("a/blobs/link", store_.path_of(good).string());
  const auto report = store_.verify();
  ASSERT_TRUE(report);
  EXPECT_EQ(report->good, 1u);
  EXPECT_EQ(report->problems.size(), 3u);
}

TEST_F(BlobStoreTest, RepairsFromSources) {
  const Digest one = put("one"), two = put("two"), lost = put("lost");
  for (const Digest& digest : {one, two, lost}) damage(digest, "?");
  const Digest absent = Digest::of("absent"), nowhere = Digest::of("nowhere");
  BlobStore other(scratch_.path("other"));
  ASSERT_TRUE(other.put(bytes("one")));
  scratch_.file("folder/deep/file", "two");
  scratch_.file("folder/absent", "absent");
  const std::vector<fs::path> sources = {other.root(), scratch_.path("folder")};
  const auto plan = store_.repair(sources, {one, absent, nowhere}, true);
  ASSERT_TRUE(plan) << plan.error().text();
  EXPECT_FALSE(store_.get(one));
  const auto done = store_.repair(sources, {one, absent, nowhere}, false);
  ASSERT_TRUE(done) << done.error().text();
  for (const auto& report : {*plan, *done}) {
    EXPECT_EQ(report.repaired.size(), 3u);
    EXPECT_EQ(report.removed.size(), 1u);
    EXPECT_EQ(report.missing, std::vector{nowhere});
  }
  for (const Digest& digest : {one, two, absent}) EXPECT_TRUE(store_.get(digest));
  EXPECT_FALSE(store_.has(lost));
}

TEST_F(BlobStoreTest, CollectsWhatNobodyNeeds) {
  const Digest live = put("live"), dead = put("dead"), fresh = put("fresh");
  make_old(live);
  make_old(dead);
  scratch_.file("a/blobs/.incoming/abc");
  EXPECT_EQ(store_.gc({live}, 60, true)->removed.size(), 1u);
  const auto report = store_.gc({live}, 60, false);
  ASSERT_TRUE(report) << report.error().text();
  ASSERT_EQ(report->removed.size(), 1u);
  EXPECT_EQ(report->removed[0].digest, dead);
  EXPECT_EQ(report->kept, 2u);
  EXPECT_EQ(report->leftovers, 1u);
  EXPECT_TRUE(store_.has(live) && store_.has(fresh) && !store_.has(dead));
}

TEST_F(BlobStoreTest, PutAgainProtectsFromCollection) {
  const Digest digest = put("again");
  make_old(digest);
  put("again");
  EXPECT_EQ(store_.gc({}, 60, false)->removed.size(), 0u);
}

TEST_F(BlobStoreTest, AnAbsentStoreIsEmpty) {
  EXPECT_EQ(store_.list()->size(), 0u);
  EXPECT_EQ(store_.verify()->good, 0u);
  EXPECT_EQ(store_.gc({}, 0, false)->kept, 0u);
  EXPECT_FALSE(fs::exists(store_.root()));
}

}  // namespace
}  // namespace pylon::compose
