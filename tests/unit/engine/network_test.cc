// The network policy: nothing without a grant, and each use judged with one.
#include <stdexcept>

#include "fixture.hh"

namespace pylon::engine::testing {
namespace {

using Kind = Refusal::Kind;

// Exit codes of components/network.wat: 0, or WASI's error code plus one.
constexpr int kDone = 0, kAccessDenied = 2, kNoSocket = 100;

struct Outcome {
  int status = -1;
  std::vector<Refusal> refusals, uses;
};

Outcome run(const std::string& operation, NetworkPolicy policy) {
  Outcome outcome;
  SessionOptions options;
  options.arguments = {operation};
  options.network = std::move(policy);
  with_session("network", options, [&](Session& session) {
    auto status = session.run();
    ASSERT_TRUE(status) << status.error().text();
    outcome = {*status, session.refusals(), session.network_uses()};
  });
  return outcome;
}

void expect_refused(const Outcome& outcome, Kind kind, const std::string& target) {
  ASSERT_EQ(outcome.refusals.size(), 1u);
  EXPECT_EQ(outcome.refusals[0].kind, kind);
  EXPECT_EQ(outcome.refusals[0].target, target);
}

TEST(Network, NothingWithoutAPolicy) {
  for (const char* operation : {"b", "c"}) EXPECT_EQ(run(operation, {}).status, kNoSocket);
  Outcome lookup = run("l", {});
  EXPECT_EQ(lookup.status, kAccessDenied);
  expect_refused(lookup, Kind::kLookup, "host.example");
}

TEST(Network, LookupsAreJudgedByName) {
  std::string asked;
  NetworkPolicy policy;
  policy.allow_lookup = [&](std::string_view host) {
    asked = host;
    return false;
  };
  Outcome outcome = run("l", policy);
  EXPECT_EQ(outcome.status, kAccessDenied);
  EXPECT_EQ(asked, "host.example");
  expect_refused(outcome, Kind::kLookup, "host.example");
  policy.allow_lookup = [](std::string_view) { return true; };
  EXPECT_EQ(run("l", policy).status, kDone);
}

TEST(Network, AddressesAreJudgedByUse) {
  std::vector<SocketUse> asked;
  NetworkPolicy policy;
  policy.allow_address = [&](const SocketUse& use) {
    asked.push_back(use);
    return false;
  };
  expect_refused(run("c", policy), Kind::kConnect, "127.0.0.1:9");
  Outcome bind = run("p", policy);
  EXPECT_EQ(bind.status, kAccessDenied);
  expect_refused(bind, Kind::kListen, "127.0.0.1:9");
  ASSERT_EQ(asked.size(), 2u);
  EXPECT_EQ(asked[0].address, "127.0.0.1");
  EXPECT_EQ(asked[0].port, 9);
  EXPECT_FALSE(asked[0].bind);
  EXPECT_EQ(asked[1].port, 9);
  EXPECT_TRUE(asked[1].bind);
}

TEST(Network, APortOfTheSystemsChoiceIsTheGuestsOwn) {
  NetworkPolicy policy;
  policy.allow_address = [](const SocketUse&) { return false; };
  Outcome bind = run("b", policy);
  EXPECT_EQ(bind.status, kDone);
  EXPECT_TRUE(bind.refusals.empty());
}

TEST(Network, WhatIsAllowedWorksAndIsNoted) {
  NetworkPolicy policy;
  policy.allow_address = [](const SocketUse&) { return true; };
  EXPECT_EQ(run("b", policy).status, kDone);
  Outcome connect = run("c", policy);
  EXPECT_TRUE(connect.refusals.empty());
  ASSERT_EQ(connect.uses.size(), 1u);
  EXPECT_EQ(connect.uses[0].kind, Kind::kConnect);
  EXPECT_EQ(connect.uses[0].target, "127.0.0.1:9");
  EXPECT_EQ(run("l", policy).status, kAccessDenied) << "a lookup is another grant";
}

TEST(Network, APolicyThatThrowsRefuses) {
  NetworkPolicy policy;
  policy.allow_address = [](const SocketUse&) -> bool { throw std::runtime_error("broken"); };
  expect_refused(run("c", policy), Kind::kConnect, "127.0.0.1:9");
}

}  // namespace
}  // namespace pylon::engine::testing
