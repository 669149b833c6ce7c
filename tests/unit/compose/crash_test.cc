// kill -9 at random moments: nothing valid is lost, nothing half-written is valid.
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <fstream>

#include "compose/audit_log.hh"
#include "compose/blob_store.hh"
#include "compose/trust_file.hh"
#include "killed.hh"
#include "support/scratch_directory.hh"

namespace pylon::compose {
namespace {

namespace fs = std::filesystem;
using testing::kill_at_random;
using testing::Progress;

constexpr int kPuts = 250, kCollections = 200, kRepairs = 200, kChanges = 250, kAppends = 100;
static_assert(kPuts + kCollections + kRepairs + kChanges + kAppends == 1000);
constexpr int kBlobs = 8;

// How long to wait at most before killing: some times what the work takes here and now.
unsigned window(const std::function<void()>& work) {
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < 5; ++i) work();
  const auto took = std::chrono::steady_clock::now() - begin;
  const auto one = std::chrono::duration_cast<std::chrono::microseconds>(took).count() / 5;
  return static_cast<unsigned>(std::clamp<std::int64_t>(one * 5 / 2, 1'000, 40'000));
}

// A blob of some size that is different for each number.
Bytes content(int number) {
  Bytes out(20'000 + 1'000 * static_cast<std::size_t>(number % 50));
  std::mt19937 random(static_cast<unsigned>(number));
  for (auto& byte : out) byte = static_cast<std::uint8_t>(random());
  return out;
}

std::set<Digest> digests_of(int count) {
  std::set<Digest> out;
  for (int i = 0; i < count; ++i) out.insert(Digest::of(content(i)));
  return out;
}

class KilledStore : public ::testing::Test {
 protected:
  void SetUp() override {
    for (int i = 0; i < kBlobs; ++i) ASSERT_TRUE(store_.put(content(i)));
  }

  // Whatever is in the store is what its name says, and the first blobs are all there.
  void expect_whole() {
    const auto report = store_.verify();
    ASSERT_TRUE(report) << report.error().text();
    for (const BlobProblem& problem : report->problems)
      ADD_FAILURE() << problem.name << ": " << problem.problem;
    for (const Digest& digest : live_) EXPECT_TRUE(store_.has(digest)) << digest.text();
  }

