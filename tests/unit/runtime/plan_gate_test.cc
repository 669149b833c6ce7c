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
  expect_refused(here.admit(), "policy.limits.cpu_ms", "pylon --timeout");
  here.plan.policy.limits.cpu_ms.reset();
  here.plan.policy.limits.io_ops = 100;
  here.write();
  expect_refused(here.admit(), "policy.limits.io_ops", "composectl plan sign");
  here.plan.policy.limits.io_ops.reset();
  here.plan.policy.limits.memory_bytes = 64 << 20;
  here.write();
  for (int round = 0; round < 3; ++round) {
    auto plan = here.admit();
    ASSERT_TRUE(plan) << plan.error().text();
    EXPECT_EQ((*plan)->max_memory, 64u << 20);
    settle();
  }
}

TEST(PlanGate, UnpacksTheFacades) {
  PlanInstall here;
  const std::string component = here.scratch.file("component", "not run here");
  const auto a = here.put(
      stored_zip({{"site/a/__init__.py", "import _a_cap\n"}, {"builtin/zlib.py", "x = 1\n"}}));
  const auto b = here.put(stored_zip({{"builtin/_bz2/__init__.py", "from _bz2.y import y\n"},
                                      {"builtin/_bz2/y.py", "y = 2\n"},
                                      {"builtin/_bz2/z/__init__.py", ""}}));
  const auto state_of = [](const compose::Digest& facade) { return facade.hex().substr(0, 16); };
  here.add("a", component).facade = a;
  here.add("b", component).facade = b;
  here.write();
  settle();
  for (int round = 0; round < 3; ++round) {
    auto plan = here.admit();
    ASSERT_TRUE(plan) << plan.error().text();
    EXPECT_EQ((*plan)->builtin_modules, "_bz2=" + state_of(b) + ":zlib=" + state_of(a));
    const Bytes module = read_file((*plan)->facades / "site/a/__init__.py").value();
    EXPECT_EQ(std::string(module.begin(), module.end()), "import _a_cap\n");
    settle();
  }
}

// Each change is made after the plan was admitted and noted.
class ChangedFacades : public ::testing::Test {
 protected:
  void SetUp() override {
    const std::string component = here.scratch.file("component", "not run here");
    here.add("a", component).facade =
        here.put(stored_zip({{"site/a/__init__.py", "import _a_cap\n"}, {"builtin/zlib.py", "x"}}));
    here.write();
    settle();
    for (int round = 0; round < 3; ++round) {
      auto plan = here.admit();
      ASSERT_TRUE(plan) << plan.error().text();
      facades = (*plan)->facades;
      settle();
    }
  }

  void expect_named(const std::string& file) {
    expect_refused(here.admit(), (facades / file).string(), "rm -r " + facades.string(),
                   ErrorKind::kCorrupt);
  }

  PlanInstall here;
  fs::path facades;
};

TEST_F(ChangedFacades, InPlace) {
  tamper(facades / "site/a/__init__.py");
  expect_named("site/a/__init__.py");
}

TEST_F(ChangedFacades, Exchanged) {
  const fs::path module = facades / "builtin/zlib.py";
  fs::remove(module);
  ASSERT_TRUE(write_file_atomically(module, bytes_of("y")));
  expect_named("builtin/zlib.py");
}

TEST_F(ChangedFacades, Added) {
  ASSERT_TRUE(write_file_atomically(facades / "site/a/b.py", bytes_of("x")));
  expect_named("site/a/b.py");
}

TEST_F(ChangedFacades, AddedBytecode) {
  fs::create_directory(facades / "builtin/__pycache__");
  ASSERT_TRUE(write_file_atomically(facades / "builtin/__pycache__/zlib.cpython-314.pyc",
                                    bytes_of("machine")));
  expect_named("builtin/__pycache__/zlib.cpython-314.pyc");
}

TEST_F(ChangedFacades, Removed) {
  fs::remove(facades / "builtin/zlib.py");
  expect_named("builtin/zlib.py");
}

TEST_F(ChangedFacades, Linked) {
  const fs::path module = facades / "builtin/zlib.py", elsewhere = here.scratch.file("same", "x");
  fs::remove(module);
  fs::create_symlink(elsewhere, module);
  expect_named("builtin/zlib.py");
}

TEST_F(ChangedFacades, WithoutTheirRecord) {
  fs::remove(facades / "record");
  expect_named("record");
}

TEST_F(ChangedFacades, WithALineOfTheirRecordThatIsNone) {
  Bytes record = read_file(facades / "record").value();
  record.push_back('x');
  record.push_back('\n');
  ASSERT_TRUE(write_file_atomically(facades / "record", record));
  expect_named("record");
}

TEST_F(ChangedFacades, OthersMayWriteThem) {
  fs::permissions(facades / "site/a", fs::perms::group_write, fs::perm_options::add);
  expect_refused(here.admit(), (facades / "site/a").string(), "chmod go-w");
}

TEST_F(ChangedFacades, TouchedIsNotChanged) {
  fs::last_write_time(facades / "site/a/__init__.py", fs::file_time_type::clock::now());
  EXPECT_TRUE(here.admit());
}

TEST(PlanGate, WithoutAHomeFacadesLieInATemporaryDirectory) {
  PlanInstall here;
  const std::string component = here.scratch.file("component", "not run here");
  here.add("a", component).facade = here.put(stored_zip({{"site/a.py", "x = 1\n"}}));
  here.write();
  ::unsetenv("XDG_DATA_HOME");
  const std::string home = std::getenv("HOME") ? std::getenv("HOME") : "/";
  ::unsetenv("HOME");
  ::setenv("TMPDIR", here.scratch.directory("tmp").c_str(), 1);
  auto plan = here.admit();
  const fs::path own =
      fs::path(here.scratch.path("tmp")) / ("pylon-" + std::to_string(::geteuid()));
  ASSERT_TRUE(plan) << plan.error().text();
  EXPECT_TRUE((*plan)->facades.string().starts_with(own.string())) << (*plan)->facades;
  fs::permissions(own, fs::perms::others_write, fs::perm_options::add);
  expect_refused(here.admit(), own.string(), "set HOME");
  ::unsetenv("TMPDIR");
  ::setenv("HOME", home.c_str(), 1);
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
