// Calls between components: a consumer that does what the test says, providers good and bad.
#include <algorithm>
#include <chrono>
#include <cstring>
#include <iostream>
#include <map>

#include "engine/provider.hh"
#include "fixture.hh"
#include "support/dynlink_components.hh"

namespace pylon::engine::testing {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMiB = 1 << 20;

std::uint32_t failed(FailureKind kind) {
  return 2 + static_cast<std::uint32_t>(kind);
}

Component build(const std::string& name) {
  Scratch scratch;
  const fs::path wasm = pylon::testing::dynlink_component(name, scratch);
  const fs::path cwasm = scratch.path("component.cwasm");
  auto compiled = compile_component(shared_engine(), wasm, cwasm);
  if (!compiled) ADD_FAILURE() << compiled.error().text();
  return Component::open(shared_engine(), cwasm).value();
}

Component& built(const std::string& name) {
  static std::map<std::string, Component> components;
  auto known = components.find(name);
  if (known == components.end()) known = components.emplace(name, build(name)).first;
  return known->second;
}

// Knows the providers that a test puts in.
class Shelf : public ProviderSource {
 public:
  Provider& put(const std::string& id, const std::string& component = "provider",
                const std::string& digest = pylon::testing::kProviderSchemaDigest) {
    Provider::Schema schema{{'s', 'c', 'h', 'e', 'm', 'a'}, {}};
    std::copy(digest.begin(), digest.end(), schema.digest.begin());
    auto provider = std::make_shared<Provider>(
        Provider{providers_.size() + 1, id, built(component), {}, schema});
    providers_[id] = provider;
    return *provider;
  }

  tl::expected<std::shared_ptr<Provider>, Failure> resolve(std::uint64_t loader, By by,
                                                           std::string_view name) override {
    loaders.push_back(loader);
    lookups.push_back(by);
    auto known = providers_.find(std::string(name));
    if (known == providers_.end())
      return tl::unexpected(Failure{FailureKind::kDenied, "no " + std::string(name) + " for you"});
    return known->second;
  }

  std::vector<std::uint64_t> loaders;
  std::vector<By> lookups;

 private:
  std::map<std::string, std::shared_ptr<Provider>> providers_;
};

// A consumer at work.
class Consumer {
 public:
  explicit Consumer(std::shared_ptr<ProviderSource> source, std::uint64_t max_memory = 0) {
    SessionOptions options;
    options.providers = std::move(source);
    options.max_memory = max_memory;
    auto made = Session::create(shared_engine(), built("consumer"), std::move(options));
    if (!made) {
      ADD_FAILURE() << made.error().text();
      std::abort();
    }
    session.emplace(std::move(*made));
  }

  // Runs one of the consumer's functions on that input; its code, and the trap or exit as 1000.
  std::uint32_t run(const char* function, const std::string& id, const std::string& method = "",
                    const std::string& payload = "") {
    write(id, method, payload);
    auto code = session->call(function);
    if (!code) {
      error = code.error().text();
      return 1000;
    }
    auto output = session->view("output").value();
    std::uint32_t size = 0;
    std::memcpy(&size, output.data(), 4);
    answer_size = size;
    answer.assign(reinterpret_cast<const char*>(output.data()) + 4, std::min(size, 4000u));
    return *code;
  }
  std::uint32_t resolve(const std::string& id) { return run("resolve", id); }
  std::uint32_t invoke(const std::string& method, const std::string& payload = "") {
    return run("invoke", "", method, payload);
  }

  std::optional<Session> session;
  std::string answer, error;
  std::uint32_t answer_size = 0;

