#include "compose/plan.hh"

#include <gtest/gtest.h>

#include <functional>
#include <nlohmann/json.hpp>

#include "sample_plan.hh"

namespace pylon::compose {
namespace {

using testing::binding;
using testing::component;
using testing::sample_plan;
using Json = nlohmann::json;

// The message with which a plan is refused after a change of its JSON.
std::string refusal(const std::function<void(Json&)>& change) {
  Json json = Json::parse(sample_plan().json());
  change(json);
  const auto plan = Plan::parse(json.dump());
  return plan ? "accepted" : plan.error().message();
}

TEST(Plan, ParsesWhatItWrites) {
  const Plan plan = sample_plan();
  const auto again = Plan::parse(plan.json());
  ASSERT_TRUE(again) << again.error().text();
  EXPECT_EQ(*again, plan);
  EXPECT_EQ(again->json(), plan.json());
}

TEST(Plan, WritesOneOrder) {
  Plan plan = sample_plan();
  std::swap(plan.components[0], plan.components[2]);
  std::swap(plan.bindings[0], plan.bindings[2]);
  EXPECT_EQ(plan.json(), sample_plan().json());
}

TEST(Plan, ReadsTheReferencesSpelling) {
  Json json = Json::parse(sample_plan().json());
  json["linkage"] = "runtime";
  for (Json& one : json["components"])
    one["digest"] = Digest::parse(one["digest"].get<std::string>())->raw();
  for (Json& one : json["bindings"]) one.erase("linkage");
  json.erase("serial");
  const auto plan = Plan::parse(json.dump());
  ASSERT_TRUE(plan) << plan.error().text();
  EXPECT_EQ(plan->components, sample_plan().components);
  EXPECT_EQ(plan->bindings, sample_plan().bindings);
  json["linkage"] = "static";
  EXPECT_EQ(Plan::parse(json.dump())->bindings[0].linkage, Linkage::kEmbed);
}

TEST(Plan, NamesThePlaceOfWhatIsWrong) {
  EXPECT_EQ(refusal([](Json& j) { j["version"] = "2"; }), "plan.json: version: is none of 1");
  EXPECT_EQ(refusal([](Json& j) { j["colour"] = 1; }), "plan.json: has the unknown field 'colour'");
  EXPECT_EQ(refusal([](Json& j) { j["components"][1]["x"] = 1; }),
            "plan.json: components[1]: has the unknown field 'x'");
  EXPECT_EQ(refusal([](Json& j) { j["components"][1].erase("digest"); }),
            "plan.json: components[1]: lacks the field 'digest'");
  EXPECT_EQ(refusal([](Json& j) { j["components"][1]["digest"] = "sha256:12"; }),
            "plan.json: components[1].digest: '12' is no SHA-256");
  EXPECT_EQ(refusal([](Json& j) { j["policy"]["limits"]["cpu_ms"] = -1; }),
            "plan.json: policy.limits.cpu_ms: is no unsigned integer");
  EXPECT_EQ(refusal([](Json& j) { j["expires"] = "tomorrow"; }),
            "plan.json: expires: 'tomorrow' is no time");
  EXPECT_EQ(refusal([](Json& j) { j["components"][2]["grants"]["read"][0] = "data"; }),
            "plan.json: components[2].grants.read[0]: 'data' is neither an absolute path nor *");
  EXPECT_EQ(refusal([](Json& j) { j["components"][0]["id"] = "a\nb"; }),
            "plan.json: components[0].id: has a control character");
}

TEST(Plan, RefusesWhatDoesNotFitTogether) {
  EXPECT_EQ(refusal([](Json& j) { j["root"] = "perl"; }),
            "plan.json: root: there is no component 'perl'");
  EXPECT_EQ(refusal([](Json& j) { j["components"][1]["id"] = "python"; }),
            "plan.json: components[1].id: 'python' is there twice");
  EXPECT_EQ(refusal([](Json& j) { j["bindings"][0]["provider_id"] = "lz4"; }),
            "plan.json: bindings[0].provider_id: there is no component 'lz4'");
  EXPECT_EQ(refusal([](Json& j) { j["bindings"].push_back(j["bindings"][0]); }),
            "plan.json: bindings[3]: the import xxhash:api/codec@1.0.0 of 'python' is bound twice");
}

TEST(Plan, RefusesACycle) {
  Plan plan = sample_plan();
  plan.bindings.push_back(binding("xxhash", "zstd"));
  EXPECT_EQ(plan.validate().error().message(),
            "plan.json: bindings: a cycle: xxhash -> zstd -> xxhash");
  plan.bindings = {binding("zstd", "zstd")};
  EXPECT_EQ(plan.validate().error().message(), "plan.json: bindings: a cycle: zstd -> zstd");
}

TEST(Plan, TakesALongChain) {
  Plan plan;
  plan.root = "0";
  for (int i = 0; i < 1000; ++i) plan.components.push_back(component(std::to_string(i)));
  for (int i = 1; i < 1000; ++i)
    plan.bindings.push_back(binding(std::to_string(i - 1), std::to_string(i)));
  EXPECT_TRUE(plan.validate());
  plan.components.push_back(component("1000"));
  EXPECT_EQ(plan.validate().error().message(), "plan.json: components: more than 1000");
}

TEST(Plan, TellsItsDigests) {
  EXPECT_EQ(sample_plan().digests().size(), 7u);
}

}  // namespace
}  // namespace pylon::compose
