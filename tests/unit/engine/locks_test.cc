// Locks on ranges of a file's bytes: against others on the host, and only on what is granted.
#include <fcntl.h>
#include <unistd.h>

#include "fixture.hh"

namespace pylon::engine::testing {
namespace {

// Exit codes of components/locks.wat.
constexpr int kFalse = 0, kTrue = 1, kMayNotOpen = 10, kMissing = 11, kNotAFile = 12,
              kNotPermitted = 20;

class Locks : public ::testing::Test {
 protected:
  Locks() { scratch_.file("granted/file", std::string(100, 'f')); }

  std::string path(const std::string& inside = {}) const { return scratch_.path(inside); }

  int run(const std::string& operation, const std::string& inside, bool write = true) {
    int status = -1;
    SessionOptions options;
    options.preopens = {{path("granted"), path("granted"), true, write}};
    options.arguments = {operation, path(inside)};
    on_guest_thread([&] {
      auto session = Session::create(shared_engine(), component_, std::move(options));
      ASSERT_TRUE(session) << session.error().text();
      auto result = session->run();
      ASSERT_TRUE(result) << result.error().text();
      status = *result;
      refusals_ = session->refusals();
    });
    return status;
  }

  Scratch scratch_;
  Component component_ = component("locks");
  std::vector<Refusal> refusals_;
};

// A lock of the host's, as a program there takes it.
class HostLock {
 public:
  HostLock(const std::string& path, short kind, off_t start, off_t length)
      : fd_(::open(path.c_str(), O_RDWR)) {
    struct flock range{};
    range.l_type = kind;
    range.l_whence = SEEK_SET;
    range.l_start = start;
    range.l_len = length;
    EXPECT_EQ(::fcntl(fd_, F_OFD_SETLK, &range), 0);
  }
  HostLock(const HostLock&) = delete;
  ~HostLock() { ::close(fd_); }

 private:
  int fd_;
};

TEST_F(Locks, NobodyElse) {
  EXPECT_EQ(run("s", "granted/file"), kTrue);
  EXPECT_EQ(run("x", "granted/file"), kTrue);
  EXPECT_EQ(run("i", "granted/file"), kFalse);
}

TEST_F(Locks, HostHoldsExclusive) {
  const HostLock lock(path("granted/file"), F_WRLCK, 15, 1);
  EXPECT_EQ(run("s", "granted/file"), kFalse);
  EXPECT_EQ(run("x", "granted/file"), kFalse);
  EXPECT_EQ(run("i", "granted/file"), kTrue);
}

TEST_F(Locks, HostHoldsShared) {
  const HostLock lock(path("granted/file"), F_RDLCK, 15, 1);
  EXPECT_EQ(run("s", "granted/file"), kTrue);
  EXPECT_EQ(run("x", "granted/file"), kFalse);
}

TEST_F(Locks, RangesAreSeparate) {
  const HostLock lock(path("granted/file"), F_WRLCK, 20, 1);
  EXPECT_EQ(run("x", "granted/file"), kTrue);
}

TEST_F(Locks, OpeningsAreSeparateAndReleaseWhenDropped) {
  EXPECT_EQ(run("t", "granted/file"), kFalse);
  EXPECT_EQ(run("u", "granted/file"), kFalse);
}

TEST_F(Locks, ReadGrantGivesSharedLocks) {
  EXPECT_EQ(run("s", "granted/file", false), kTrue);
  EXPECT_EQ(run("x", "granted/file", false), kNotPermitted);
  EXPECT_TRUE(refusals_.empty()) << "what was asked for is a lock, not to write";
}

TEST_F(Locks, OnlyWhatIsGranted) {
  scratch_.file("secret", "s");
  scratch_.file("granted-not/file", "n");
  scratch_.link("granted/out", "../secret");
  EXPECT_EQ(run("s", "secret"), kMissing);
  EXPECT_EQ(run("s", "granted-not/file"), kMissing);
  EXPECT_EQ(run("s", "granted/../secret"), kMissing);
  EXPECT_EQ(run("s", "granted/out"), kMayNotOpen);
  EXPECT_EQ(run("s", "granted/none"), kMissing);
  EXPECT_EQ(run("s", "granted"), kNotAFile);
}

}  // namespace
}  // namespace pylon::engine::testing
