#include "compose/trust_store.hh"

#include <gtest/gtest.h>

#include "sample_plan.hh"
#include "support/scratch_directory.hh"

namespace pylon::compose {
namespace {

using testing::sample_plan;

constexpr Seconds kNow = 1'800'000'000;  // before the sample plan expires

class TrustStoreTest : public ::testing::Test {
 protected:
  void edit(TrustFile& file, const std::function<void(TrustState&)>& change) {
    ASSERT_TRUE(file.change([&](TrustState& state) -> Result<TrustChange> {
      change(state);
      return TrustChange{kNow, "test", "test", ""};
    }));
  }
  void trust(const Digest& digest) {
    edit(person_, [&](TrustState& state) { state.digests[digest] = {"", kNow}; });
  }
  void trust_key(TrustFile& file) {
    edit(file, [&](TrustState& s) {
      s.keys.insert_or_assign(key_.public_key().id(), TrustedKey{key_.public_key(), {}});
    });
  }

  PlanFile plan_file(const Plan& plan, bool is_signed) {
    const std::string bytes = plan.json();
    std::optional<std::string> signature;
    if (is_signed)
      signature =
          key_.sign({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()}, "t");
    return *PlanFile::of("p.json", bytes, signature);
  }

  Result<Verdict> check(const PlanFile& file, Seconds now = kNow) {
    auto store = TrustStore::open({install_.directory(), person_.directory()});
    if (!store) return fail(store.error());
    return store->check(file, now);
  }

  void expect_refused(const Result<Verdict>& result, const std::string& object,
                      const std::string& command, ErrorKind kind = ErrorKind::kRefused) {
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind(), kind);
    EXPECT_NE(result.error().text().find(object), std::string::npos) << result.error().text();
    EXPECT_NE(result.error().hint().find(command), std::string::npos) << result.error().hint();
  }

  pylon::testing::ScratchDirectory scratch_;
  TrustFile install_{scratch_.path("install")};
  TrustFile person_{scratch_.path("person")};
  SecretKey key_ = SecretKey::generate();
  std::string id_ = key_.public_key().id().text();
};

TEST_F(TrustStoreTest, RefusesWhatNobodyVouchesFor) {
  expect_refused(check(plan_file(sample_plan(), false)),
                 "component 'python' (" + Digest::of("python").text(),
                 "composectl trust add p.json");
  expect_refused(check(plan_file(sample_plan(), true)), "signed by key " + id_,
                 "composectl trust add PUBLIC-KEY-FILE");
}

TEST_F(TrustStoreTest, AcceptsATrustedKeyOfEitherStore) {
  for (TrustFile* file : {&install_, &person_}) {
    trust_key(*file);
    const auto verdict = check(plan_file(sample_plan(), true));
    ASSERT_TRUE(verdict) << verdict.error().text();
    EXPECT_EQ(verdict->text(), "signed by key " + id_);
    edit(*file, [](TrustState& state) { state.keys.clear(); });
  }
}

TEST_F(TrustStoreTest, AcceptsAPlanByItsDigestOrByEachDigestInIt) {
  const PlanFile file = plan_file(sample_plan(), false);
  trust(file.digest);
  EXPECT_EQ(check(file)->reason, Verdict::Reason::kPlanDigest);
  edit(person_, [](TrustState& state) { state.digests.clear(); });
  const auto digests = sample_plan().digests();
  for (const Digest& digest : digests) {
    EXPECT_FALSE(check(file));
    trust(digest);
  }
  EXPECT_EQ(check(file)->reason, Verdict::Reason::kEachDigest);
}

TEST_F(TrustStoreTest, ChecksTheRootAndEveryBlobForRevocation) {
  trust_key(person_);
  const PlanFile file = plan_file(sample_plan(), true);
  auto objects = sample_plan().digests();
  objects.push_back(file.digest);
  for (TrustFile* store : {&install_, &person_})
    for (const Digest& digest : objects) {
      edit(*store, [&](TrustState& state) { state.revoked_digests[digest] = {"bad", kNow}; });
      expect_refused(check(file), digest.text(), "composectl trust remove " + digest.text());
      edit(*store, [](TrustState& state) { state.revoked_digests.clear(); });
    }
  EXPECT_TRUE(check(file));
}

TEST_F(TrustStoreTest, ARevokedKeyWinsOverEverything) {
  trust_key(person_);
  const PlanFile file = plan_file(sample_plan(), true);
  trust(file.digest);
  edit(install_,
       [&](TrustState& state) { state.revoked_keys[key_.public_key().id()] = {"lost", kNow}; });
  expect_refused(check(file), "key " + id_, "composectl trust remove " + id_);
}

TEST_F(TrustStoreTest, RefusesATamperedPlanOrSignature) {
  trust_key(person_);
  PlanFile file = plan_file(sample_plan(), true);
  Plan changed = sample_plan();
  changed.components[2].grants.read = {"*"};
  const PlanFile tampered = *PlanFile::of("p.json", changed.json(), file.signature);
  expect_refused(check(tampered), "p.json.minisig", "composectl plan sign p.json",
                 ErrorKind::kCorrupt);
  file.signature->at(file.signature->find("trusted comment: t") + 17) = 'x';
  EXPECT_EQ(check(file).error().kind(), ErrorKind::kCorrupt);
  file.signature = "nonsense";
  EXPECT_FALSE(check(file));
}

TEST_F(TrustStoreTest, RefusesAnExpiredPlan) {
  trust_key(person_);
  const PlanFile file = plan_file(sample_plan(), true);
  EXPECT_TRUE(check(file, *sample_plan().expires - 1));
  expect_refused(check(file, *sample_plan().expires), "2030-03-17T17:46:40Z",
                 "composectl plan set --expires=DATE --plan=p.json");
}

TEST_F(TrustStoreTest, RefusesToGoBack) {
  trust_key(install_);
  const PlanFile old = plan_file(sample_plan(), true);
  Plan newer = sample_plan();
  newer.serial = 8;
  const auto store = TrustStore::open({install_.directory(), person_.directory()});
  const auto verdict = store->check(plan_file(newer, true), kNow);
  ASSERT_TRUE(verdict);
  ASSERT_TRUE(store->remember(*verdict, newer));
  expect_refused(check(old), "serial 7", "composectl trust add p.json");
  EXPECT_TRUE(check(plan_file(newer, true)));
  Plan other_line = sample_plan();
  other_line.name = "other";
  EXPECT_TRUE(check(plan_file(other_line, true)));
  trust(old.digest);
  EXPECT_EQ(check(old)->reason, Verdict::Reason::kPlanDigest);
}

TEST_F(TrustStoreTest, RefusesADamagedStore) {
  trust_key(person_);
  scratch_.file("install/trust.json", "{}");
  EXPECT_EQ(check(plan_file(sample_plan(), true)).error().kind(), ErrorKind::kCorrupt);
}

}  // namespace
}  // namespace pylon::compose
