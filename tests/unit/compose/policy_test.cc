#include "compose/policy.hh"

#include <gtest/gtest.h>

namespace pylon::compose {
namespace {

using Texts = std::vector<std::string>;

TEST(Policy, TakesTheSmallerLimit) {
  PlanPolicy policy;
  policy.limits = {100, 2000, {}};
  const HostOffer host{{}, {50, 4000, 7}, true, true, true};
  EXPECT_EQ(*limits_under(policy, host), (Limits{50, 2000, 7}));
}

TEST(Policy, RefusesWhatTheHostCannotDo) {
  PlanPolicy policy;
  policy.capabilities = {{"gpu", false}, {"dynlink:invoke", true}};
  EXPECT_TRUE(limits_under(policy, {{"dynlink:invoke"}, {}}));
  EXPECT_EQ(limits_under(policy, {}).error().message(),
            "the plan requires 'dynlink:invoke', which this host does not offer");
  policy = {};
  policy.limits.io_ops = 1;
  EXPECT_EQ(limits_under(policy, {}).error().message(),
            "the plan sets policy.limits.io_ops, which this host does not enforce");
}

TEST(Policy, GivesNoMoreThanTheLoaderHas) {
  const Grants loader{{"/data"}, {"/out"}, {"HOME"}, {"example.org", "*:53"}};
  const Grants wanted{{"/data/a", "/out/x", "/database", "/etc"},
                      {"/"},
                      {"*"},
                      {"example.org:443", "ns.org:53", "other.org"}};
  const Grants got = intersect(wanted, loader);
  EXPECT_EQ(got.read, (Texts{"/data/a", "/out/x"}));
  EXPECT_EQ(got.write, (Texts{"/out"}));
  EXPECT_EQ(got.env, (Texts{"HOME"}));
  EXPECT_EQ(got.net, (Texts{"example.org:443", "ns.org:53"}));
  EXPECT_TRUE(intersect(wanted, {}).empty());
  EXPECT_TRUE(intersect({}, loader).empty());
}

}  // namespace
}  // namespace pylon::compose