 private:
  void write(const std::string& id, const std::string& method, const std::string& payload) {
    std::string text;
    for (const std::string& part : {id, method}) text += static_cast<char>(part.size()) + part;
    const std::uint32_t size = static_cast<std::uint32_t>(payload.size());
    text.append(reinterpret_cast<const char*>(&size), 4).append(payload);
    auto input = session->view("input").value();
    std::memcpy(const_cast<std::uint8_t*>(input.data()), text.data(), text.size());
  }
};

std::string word(std::uint32_t value) {
  return std::string(reinterpret_cast<const char*>(&value), 4);
}

std::uint32_t number(const std::string& answer) {
  std::uint32_t value = 0;
  std::memcpy(&value, answer.data(), std::min<std::size_t>(4, answer.size()));
  return value;
}

// Runs `body` with a consumer and a shelf that holds the provider "p".
void with_consumer(std::function<void(Consumer&, Shelf&)> body, std::uint64_t max_memory = 0) {
  on_guest_thread([&] {
    auto shelf = std::make_shared<Shelf>();
    shelf->put("p");
    Consumer consumer(shelf, max_memory);
    body(consumer, *shelf);
  });
}

TEST(Dynlink, ResolvesAndInvokes) {
  with_consumer([](Consumer& consumer, Shelf& shelf) {
    ASSERT_EQ(consumer.resolve("p"), 0u);
    EXPECT_EQ(consumer.invoke("e", "hello"), 0u);
    EXPECT_EQ(consumer.answer, "hello");
    EXPECT_EQ(consumer.invoke("e", ""), 0u);
    EXPECT_EQ(consumer.answer, "");
    EXPECT_EQ(consumer.run("schema", ""), 0u);
    EXPECT_EQ(consumer.answer, "schema");
    EXPECT_EQ(consumer.run("resolve-digest", "p"), 0u);
    EXPECT_EQ(shelf.loaders, (std::vector<std::uint64_t>{0, 0}));
    EXPECT_EQ(shelf.lookups, (std::vector{ProviderSource::By::kId, ProviderSource::By::kDigest}));
  });
}

TEST(Dynlink, SharesOneInstanceAmongAllHandles) {
  with_consumer([](Consumer& consumer, Shelf&) {
    for (std::uint32_t i = 1; i <= 3; ++i) {
      ASSERT_EQ(consumer.resolve("p"), 0u);
      EXPECT_EQ(consumer.invoke("k"), 0u);
      EXPECT_EQ(number(consumer.answer), i);
      EXPECT_EQ(consumer.run("release", ""), 0u);
    }
  });
}

TEST(Dynlink, KeepsKindAndMessageOfErrors) {
  with_consumer([](Consumer& consumer, Shelf&) {
    EXPECT_EQ(consumer.resolve("q"), failed(FailureKind::kDenied));
    EXPECT_EQ(consumer.answer, "no q for you");
    ASSERT_EQ(consumer.resolve("p"), 0u);
    EXPECT_EQ(consumer.invoke("r", "the error"), 1u);
    EXPECT_EQ(consumer.answer, "the error");
    EXPECT_EQ(consumer.invoke("f"), failed(FailureKind::kBadPayload));
    EXPECT_EQ(consumer.answer, "no, never");
  });
}

TEST(Dynlink, WithoutASourceNothingIsFound) {
  on_guest_thread([] {
    Consumer consumer(nullptr);
    EXPECT_EQ(consumer.resolve("zstd"), failed(FailureKind::kNotFound));
    EXPECT_NE(consumer.answer.find("'zstd'"), std::string::npos) << consumer.answer;
  });
}

TEST(Dynlink, SurvivesATrapAndStartsAnew) {
  with_consumer([](Consumer& consumer, Shelf&) {
    struct Bad {
      const char* method;
      const char* reason;
    };
    for (Bad bad : {Bad{"t", "unreachable"}, Bad{"s", "stack exhausted"}, Bad{"h", "out of bounds"},
                    Bad{"x", "exit"}}) {
      ASSERT_EQ(consumer.resolve("p"), 0u);
      EXPECT_EQ(consumer.invoke("e", "warm"), 0u);
      EXPECT_EQ(consumer.invoke(bad.method), failed(FailureKind::kTrapped)) << bad.method;
      EXPECT_NE(consumer.answer.find("'p'"), std::string::npos) << consumer.answer;
      EXPECT_NE(consumer.answer.find(bad.reason), std::string::npos) << consumer.answer;
      EXPECT_EQ(consumer.invoke("e", "old handle"), failed(FailureKind::kTrapped));
      ASSERT_EQ(consumer.resolve("p"), 0u);
      EXPECT_EQ(consumer.invoke("k"), 0u);
      EXPECT_EQ(number(consumer.answer), 1u) << "a new instance has seen no call yet";
    }
  });
}

TEST(Dynlink, RefusesAProviderOfAnotherContract) {
  with_consumer([](Consumer& consumer, Shelf& shelf) {
    shelf.put("q", "provider", std::string(32, 'x'));
    ASSERT_EQ(consumer.resolve("q"), 0u);
    EXPECT_EQ(consumer.invoke("e", "hello"), failed(FailureKind::kSchemaMismatch));
    EXPECT_NE(consumer.answer.find("'q'"), std::string::npos) << consumer.answer;
    shelf.put("r", "stranger");
    ASSERT_EQ(consumer.resolve("r"), 0u);
    EXPECT_EQ(consumer.invoke("e", "hello"), failed(FailureKind::kInternal));
    EXPECT_NE(consumer.answer.find("endpoint"), std::string::npos) << consumer.answer;
  });
}

TEST(Dynlink, TellsTheSourceWhoAsks) {
  with_consumer([](Consumer& consumer, Shelf& shelf) {
    const std::uint64_t key = shelf.put("q").key;
    ASSERT_EQ(consumer.resolve("p"), 0u);
    EXPECT_EQ(consumer.invoke("pe", "q"), 0u);
    EXPECT_EQ(consumer.answer, "q");
    EXPECT_EQ(shelf.loaders, (std::vector<std::uint64_t>{0, 1}));
    EXPECT_NE(key, 1u);
    EXPECT_EQ(consumer.invoke("pe", "nobody"), failed(FailureKind::kDenied));
  });
}

TEST(Dynlink, ATrapFurtherInIsTheInnerProvidersAlone) {
  with_consumer([](Consumer& consumer, Shelf& shelf) {
    shelf.put("q");
    ASSERT_EQ(consumer.resolve("p"), 0u);
    EXPECT_EQ(consumer.invoke("pt", "q"), failed(FailureKind::kTrapped));
    EXPECT_NE(consumer.answer.find("'q'"), std::string::npos) << consumer.answer;
    EXPECT_EQ(consumer.invoke("k"), 0u);
    EXPECT_EQ(number(consumer.answer), 2u) << "p has lived on";
    EXPECT_EQ(consumer.invoke("pt", "p"), failed(FailureKind::kTrapped)) << "p trapped in itself";
    EXPECT_EQ(consumer.invoke("k"), failed(FailureKind::kTrapped));
  });
}

TEST(Dynlink, CallsBackNested) {
  with_consumer([](Consumer& consumer, Shelf&) {
    ASSERT_EQ(consumer.resolve("p"), 0u);
    EXPECT_EQ(consumer.invoke("ce", "back"), 0u);
    EXPECT_EQ(consumer.answer, "back");
    EXPECT_EQ(consumer.invoke("cicicice", "deep"), 0u) << "four times there and back";
    EXPECT_EQ(consumer.answer, "deep");
    EXPECT_EQ(consumer.invoke("cicir", "what was raised"), 1u);
    EXPECT_EQ(consumer.answer, "what was raised");
    EXPECT_EQ(consumer.invoke("cr", "raised"), failed(FailureKind::kRaised));
    EXPECT_EQ(consumer.answer, "raised");
    EXPECT_EQ(consumer.invoke("cit"), failed(FailureKind::kTrapped)) << "re-entered, trapped";
  });
}

TEST(Dynlink, AProviderCallsBackWhoCalledIt) {
  with_consumer([](Consumer& consumer, Shelf& shelf) {
    shelf.put("q");
    ASSERT_EQ(consumer.resolve("p"), 0u);
    EXPECT_EQ(consumer.invoke("pce", "q"), failed(FailureKind::kNotFound))
        << "p takes no callbacks";
    EXPECT_NE(consumer.answer.find("p takes no callbacks"), std::string::npos) << consumer.answer;
  });
}

TEST(Dynlink, WhatEndsTheConsumerInACallbackEndsIt) {
  with_consumer([](Consumer& consumer, Shelf&) {
    ASSERT_EQ(consumer.resolve("p"), 0u);
    EXPECT_EQ(consumer.invoke("ct"), 1000u);
    EXPECT_NE(consumer.error.find("unreachable"), std::string::npos) << consumer.error;
  });
  with_consumer([](Consumer& consumer, Shelf&) {
    ASSERT_EQ(consumer.resolve("p"), 0u);
    EXPECT_EQ(consumer.invoke("cicx"), 1000u);
    EXPECT_NE(consumer.error.find("exit"), std::string::npos) << consumer.error;
  });
}

TEST(Dynlink, EndlessNestingIsALimit) {
  with_consumer([](Consumer& consumer, Shelf&) {
    ASSERT_EQ(consumer.resolve("p"), 0u);
    EXPECT_EQ(consumer.invoke("d", "p"), failed(FailureKind::kLimit));
    EXPECT_NE(consumer.answer.find("deep"), std::string::npos) << consumer.answer;
    EXPECT_EQ(consumer.invoke("co", "p"), failed(FailureKind::kLimit));
    EXPECT_EQ(consumer.invoke("e", "fine"), 0u);
  });
}

TEST(Dynlink, MemoryIsOneSum) {
  with_consumer(
      [](Consumer& consumer, Shelf& shelf) {
        shelf.put("q");
        ASSERT_EQ(consumer.resolve("p"), 0u);
        EXPECT_EQ(consumer.invoke("g"), 0u);
        EXPECT_LE(number(consumer.answer) * 65536, 16 * kMiB);
        EXPECT_GE(number(consumer.answer) * 65536, 14 * kMiB);
        EXPECT_TRUE(consumer.session->memory_limit_hit());
        EXPECT_EQ(consumer.invoke("b", word(32 * kMiB)), failed(FailureKind::kLimit));
        ASSERT_EQ(consumer.resolve("q"), 0u);
        EXPECT_EQ(consumer.invoke("b", word(6 * kMiB)), 0u) << "p's memory is free again";
        EXPECT_EQ(consumer.answer_size, 6 * kMiB);
      },
      16 * kMiB);
}

TEST(Dynlink, AnAnswerThatTheCallerCannotHoldIsALimit) {
  with_consumer(
      [](Consumer& consumer, Shelf&) {
        ASSERT_EQ(consumer.resolve("p"), 0u);
        EXPECT_EQ(consumer.invoke("b", word(9 * kMiB)), failed(FailureKind::kLimit));
        EXPECT_EQ(consumer.invoke("b", word(3 * kMiB)), 0u);
      },
      16 * kMiB);
}

TEST(Dynlink, TheHostCanCallToo) {
  on_guest_thread([] {
    auto shelf = std::make_shared<Shelf>();
    shelf->put("p");
    auto caller = Caller::create(shared_engine(), shelf);
    ASSERT_TRUE(caller) << caller.error().text();
    const Bytes payload = {'h', 'i'};
    auto answer = caller->invoke("p", "e", payload);
    ASSERT_TRUE(answer) << answer.error().text();
    EXPECT_TRUE(answer->good);
    EXPECT_EQ(answer->returned, payload);
    answer = caller->invoke("p", "r", payload);
    EXPECT_FALSE(answer->good);
    EXPECT_EQ(answer->returned, payload);
    answer = caller->invoke("p", "ce", payload);
    ASSERT_TRUE(answer->failure);
    EXPECT_EQ(answer->failure->kind, FailureKind::kNotFound);
    answer = caller->invoke("nobody", "e", payload);
    ASSERT_TRUE(answer->failure);
    EXPECT_EQ(failure_kind_name(answer->failure->kind), "denied");
  });
}

TEST(Dynlink, SaysWhatACallCosts) {
  with_consumer([](Consumer& consumer, Shelf&) {
    ASSERT_EQ(consumer.resolve("p"), 0u);
    for (auto [count, size] : {std::pair{100'000u, 8u}, {2'000u, 65'536u}, {200u, 1u << 20}}) {
      for (int round = 0; round < 2; ++round) {
        const auto start = std::chrono::steady_clock::now();
        ASSERT_EQ(consumer.run("repeat", "", "e", word(count) + word(size)), 0u) << consumer.error;
        const std::chrono::duration<double, std::micro> spent =
            std::chrono::steady_clock::now() - start;
        if (round == 1)
          std::cout << "a call with " << size << " bytes there and back: " << spent.count() / count
                    << " us\n";
      }
    }
  });
}

}  // namespace
}  // namespace pylon::engine::testing
