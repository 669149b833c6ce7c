#include "runtime/network_grants.hh"

#include <gtest/gtest.h>

namespace pylon::runtime {
namespace {

NetworkGrants granting(std::initializer_list<const char*> rules) {
  NetworkGrants grants;
  for (const char* rule : rules) EXPECT_TRUE(grants.allow(rule)) << rule;
  return grants;
}

std::vector<Address> fake_resolver(const std::string& host) {
  if (host == "example.test") return {*parse_address("192.0.2.7"), *parse_address("2001:db8::7")};
  return {};
}

TEST(NetworkGrants, NothingByItself) {
  NetworkGrants grants;
  EXPECT_FALSE(grants.allows("127.0.0.1", 80));
  const engine::NetworkPolicy policy = grants.policy(fake_resolver);
  EXPECT_FALSE(policy.allow_address({"127.0.0.1", 80, false}));
  EXPECT_FALSE(policy.allow_lookup("example.test"));
}

TEST(NetworkGrants, AnAddressWithAndWithoutPort) {
  NetworkGrants grants = granting({"192.0.2.1:443", "192.0.2.2"});
  EXPECT_TRUE(grants.allows("192.0.2.1", 443));
  EXPECT_FALSE(grants.allows("192.0.2.1", 80));
  EXPECT_TRUE(grants.allows("192.0.2.2", 80));
  EXPECT_FALSE(grants.allows("192.0.2.3", 443));
}

TEST(NetworkGrants, SpellingsOfAnAddressAreOne) {
  NetworkGrants grants = granting({"[2001:DB8::1]:80", "::1", "[2001:db8::2]", "192.0.2.1"});
  EXPECT_TRUE(grants.allows("2001:db8:0:0::1", 80));
  EXPECT_FALSE(grants.allows("2001:db8::1", 81));
  EXPECT_TRUE(grants.allows("0:0:0:0:0:0:0:1", 9));
  EXPECT_TRUE(grants.allows("2001:db8::2", 9));
  EXPECT_TRUE(grants.allows("::ffff:192.0.2.1", 9));
}

TEST(NetworkGrants, AnyHost) {
  EXPECT_TRUE(granting({"*"}).allows("192.0.2.1", 1));
  EXPECT_TRUE(granting({"*"}).allows_lookup("any.test"));
  EXPECT_TRUE(granting({"*:53"}).allows("192.0.2.1", 53));
  EXPECT_FALSE(granting({"*:53"}).allows("192.0.2.1", 54));
}

TEST(NetworkGrants, ANameStandsForItsAddresses) {
  NetworkGrants grants = granting({"Example.TEST:443"});
  EXPECT_FALSE(grants.allows("192.0.2.7", 443)) << "not resolved yet";
  grants.resolve(fake_resolver);
  EXPECT_TRUE(grants.allows("192.0.2.7", 443));
  EXPECT_TRUE(grants.allows("2001:db8::7", 443));
  EXPECT_FALSE(grants.allows("192.0.2.7", 80));
  EXPECT_FALSE(grants.allows("192.0.2.8", 443));
  EXPECT_TRUE(grants.allows_lookup("example.test"));
  EXPECT_TRUE(grants.allows_lookup("EXAMPLE.test."));
  EXPECT_FALSE(grants.allows_lookup("sub.example.test"));
  EXPECT_FALSE(grants.allows_lookup("example.test.evil"));
}

TEST(NetworkGrants, ALookupRefreshesTheAddresses) {
  NetworkGrants grants = granting({"moving.test"});
  auto count = std::make_shared<int>(0);
  engine::NetworkPolicy policy = grants.policy([count](const std::string&) {
    return std::vector<Address>{*parse_address(++*count == 1 ? "192.0.2.1" : "192.0.2.2")};
  });
  EXPECT_TRUE(policy.allow_address({"192.0.2.1", 80, false}));
  EXPECT_FALSE(policy.allow_address({"192.0.2.2", 80, false}));
  EXPECT_TRUE(policy.allow_lookup("moving.test"));
  EXPECT_TRUE(policy.allow_address({"192.0.2.2", 80, false}));
  EXPECT_FALSE(policy.allow_lookup("other.test"));
}

TEST(NetworkGrants, RefusesWhatIsNoHost) {
  for (const char* rule :
       {"", ":80", "host:", "host:0", "host:65536", "host:http", "[::1", "[::1]80",
        "[::1]:", "[::1]:x", "a b", "http://host", "host/path", "**"}) {
    NetworkGrants grants;
    auto result = grants.allow(rule);
    ASSERT_FALSE(result) << rule;
    EXPECT_EQ(result.error().kind(), ErrorKind::kUsage);
    EXPECT_FALSE(grants.allows("192.0.2.1", 80));
  }
}

TEST(NetworkGrants, NumericLookupsAskNobody) {
  EXPECT_TRUE(granting({"192.0.2.1"}).allows_lookup("127.0.0.1"));
}

}  // namespace
}  // namespace pylon::runtime
