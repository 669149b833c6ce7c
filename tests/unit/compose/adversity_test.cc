// Several writers at once, directories that cannot be written, full disks.
#include <sys/mount.h>
#include <sys/resource.h>

#include <csignal>
#include <fstream>

#include "compose/audit_log.hh"
#include "compose/blob_store.hh"
#include "compose/trust_file.hh"
#include "killed.hh"
#include "support/scratch_directory.hh"

namespace pylon::compose {
namespace {

namespace fs = std::filesystem;
using testing::at_once;

Bytes bytes(const std::string& text) {
  return Bytes(text.begin(), text.end());
}

Result<void> trust(TrustFile& file, const std::string& what) {
  return file.change([&](TrustState& state) -> Result<TrustChange> {
    state.digests[Digest::of(what)] = {what, 1};
    return TrustChange{1, "trust", Digest::of(what).text(), ""};
  });
}

TEST(AtOnce, WritersOfOneStore) {
  pylon::testing::ScratchDirectory scratch;
  BlobStore store(scratch.path("blobs"));
  EXPECT_TRUE(at_once(4, [&](int process) {
    for (int i = 0; i < 40; ++i) {
      // The same blobs in every process, and one of its own; one process collects meanwhile.
      if (!store.put(bytes("shared " + std::to_string(i)))) return false;
      if (!store.put(bytes(std::to_string(process) + " own " + std::to_string(i)))) return false;
      if (process == 3 && !store.gc({}, 3600, false)) return false;
    }
    return true;
  }));
  EXPECT_EQ(store.list()->size(), 200u);
  EXPECT_EQ(store.verify()->problems.size(), 0u);
}

TEST(AtOnce, ChangesOfTrust) {
  pylon::testing::ScratchDirectory scratch;
  TrustFile file(scratch.path("trust"));
  EXPECT_TRUE(at_once(4, [&](int process) {
    for (int i = 0; i < 25; ++i)
      if (!trust(file, std::to_string(process) + "/" + std::to_string(i))) return false;
    return true;
  }));
  EXPECT_EQ(file.read()->digests.size(), 100u);
  const auto log = file.log();
  ASSERT_TRUE(log) << log.error().text();
  EXPECT_EQ(log->size(), 100u);
}

TEST(AtOnce, RunsThatAreAudited) {
  pylon::testing::ScratchDirectory scratch;
  const AuditLog log(scratch.path("audit"));
  EXPECT_TRUE(at_once(4, [&](int process) {
    for (int i = 0; i < 100; ++i)
      if (!log.append({i, Digest::of("plan"), "signed", {}, {}, {}, {}, process})) return false;
    return true;
  }));
  const auto report = log.verify();
  ASSERT_TRUE(report) << report.error().text();
  EXPECT_EQ(report->problem, "");
  EXPECT_EQ(report->records.size(), 400u);
}

// Somebody who may read but not write: not root, for whom modes do not count.
class Stranger {
 public:
  Stranger() : was_root_(::geteuid() == 0) { EXPECT_TRUE(!was_root_ || ::seteuid(65534) == 0); }
  ~Stranger() { EXPECT_TRUE(!was_root_ || ::seteuid(0) == 0); }

