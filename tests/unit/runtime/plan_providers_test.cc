// A plan's providers at work: from blob to code to calls.
#include "runtime/plan_providers.hh"

#include <chrono>
#include <fstream>

#include "engine/guest_thread.hh"
#include "plan_install.hh"
#include "support/dynlink_components.hh"

namespace pylon::runtime::testing {
namespace {

using engine::FailureKind;

const engine::Engine& shared_engine() {
  static const engine::Engine engine = engine::Engine::create().value();
  return engine;
}

// What one call of the provider "p" comes to: its answer, or "KIND: MESSAGE".
class PlanProvidersTest : public ::testing::Test {
 protected:
  void SetUp() override {
    component = pylon::testing::dynlink_component("provider", here.scratch);
    const compose::PlanComponent& p = here.add("p", component);
    keep(p.digest);
    here.write();
  }

  void keep(const compose::Digest& digest) {
    const fs::path code = here.scratch.path("p.cwasm");
    ASSERT_TRUE(engine::compile_component(shared_engine(), component, code));
    ASSERT_TRUE(keep_code(here.library() / "code", digest, code));
  }

  std::string call(const std::string& id, const std::string& method, const std::string& payload) {
    std::string out;
    auto thread = engine::GuestThread::start([&] { out = call_here(id, method, payload); });
    thread->join();
    return out;
  }

  std::string call_here(const std::string& id, const std::string& method,
                        const std::string& payload) {
    auto plan = here.admit();
    if (!plan) return plan.error().text();
    auto providers =
        std::make_shared<PlanProviders>(shared_engine(), here.install(), **plan, ComponentGrants{});
    auto caller = engine::Caller::create(shared_engine(), providers);
    auto answer = caller->invoke(id, method, bytes_of(payload));
    used = providers->used();
    if (!answer) return answer.error().text();
    if (answer->failure)
      return std::string(engine::failure_kind_name(answer->failure->kind)) + ": " +
             answer->failure->message;
    return std::string(answer->returned.begin(), answer->returned.end());
  }

  fs::path code() const { return here.library() / "code" / code_name(here.plan.find("p")->digest); }
  fs::path blob() const {
    return compose::BlobStore(here.library() / "blobs").path_of(here.plan.find("p")->digest);
  }

  PlanInstall here;
  fs::path component;
  std::vector<compose::AuditedComponent> used;
};

void expect_failure(const std::string& text, const std::string& kind, const std::string& part) {
  EXPECT_TRUE(text.starts_with(kind + ": ")) << text;
  EXPECT_NE(text.find(part), std::string::npos) << text;
}

TEST_F(PlanProvidersTest, CallsWhatThePlanBinds) {
  EXPECT_EQ(call("p", "e", "hello"), "hello");
  ASSERT_EQ(used.size(), 2u);
  EXPECT_EQ(used[0].id, "python");
  EXPECT_EQ(used[1].id, "p");
  expect_failure(call("q", "e", "x"), "not-found", "'q'");
}

// Plan, blob, code and schema, all of which were seen before.
TEST_F(PlanProvidersTest, ResolvingAWarmProviderIsCheap) {
  here.plan.find("p")->schema = here.put(std::string(8000, 's'));
  here.write();
  double best = 1e9;
  auto thread = engine::GuestThread::start([&] {
    for (int round = 0; round < 20; ++round) {
      settle();
      auto plan = here.admit();
      ASSERT_TRUE(plan) << plan.error().text();
      PlanProviders providers(shared_engine(), here.install(), **plan, ComponentGrants{});
      const auto begin = std::chrono::steady_clock::now();
      auto provider = providers.resolve(0, engine::ProviderSource::By::kId, "p");
      const std::chrono::duration<double, std::micro> took =
          std::chrono::steady_clock::now() - begin;
      ASSERT_TRUE(provider) << provider.error().message;
      best = std::min(best, took.count());
    }
  });
  thread->join();
  RecordProperty("microseconds", static_cast<int>(best));
  EXPECT_LT(best, 3000) << "0.3 ms on an idle machine";
}

TEST_F(PlanProvidersTest, RefusesWhatIsNotBound) {
  here.plan.bindings.clear();
  here.write();
  expect_failure(call("p", "e", "x"), "denied", "composectl plan set");
}

TEST_F(PlanProvidersTest, ProvidersLoadOnlyWhatIsBoundToThem) {
  here.add("q", component);
  here.write();
  expect_failure(call("p", "pe", "q"), "denied", "'p'");
  here.bind("p", "q");
  here.write();
  EXPECT_EQ(call("p", "pe", "q"), "q");
}

TEST_F(PlanProvidersTest, RefusesAChangedBlob) {
  EXPECT_EQ(call("p", "e", "warm"), "warm");
  settle();
  EXPECT_EQ(call("p", "e", "noted"), "noted");
  tamper(blob());
  expect_failure(call("p", "e", "x"), "corrupt", "composectl blob repair");
}

TEST_F(PlanProvidersTest, RefusesAMissingBlob) {
  fs::remove(blob());
  expect_failure(call("p", "e", "x"), "not-found", "composectl blob");
}

TEST_F(PlanProvidersTest, RefusesChangedCode) {
  EXPECT_EQ(call("p", "e", "warm"), "warm");
  settle();
  EXPECT_EQ(call("p", "e", "noted"), "noted");
  tamper(code());
  expect_failure(call("p", "e", "x"), "corrupt", code().string());
}

TEST_F(PlanProvidersTest, RefusesCodeWithoutItsRecord) {
  fs::remove(code().string() + ".sha256");
  expect_failure(call("p", "e", "x"), "corrupt", "record");
}

TEST_F(PlanProvidersTest, RefusesCodeThatOthersCouldHaveWritten) {
  fs::permissions(here.library() / "code", fs::perms::group_write, fs::perm_options::add);
  expect_failure(call("p", "e", "x"), "denied", "chmod go-w");
}

TEST_F(PlanProvidersTest, SaysWhatToDoWithoutCode) {
  fs::remove(code());
  expect_failure(call("p", "e", "x"), "internal", "pylon-build component");
}

TEST_F(PlanProvidersTest, ChecksTheSchema) {
  here.plan.find("p")->schema = here.put("another contract");
  here.write();
  expect_failure(call("p", "e", "x"), "schema-mismatch", "'p'");
}

TEST_F(PlanProvidersTest, RefusesAPlanThatChangedMeanwhile) {
  std::string out;
  auto thread = engine::GuestThread::start([&] {
    auto plan = here.admit();
    here.plan.serial = 9;
    here.write();
    PlanProviders providers(shared_engine(), here.install(), **plan, ComponentGrants{});
    auto provider = providers.resolve(0, engine::ProviderSource::By::kId, "p");
    out = provider ? "found" : provider.error().message;
  });
  thread->join();
  EXPECT_NE(out.find("changed after the program had started"), std::string::npos) << out;
}

}  // namespace
}  // namespace pylon::runtime::testing
