#include "compose/trust_file.hh"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "base/file.hh"
#include "support/scratch_directory.hh"

namespace pylon::compose {
namespace {

class TrustFileTest : public ::testing::Test {
 protected:
  Result<void> trust(const std::string& what) {
    return file_.change([&](TrustState& state) -> Result<TrustChange> {
      state.digests[Digest::of(what)] = {what, 100};
      return TrustChange{100, "trust", Digest::of(what).text(), what};
    });
  }

  std::string text(const std::string& name) {
    const auto bytes = read_file(file_.directory() / name);
    return bytes ? std::string(bytes->begin(), bytes->end()) : "";
  }
  void write(const std::string& name, const std::string& content) {
    std::ofstream(file_.directory() / name) << content;
  }

  pylon::testing::ScratchDirectory scratch_;
  TrustFile file_{scratch_.path("trust")};
};

TEST_F(TrustFileTest, RemembersEverything) {
  EXPECT_EQ(*file_.read(), TrustState{});
  const PublicKey key = SecretKey::generate().public_key();
  const KeyId other({1, 2, 3, 4, 5, 6, 7, 8});
  ASSERT_TRUE(file_.change([&](TrustState& state) -> Result<TrustChange> {
    state.keys.emplace(key.id(), TrustedKey{key, {"mine", 5}});
    state.digests.emplace(Digest::of("a"), TrustNote{"", 6});
    state.revoked_keys.emplace(other, TrustNote{"lost", 7});
    state.revoked_digests.emplace(Digest::of("b"), TrustNote{"bad", 8});
    return TrustChange{9, "trust", "several", ""};
  }));
  ASSERT_TRUE(file_.remember({key.id(), "line"}, 3));
  ASSERT_TRUE(file_.remember({key.id(), "line"}, 2));
  const auto state = file_.read();
  ASSERT_TRUE(state) << state.error().text();
  EXPECT_EQ(state->keys.at(key.id()).note.comment, "mine");
  EXPECT_TRUE(state->digests.contains(Digest::of("a")) && state->revoked_keys.contains(other));
  EXPECT_EQ(state->revoked_digests.at(Digest::of("b")).comment, "bad");
  EXPECT_EQ(state->seen.at({key.id(), "line"}), 3u);
  EXPECT_EQ(*TrustState::parse(state->json()), *state);
}

TEST_F(TrustFileTest, AFailedEditChangesNothing) {
  ASSERT_TRUE(trust("a"));
  const std::string before = text("trust.json"), log = text("trust.log");
  EXPECT_FALSE(file_.change([](TrustState& state) -> Result<TrustChange> {
    state.digests.clear();
    return fail(ErrorKind::kInput, "no");
  }));
  EXPECT_EQ(text("trust.json"), before);
  EXPECT_EQ(text("trust.log"), log);
}

TEST_F(TrustFileTest, RefusesAnEditByHand) {
  ASSERT_TRUE(trust("a"));
  std::string json = text("trust.json");
  json.replace(json.find(Digest::of("a").hex()), 4, "0000");
  write("trust.json", json);
  EXPECT_EQ(file_.read().error().kind(), ErrorKind::kCorrupt);
  EXPECT_FALSE(trust("b"));
}

TEST_F(TrustFileTest, RefusesAFileThatOthersMayWrite) {
  ASSERT_TRUE(trust("a"));
  const std::string path = (file_.directory() / "trust.json").string();
  ASSERT_EQ(::chmod(path.c_str(), 0666), 0);
  EXPECT_EQ(file_.read().error().kind(), ErrorKind::kRefused);
  EXPECT_EQ(file_.read().error().hint(),
            "look at what it trusts (`composectl trust list`), then run `chmod o-w " + path + "`");
}

TEST_F(TrustFileTest, TheLogTellsEveryChange) {
  ASSERT_TRUE(trust("a"));
  ASSERT_TRUE(trust("b"));
  const auto log = file_.log();
  ASSERT_TRUE(log) << log.error().text();
  ASSERT_EQ(log->size(), 2u);
  EXPECT_EQ((*log)[1].object, Digest::of("b").text());
}

TEST_F(TrustFileTest, TheLogShowsThatItWasChanged) {
  for (const char* what : {"a", "b", "c"}) ASSERT_TRUE(trust(what));
  const std::string log = text("trust.log");
  const std::size_t second = log.find('\n') + 1, third = log.find('\n', second) + 1;
  std::string edited = log;
  edited[log.find("\"trust\"") + 1] = 'T';
  for (const std::string& bad : {edited, log.substr(second), log.substr(0, third),
                                 log.substr(0, second) + log.substr(third)}) {
    write("trust.log", bad);
    EXPECT_FALSE(file_.log()) << bad;
  }
  write("trust.log", log);
  EXPECT_TRUE(file_.log());
}

TEST_F(TrustFileTest, AnInterruptedChangeDidNotHappen) {
  ASSERT_TRUE(trust("a"));
  const std::string log = text("trust.log");
  write("trust.log", log + "{\"seq\":2,\"prev\":\"");  // died while it wrote the log
  EXPECT_EQ(file_.log()->size(), 1u);
  ASSERT_TRUE(trust("b"));
  EXPECT_EQ(file_.log()->size(), 2u);
}

}  // namespace
}  // namespace pylon::compose
