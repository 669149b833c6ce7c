#include "runtime/plan_gate.hh"

#include <fstream>

#include "plan_install.hh"

namespace pylon::runtime::testing {
namespace {

void expect_refused(const Result<std::optional<AdmittedPlan>>& plan, const std::string& object,
                    const std::string& command, ErrorKind kind = ErrorKind::kRefused) {
  ASSERT_FALSE(plan) << "was admitted";
  EXPECT_EQ(plan.error().kind(), kind) << plan.error().text();
  EXPECT_NE(plan.error().text().find(object), std::string::npos) << plan.error().text();
  EXPECT_NE(plan.error().hint().find(command), std::string::npos) << plan.error().hint();
}

TEST(PlanGate, AdmitsASignedPlanAndRemembersIt) {
  PlanInstall here;
  here.write();
  settle();
  for (int round = 0; round < 3; ++round) {
    auto plan = here.admit();
    ASSERT_TRUE(plan) << plan.error().text();
    ASSERT_TRUE(*plan);
    EXPECT_EQ((*plan)->digest, compose::Digest::of(here.plan.json()));
    EXPECT_NE((*plan)->reason.find("signed by key"), std::string::npos);
    settle();
  }
}

TEST(PlanGate, WithoutPlanAndTrustThereIsNone) {
  PlanInstall here;
  expect_refused(here.admit(), "plan is gone", "install");
  fs::remove_all(here.library() / "trust");
  auto plan = here.admit();
  ASSERT_TRUE(plan) << plan.error().text();
  EXPECT_FALSE(*plan);
}

// Each change is made after the plan was admitted and noted, and has to show nevertheless.
class ChangedPlan : public ::testing::Test {
 protected:
  void SetUp() override {
    here.write();
    settle();
    ASSERT_TRUE(here.admit());  // remembers the serial, which changes a store
    settle();
    ASSERT_TRUE(here.admit());
    ASSERT_FALSE(fs::is_empty(here.person() / "checked")) << "nothing was noted";
  }

  PlanInstall here;
};

TEST_F(ChangedPlan, Unsigned) {
  fs::remove(compose::signature_path(here.plan_file()));
  expect_refused(here.admit(), "is not signed", "composectl plan sign");
}

TEST_F(ChangedPlan, Untrusted) {
  fs::remove_all(here.library() / "trust");
  expect_refused(here.admit(), "not trusted", "composectl trust add");
}

TEST_F(ChangedPlan, RevokedByThePerson) {
  here.revoke(here.plan.components[0].digest, here.person() / "trust");
  expect_refused(here.admit(), "'python'", "composectl trust remove");
}

TEST_F(ChangedPlan, Expired) {
  here.plan.expires = compose::now() - 1;
  here.plan.serial = 2;
  here.write();
  expect_refused(here.admit(), "expired", "newer");
}

TEST_F(ChangedPlan, ExpiresWhileNoted) {
  here.plan.expires = compose::now() + 3;
  here.plan.serial = 2;
  here.write();
  settle();
  ASSERT_TRUE(here.admit());
  settle();
  ASSERT_TRUE(here.admit());
  ::usleep(3'200'000);
  expect_refused(here.admit(), "expired", "newer");
}

TEST_F(ChangedPlan, RolledBack) {
  here.plan.serial = 5;
  here.write();
  ASSERT_TRUE(here.admit());
  here.plan.serial = 4;
  here.write();
  expect_refused(here.admit(), "serial 5", "composectl trust add");
}

TEST_F(ChangedPlan, TamperedPlan) {
  std::string text = here.plan.json();
  text.replace(text.find("\"test\""), 6, "\"Test\"");
  ASSERT_TRUE(write_file_atomically(here.plan_file(), bytes_of(text)));
  expect_refused(here.admit(), "minisig", "composectl plan sign", ErrorKind::kCorrupt);
}

TEST_F(ChangedPlan, TamperedInPlace) {
  tamper(here.plan_file());
  EXPECT_FALSE(here.admit());
}

TEST_F(ChangedPlan, TamperedSignature) {
  tamper(compose::signature_path(here.plan_file()));
  EXPECT_FALSE(here.admit());
}

TEST_F(ChangedPlan, TamperedTrust) {
  tamper(here.library() / "trust" / "trust.json");
  auto plan = here.admit();
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().kind(), ErrorKind::kCorrupt) << plan.error().text();
}

TEST_F(ChangedPlan, AnotherRoot) {
  Manifest manifest = here.install().manifest();
  manifest.files["python.wasm"].sha256 = std::string(64, 'a');
  ASSERT_TRUE(manifest.write(here.library()));
  expect_refused(here.admit(), "root 'python'", "composectl plan set");
}

TEST_F(ChangedPlan, NotesInADirectoryThatOthersWriteAreNotBelieved) {
  fs::permissions(here.person() / "checked", fs::perms::others_write, fs::perm_options::add);
  tamper(here.plan_file());
  EXPECT_FALSE(here.admit());
}

TEST_F(ChangedPlan, LimitsThatNobodyKeeps) {
  here.plan.policy.limits.cpu_ms = 100;
  here.plan.serial = 2;
  here.write();
  auto plan = here.admit();
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().kind(), ErrorKind::kRefused);
  here.plan.policy.limits.cpu_ms.reset();
  here.plan.policy.limits.memory_bytes = 64 << 20;
  here.write();
  for (int round = 0; round < 3; ++round) {
    plan = here.admit();
    ASSERT_TRUE(plan) << plan.error().text();
    EXPECT_EQ((*plan)->max_memory, 64u << 20);
    settle();
  }
}

TEST(PlanGate, UnpacksTheFacades) {
  PlanInstall here;
  const std::string component = here.scratch.file("component", "not run here");
  here.add("a", component).facade = here.put(
      stored_zip({{"site/a/__init__.py", "import _a_cap\n"}, {"builtin/zlib.py", "x = 1\n"}}));
  here.add("b", component).facade = here.put(stored_zip({{"builtin/_bz2.py", "y = 2\n"}}));
  here.write();
  settle();
  for (int round = 0; round < 3; ++round) {
    auto plan = here.admit();
    ASSERT_TRUE(plan) << plan.error().text();
    EXPECT_EQ((*plan)->builtin_modules, "_bz2:zlib");
    const Bytes module = read_file((*plan)->facades / "site/a/__init__.py").value();
    EXPECT_EQ(std::string(module.begin(), module.end()), "import _a_cap\n");
    settle();
  }
}

TEST(PlanGate, TwoFacadesWithOneModuleAreRefused) {
  PlanInstall here;
  const std::string component = here.scratch.file("component", "not run here");
  for (const char* id : {"a", "b"})
    here.add(id, component).facade = here.put(stored_zip({{"site/m.py", id}}));
  here.write();
  auto plan = here.admit();
  ASSERT_FALSE(plan);
  EXPECT_NE(plan.error().text().find("site/m.py"), std::string::npos) << plan.error().text();
  EXPECT_FALSE(fs::exists(here.person() / "facades") && !fs::is_empty(here.person() / "facades"));
}

}  // namespace
}  // namespace pylon::runtime::testing