  pylon::testing::ScratchDirectory scratch_;
  BlobStore store_{scratch_.path("blobs")};
  std::set<Digest> live_ = digests_of(kBlobs);
  std::mt19937 random_{1};
};

TEST_F(KilledStore, Put) {
  int other = 100;
  const unsigned most = window([&] { static_cast<void>(store_.put(content(other++))); });
  Progress progress;
  int checked = 1000;
  progress.set(checked);
  for (int round = 0; round < kPuts && !HasFailure(); ++round) {
    const int first = progress.get();
    kill_at_random(random_, most, [&] {
      for (int i = first; store_.put(content(i)); ++i) progress.set(i + 1);
    });
    expect_whole();
    for (; checked < progress.get(); ++checked)  // what was reported as stored is stored
      ASSERT_TRUE(store_.get(Digest::of(content(checked)))) << checked;
    if (round % 10 == 9) {
      ASSERT_TRUE(store_.gc(live_, -5, false));  // so that the store stays small
      checked = progress.get();
    }
  }
  EXPECT_GT(progress.get(),
            1000 + kPuts / 20);  // the children came far enough to be interrupted in earnest
  EXPECT_TRUE(fs::is_empty(store_.root() / ".incoming") || store_.gc(live_, -5, false));
}

TEST_F(KilledStore, Gc) {
  const unsigned most = window([&] { static_cast<void>(store_.gc(live_, -5, false)); });
  for (int round = 0; round < kCollections && !HasFailure(); ++round) {
    for (int i = 0; i < 5; ++i) ASSERT_TRUE(store_.put(content(100 + i)));
    kill_at_random(random_, most, [&] { static_cast<void>(store_.gc(live_, -5, false)); });
    expect_whole();
  }
  const auto report = store_.gc(live_, -5, false);
  ASSERT_TRUE(report) << report.error().text();
  EXPECT_EQ(report->kept, static_cast<std::size_t>(kBlobs));
}

TEST_F(KilledStore, Repair) {
  BlobStore source(scratch_.path("source"));
  for (int i = 0; i < kBlobs; ++i) ASSERT_TRUE(source.put(content(i)));
  const std::vector<fs::path> sources = {source.root()};
  const unsigned most =
      3 * window([&] { static_cast<void>(store_.repair(sources, live_, false)); });
  for (int round = 0; round < kRepairs && !HasFailure(); ++round) {
    const Digest damaged = Digest::of(content(round % kBlobs)),
                 lost = Digest::of(content((round + 1) % kBlobs));
    fs::permissions(store_.path_of(damaged), fs::perms::owner_all);
    std::ofstream(store_.path_of(damaged)) << "damaged";
    fs::remove(store_.path_of(lost));
    kill_at_random(random_, most, [&] { static_cast<void>(store_.repair(sources, live_, false)); });
    const auto got = store_.get(damaged);  // as it was, or whole
    EXPECT_TRUE(got || got.error().kind() == ErrorKind::kCorrupt);
    const auto report = store_.repair(sources, live_, false);
    ASSERT_TRUE(report) << report.error().text();
    EXPECT_TRUE(report->missing.empty() && report->removed.empty());
    expect_whole();
  }
}

TEST(Killed, TrustChanges) {
  pylon::testing::ScratchDirectory scratch;
  TrustFile file(scratch.path("trust"));
  std::mt19937 random(2);
  Progress progress;
  auto revoke_next = [&] {
    const int i = progress.get();
    const Digest digest = Digest::of(std::to_string(i));
    const auto changed = file.change([&](TrustState& state) -> Result<TrustChange> {
      state.revoked_digests[digest] = {"", i};
      return TrustChange{i, "revoke", digest.text(), ""};
    });
    if (changed) progress.set(i + 1);
    return changed.has_value();
  };
  const unsigned most = window(revoke_next);
  for (int round = 0; round < kChanges && !::testing::Test::HasFailure(); ++round) {
    kill_at_random(random, most, [&] {
      while (revoke_next()) continue;
    });
    const auto state = file.read();
    ASSERT_TRUE(state) << state.error().text();
    const int kept = static_cast<int>(state->revoked_digests.size());
    ASSERT_TRUE(kept == progress.get() || kept == progress.get() + 1)
        << kept << " of " << progress.get();
    const auto log = file.log();
    ASSERT_TRUE(log) << log.error().text();
    ASSERT_EQ(static_cast<int>(log->size()), kept);
    progress.set(kept);
  }
  EXPECT_GT(progress.get(), kChanges / 20);
}

TEST(Killed, AuditLog) {
  pylon::testing::ScratchDirectory scratch;
  const AuditLog log(scratch.path("audit"));
  std::mt19937 random(3);
  Progress progress;
  for (int round = 0; round < kAppends && !::testing::Test::HasFailure(); ++round) {
    kill_at_random(random, 3'000, [&] {
      for (int i = progress.get(); i < 100'000; ++i) {
        const AuditRecord record{
            i, Digest::of("plan"), "signed", {{"python", Digest::of("p"), {}}}, {}, {}, {}, i % 256};
        if (!log.append(record)) ::_exit(1);
        progress.set(i + 1);
      }
    });
    if (round % 25 != 24) continue;
    const auto report = log.verify();
    ASSERT_TRUE(report) << report.error().text();
    ASSERT_EQ(report->problem, "");
    // A child that died behind the append and before it told leaves a record more.
    ASSERT_GE(static_cast<int>(report->records.size()), progress.get());
    ASSERT_LE(static_cast<int>(report->records.size()), progress.get() + round + 1);
  }
  EXPECT_GT(progress.get(), kAppends);
}

}  // namespace
}  // namespace pylon::compose