 private:
  bool was_root_;
};

TEST(ReadOnly, IsReadAndNotWritten) {
  pylon::testing::ScratchDirectory scratch;
  BlobStore store(scratch.path("blobs"));
  TrustFile file(scratch.path("trust"));
  const AuditLog log(scratch.path("audit"));
  ASSERT_TRUE(store.put(bytes("there")));
  ASSERT_TRUE(trust(file, "there"));
  fs::create_directory(log.directory());
  for (const auto& entry : fs::recursive_directory_iterator(scratch.path()))
    if (entry.is_directory()) fs::permissions(entry, fs::perms(0555));
  fs::permissions(scratch.path(), fs::perms(0555));
  {
    const Stranger stranger;
    EXPECT_TRUE(store.get(Digest::of("there")));
    EXPECT_TRUE(store.put(bytes("there")));  // nothing is to be done
    const auto refused = store.put(bytes("new"));
    EXPECT_EQ(refused.error().kind(), ErrorKind::kIo);
    EXPECT_NE(refused.error().text().find("blobs/.incoming"), std::string::npos)
        << refused.error().text();
    EXPECT_TRUE(file.read());
    EXPECT_EQ(trust(file, "new").error().kind(), ErrorKind::kIo);
    EXPECT_EQ(log.append({1, Digest::of("plan"), "signed", {}, {}, {}, {}, 0}).error().kind(),
              ErrorKind::kIo);
  }
  for (const auto& entry : fs::recursive_directory_iterator(scratch.path()))
    if (entry.is_directory()) fs::permissions(entry, fs::perms(0755));
  fs::permissions(scratch.path(), fs::perms(0755));
}

// A small file system of its own where that may be made; elsewhere a limit on the size of files
// does.
class SmallDisk {
 public:
  explicit SmallDisk(const std::string& directory) : directory_(directory) {
    mounted_ = ::mount("tmpfs", directory.c_str(), "tmpfs", 0, "size=256k") == 0;
    if (mounted_) return;
    std::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &before_);
    rlimit limit{200'000, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~SmallDisk() {
    EXPECT_EQ(mounted_ ? ::umount(directory_.c_str()) : ::setrlimit(RLIMIT_FSIZE, &before_), 0);
  }
  bool mounted() const { return mounted_; }

 private:
  std::string directory_;
  bool mounted_ = false;
  rlimit before_{};
};

TEST(FullDisk, LosesNothingAndSaysSo) {
  pylon::testing::ScratchDirectory scratch;
  const SmallDisk disk(scratch.directory("disk"));
  BlobStore store(scratch.path("disk/blobs"));
  ASSERT_TRUE(store.put(bytes("there")));
  const auto refused = store.put(Bytes(1'000'000, 7));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind(), ErrorKind::kIo);
  if (disk.mounted()) {
    EXPECT_NE(refused.error().text().find("No space left"), std::string::npos)
        << refused.error().text();
    EXPECT_EQ(refused.error().hint(), "free some disk space and run it again");
  }
  EXPECT_TRUE(fs::is_empty(store.root() / ".incoming"));
  EXPECT_EQ(store.verify()->problems.size(), 0u);
  EXPECT_TRUE(store.get(Digest::of("there")));
}

TEST(FullDisk, KeepsTrustAndLog) {
  pylon::testing::ScratchDirectory scratch;
  const SmallDisk disk(scratch.directory("disk"));
  TrustFile file(scratch.path("disk/trust"));
  const AuditLog log(scratch.path("disk/audit"));
  if (!disk.mounted()) GTEST_SKIP() << "no file system can be mounted here";
  ASSERT_TRUE(trust(file, "there"));
  ASSERT_TRUE(log.append({1, Digest::of("plan"), "signed", {}, {}, {}, {}, 0}));
  std::ofstream(scratch.path("disk/filler")) << std::string(1'000'000, 'x');
  int refused = 0;
  for (int i = 0; i < 200; ++i) {
    refused += !trust(file, std::to_string(i));
    refused += !log.append({2, Digest::of("plan"), std::string(500, 'x'), {}, {}, {}, {}, 0});
  }
  EXPECT_GT(refused, 0);
  EXPECT_TRUE(file.read());
  EXPECT_TRUE(file.log());
  EXPECT_EQ(log.verify()->problem, "");
  fs::remove(scratch.path("disk/filler"));
  EXPECT_TRUE(trust(file, "later"));
  EXPECT_TRUE(log.append({3, Digest::of("plan"), "signed", {}, {}, {}, {}, 0}));
  EXPECT_EQ(log.verify()->problem, "");
}

}  // namespace
}  // namespace pylon::compose
