#include "runtime/network_grants.hh"

#include <gtest/gtest.h>

namespace pylon::runtime {
namespace {

NetworkGrants granting(std::initializer_list<const char*> rules) {
  NetworkGrants grants;
  for (const char* rule : rules) EXPECT_TRUE(grants.allow(rule)) << rule;
  return grants;
}

bool connects(const NetworkGrants& grants, const char* address, std::uint16_t port = 443) {
  return grants.allows(address, port, false);
}

bool listens(const NetworkGrants& grants, const char* address, std::uint16_t port = 443) {
  return grants.allows(address, port, true);
}

std::vector<Address> fake_resolver(const std::string& host) {
  if (host == "example.test") return {*parse_address("192.0.2.7"), *parse_address("2001:db8::7")};
  if (host == "rebound.test" || host == "db" || host == "db.internal")
    return {*parse_address("10.0.0.5"), *parse_address("127.0.0.1"), *parse_address("192.0.2.8")};
  return {};
}

TEST(NetworkGrants, NothingByItself) {
  NetworkGrants grants;
  EXPECT_FALSE(connects(grants, "127.0.0.1"));
  const engine::NetworkPolicy policy = grants.policy(fake_resolver);
  EXPECT_FALSE(policy.allow_address({"127.0.0.1", 80, false}));
  EXPECT_FALSE(policy.allow_lookup("example.test"));
}

TEST(NetworkGrants, AnAddressWithAndWithoutPort) {
  NetworkGrants grants = granting({"192.0.2.1:443", "192.0.2.2"});
  EXPECT_TRUE(connects(grants, "192.0.2.1"));
  EXPECT_TRUE(listens(grants, "192.0.2.1"));
  EXPECT_FALSE(connects(grants, "192.0.2.1", 80));
  EXPECT_FALSE(listens(grants, "192.0.2.1", 0)) << "a port of the system's choice is another";
  EXPECT_TRUE(connects(grants, "192.0.2.2", 80));
  EXPECT_TRUE(listens(grants, "192.0.2.2", 0));
  EXPECT_FALSE(connects(grants, "192.0.2.3"));
}

TEST(NetworkGrants, SpellingsOfAnAddressAreOne) {
  NetworkGrants grants = granting({"[2001:DB8::1]:80", "::1", "[2001:db8::2]", "192.0.2.1"});
  EXPECT_TRUE(connects(grants, "2001:db8:0:0::1", 80));
  EXPECT_FALSE(connects(grants, "2001:db8::1", 81));
  EXPECT_TRUE(connects(grants, "0:0:0:0:0:0:0:1", 9));
  EXPECT_TRUE(connects(grants, "2001:db8::2", 9));
  EXPECT_TRUE(connects(grants, "::ffff:192.0.2.1", 9));
}

TEST(NetworkGrants, ARange) {
  NetworkGrants grants = granting({"10.1.0.0/16:5432", "[fd00:1::/32]", "192.0.2.128/25"});
  EXPECT_TRUE(connects(grants, "10.1.255.1", 5432));
  EXPECT_FALSE(connects(grants, "10.1.255.1", 5433));
  EXPECT_FALSE(connects(grants, "10.2.0.1", 5432));
  EXPECT_TRUE(connects(grants, "fd00:1:ffff::1"));
  EXPECT_FALSE(connects(grants, "fd00:2::1"));
  EXPECT_TRUE(connects(grants, "192.0.2.200"));
  EXPECT_FALSE(connects(grants, "192.0.2.127"));
  EXPECT_FALSE(connects(grants, "::1"));
}

TEST(NetworkGrants, AnyHostIsThePublicInternet) {
  for (const NetworkGrants& grants : {granting({"*"}), [] {
                                        NetworkGrants all;
                                        all.allow_public();
                                        return all;
                                      }()}) {
    EXPECT_TRUE(connects(grants, "192.0.2.1", 1));
    EXPECT_TRUE(connects(grants, "2001:4860::1"));
    EXPECT_TRUE(grants.allows_lookup("any.test"));
    for (const char* address : {"127.0.0.1",
                                "127.8.8.8",
                                "10.0.0.1",
                                "172.16.0.1",
                                "192.168.1.1",
                                "169.254.169.254",
                                "100.64.0.1",
                                "0.0.0.0",
                                "0.0.0.1",
                                "224.0.0.1",
                                "255.255.255.255",
                                "::1",
                                "::",
                                "fe80::1",
                                "fd00::1",
                                "ff02::1",
                                "::ffff:127.0.0.1",
                                "::ffff:10.0.0.1",
                                "64:ff9b::7f00:1",
                                "2002:a00:1::",
                                "::127.0.0.1"})
      EXPECT_FALSE(connects(grants, address)) << address;
    EXPECT_TRUE(listens(grants, "0.0.0.0"));
    EXPECT_TRUE(listens(grants, "::"));
    EXPECT_FALSE(listens(grants, "127.0.0.1"));
  }
  EXPECT_TRUE(connects(granting({"*:53"}), "192.0.2.1", 53));
  EXPECT_FALSE(connects(granting({"*:53"}), "192.0.2.1", 54));
  EXPECT_FALSE(connects(granting({"*:53"}), "127.0.0.1", 53));
}

TEST(NetworkGrants, EverythingIsEverything) {
  NetworkGrants grants;
  grants.allow_all();
  for (const char* address : {"127.0.0.1", "10.0.0.1", "::1", "192.0.2.1"})
    EXPECT_TRUE(connects(grants, address)) << address;
}

TEST(NetworkGrants, AnUnspecifiedAddressLeadsToThisMachine) {
  EXPECT_TRUE(connects(granting({"127.0.0.1:80"}), "0.0.0.0", 80));
  EXPECT_FALSE(connects(granting({"0.0.0.0:80"}), "0.0.0.0", 80));
  EXPECT_TRUE(listens(granting({"0.0.0.0:80"}), "0.0.0.0", 80));
  EXPECT_FALSE(listens(granting({"127.0.0.1:80"}), "0.0.0.0", 80));
}

TEST(NetworkGrants, ANameStandsForItsAddresses) {
  NetworkGrants grants = granting({"Example.TEST:443"});
  EXPECT_FALSE(connects(grants, "192.0.2.7")) << "not resolved yet";
  EXPECT_TRUE(grants.resolve(fake_resolver));
  EXPECT_FALSE(grants.resolve(fake_resolver)) << "once";
  EXPECT_TRUE(connects(grants, "192.0.2.7"));
  EXPECT_TRUE(connects(grants, "2001:db8::7"));
  EXPECT_FALSE(connects(grants, "192.0.2.7", 80));
  EXPECT_FALSE(connects(grants, "192.0.2.8"));
  EXPECT_TRUE(grants.allows_lookup("example.test"));
  EXPECT_TRUE(grants.allows_lookup("EXAMPLE.test."));
  EXPECT_FALSE(grants.allows_lookup("sub.example.test"));
  EXPECT_FALSE(grants.allows_lookup("example.test.evil"));
}

TEST(NetworkGrants, NamesBelowAName) {
  NetworkGrants grants = granting({"*.Example.test:443"});
  EXPECT_TRUE(grants.allows_lookup("a.example.test"));
  EXPECT_TRUE(grants.allows_lookup("a.b.EXAMPLE.test."));
  for (const char* host :
       {"example.test", ".example.test", "badexample.test", "a.example.test.evil"})
    EXPECT_FALSE(grants.allows_lookup(host)) << host;
  EXPECT_FALSE(grants.resolve(fake_resolver)) << "which names there are, only the program knows";
  grants.found("a.example.test", "192.0.2.9");
  grants.found("b.example.test", "10.0.0.9");
  grants.found("other.test", "192.0.2.10");
  EXPECT_TRUE(connects(grants, "192.0.2.9"));
  EXPECT_FALSE(connects(grants, "192.0.2.9", 80));
  EXPECT_FALSE(connects(grants, "10.0.0.9"));
  EXPECT_FALSE(connects(grants, "192.0.2.10"));
}

TEST(NetworkGrants, APublicNameDoesNotGrantPrivateAddresses) {
  NetworkGrants grants = granting({"rebound.test"});
  EXPECT_TRUE(grants.resolve(fake_resolver));
  grants.found("rebound.test", "169.254.169.254");
  EXPECT_TRUE(connects(grants, "192.0.2.8"));
  for (const char* address : {"10.0.0.5", "127.0.0.1", "169.254.169.254"})
    EXPECT_FALSE(connects(grants, address)) << address;
}

TEST(NetworkGrants, ALocalNameDoes) {
  for (const char* name : {"db", "db.internal"}) {
    NetworkGrants grants = granting({name});
    EXPECT_TRUE(grants.resolve(fake_resolver));
    EXPECT_TRUE(connects(grants, "10.0.0.5")) << name;
    grants.found(name, "10.0.0.6");
    EXPECT_TRUE(connects(grants, "10.0.0.6")) << name;
  }
}

TEST(NetworkGrants, LocalhostIsThisMachineUnasked) {
  NetworkGrants grants = granting({"LocalHost:80"});
  EXPECT_TRUE(connects(grants, "127.0.0.1", 80));
  EXPECT_TRUE(listens(grants, "::1", 80));
  EXPECT_FALSE(connects(grants, "127.0.0.1", 81));
  EXPECT_FALSE(grants.resolve(fake_resolver));
}

TEST(NetworkGrants, NamesAreLookedUpWhenTheyMatter) {
  NetworkGrants grants = granting({"moving.test"});
  auto count = std::make_shared<int>(0);
  engine::NetworkPolicy policy = grants.policy([count](const std::string&) {
    ++*count;
    return std::vector<Address>{*parse_address("192.0.2.1")};
  });
  EXPECT_TRUE(policy.allow_lookup("moving.test"));
  EXPECT_EQ(*count, 0);
  policy.found("moving.test", "192.0.2.2");
  EXPECT_TRUE(policy.allow_address({"192.0.2.2", 80, false}));
  EXPECT_EQ(*count, 0);
  EXPECT_TRUE(policy.allow_address({"192.0.2.1", 80, false}));
  EXPECT_FALSE(policy.allow_address({"192.0.2.3", 80, false}));
  EXPECT_EQ(*count, 1);
  EXPECT_FALSE(policy.allow_lookup("other.test"));
}

TEST(NetworkGrants, RefusesWhatIsNoHost) {
  for (const char* rule :
       {"",        ":80",    "host:",       "host:0",     "host:65536",  "host:http",   "[::1",
        "[::1]80", "[::1]:", "[::1]:x",     "a b",        "http://host", "host/path",   "**",
        "*.",      "a.*",    "10.0.0.0/33", "10.0.0.0/x", "10.0.0.0/",   "[fd00::/129]"}) {
    NetworkGrants grants;
    auto result = grants.allow(rule);
    ASSERT_FALSE(result) << rule;
    EXPECT_EQ(result.error().kind(), ErrorKind::kUsage);
    EXPECT_FALSE(connects(grants, "192.0.2.1"));
  }
}

}  // namespace
}  // namespace pylon::runtime
