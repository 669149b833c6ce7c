// Running a component: exit codes, traps, memory, and what is missing.
#include "fixture.hh"

namespace pylon::engine::testing {
namespace {

constexpr std::uint64_t kMiB = 1 << 20;
constexpr std::uint32_t kRefused = 0xffffffff;  // what memory.grow returns then

TEST(Run, ReturnsEveryExitCode) {
  on_guest_thread([] {
    Component exits = component("exits");
    for (int code = 0; code < 256; ++code) {
      SessionOptions options;
      options.arguments.assign(code, "argument");
      auto session = Session::create(shared_engine(), exits, std::move(options));
      ASSERT_TRUE(session) << session.error().text();
      auto status = session->run();
      ASSERT_TRUE(status) << status.error().text();
      EXPECT_EQ(*status, code);
    }
  });
}

TEST(Run, EndsWithoutAnExitCall) {
  with_session("nothing", {}, [](Session& session) { EXPECT_EQ(session.run().value(), 0); });
}

TEST(Run, RefusesAComponentThatIsNoCommand) {
  with_session("numbers", {}, [](Session& session) {
    auto status = session.run();
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().kind(), ErrorKind::kInput);
  });
}

TEST(Create, NamesTheImportThatNothingProvides) {
  on_guest_thread([] {
    auto session = Session::create(shared_engine(), component("stranger"), {});
    ASSERT_FALSE(session);
    EXPECT_EQ(session.error().kind(), ErrorKind::kInput);
    EXPECT_NE(session.error().message().find("example:weather/forecast@1.0.0"), std::string::npos);
  });
}

TEST(Create, RefusesAMissingDirectory) {
  on_guest_thread([] {
    Scratch scratch;
    SessionOptions options;
    options.preopens.push_back({"/data", scratch.path("missing")});
    auto session = Session::create(shared_engine(), component("nothing"), std::move(options));
    ASSERT_FALSE(session);
    EXPECT_EQ(session.error().kind(), ErrorKind::kIo);
    EXPECT_NE(session.error().text().find("missing"), std::string::npos);
  });
}

TEST(Create, RefusesAThreadWithASmallStack) {
  auto session = Session::create(shared_engine(), component("nothing"), {});
  ASSERT_FALSE(session);
  EXPECT_EQ(session.error().kind(), ErrorKind::kInternal);
}

TEST(Call, ReturnsANumberAndRefusesWhatIsNotThere) {
  with_session("numbers", {}, [](Session& session) {
    EXPECT_EQ(session.call("answer").value(), 42u);
    for (const char* name : {"missing", "bytes", ""}) {
      auto result = session.call(name);
      ASSERT_FALSE(result) << name;
      EXPECT_EQ(result.error().kind(), ErrorKind::kInput);
    }
  });
}

TEST(Call, CatchesExceptionsInTheGuest) {
  with_session("catches", {},
               [](Session& session) { EXPECT_EQ(session.call("catch").value(), 7u); });
}

struct Trap {
  const char* function;
  const char* reason;
};

TEST(Call, ReportsATrapWithItsReasonAndBacktrace) {
  for (Trap trap : {Trap{"abort", "unreachable"}, Trap{"outside", "out of bounds"},
                    Trap{"recurse", "stack exhausted"}}) {
    with_session("numbers", {}, [&](Session& session) {
      auto result = session.call(trap.function);
      ASSERT_FALSE(result);
      EXPECT_EQ(result.error().kind(), ErrorKind::kTrap);
      EXPECT_NE(result.error().message().find(trap.reason), std::string::npos)
          << result.error().message();
      EXPECT_EQ(result.error().message().find('\n'), std::string::npos);
      ASSERT_NE(result.error().cause(), nullptr);
      EXPECT_NE(result.error().cause()->message().find("wasm"), std::string::npos);
    });
  }
}

TEST(View, ShowsTheGuestsOwnMemory) {
  with_session("numbers", {}, [](Session& session) {
    auto bytes = session.view("bytes");
    ASSERT_TRUE(bytes) << bytes.error().text();
    EXPECT_EQ(std::string(bytes->begin(), bytes->end()), "static bytes");
    ASSERT_TRUE(session.call("poke"));
    EXPECT_EQ((*bytes)[0], 'S') << "a copy would still show the old byte";
  });
}

TEST(MemoryLimit, CountsAllMemoriesTogether) {
  SessionOptions options;
  options.max_memory = 20 * kMiB;
  with_session("numbers", options, [](Session& session) {
    EXPECT_EQ(session.call("grow").value(), 1u);
    EXPECT_FALSE(session.memory_limit_hit());
    EXPECT_EQ(session.call("grow-other").value(), kRefused);
    EXPECT_TRUE(session.memory_limit_hit());
  });
}

TEST(MemoryLimit, AllowsAllWhenThereIsNone) {
  with_session("numbers", {}, [](Session& session) {
    EXPECT_EQ(session.call("grow").value(), 1u);
    EXPECT_EQ(session.call("grow-other").value(), 1u);
    EXPECT_FALSE(session.memory_limit_hit());
  });
}

TEST(MemoryLimit, TooSmallToStartIsALimitError) {
  on_guest_thread([] {
    SessionOptions options;
    options.max_memory = 65536;
    auto session = Session::create(shared_engine(), component("numbers"), options);
    ASSERT_FALSE(session);
    EXPECT_EQ(session.error().kind(), ErrorKind::kLimit);
  });
}

}  // namespace
}  // namespace pylon::engine::testing
