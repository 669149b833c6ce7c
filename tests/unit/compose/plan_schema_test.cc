// plan.schema.json and the parser say the same.
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "base/file.hh"
#include "compose/plan.hh"

namespace pylon::compose {
namespace {

using Json = nlohmann::json;

Json read(const std::string& name) {
  const auto bytes = read_file(std::string(PYLON_SOURCE_DIR) + "/" + name);
  EXPECT_TRUE(bytes) << name;
  return bytes ? Json::parse(bytes->begin(), bytes->end()) : Json();
}

// Walks through a document and its schema together and calls `visit` for each object.
void walk(const Json& schema, Json& value, const Json& all,
          const std::function<void(const Json& schema, Json& object)>& visit) {
  if (schema.contains("$ref")) {
    const std::string name =
        schema["$ref"].get<std::string>().substr(std::string("#/$defs/").size());
    return walk(all["$defs"][name], value, all, visit);
  }
  if (value.is_object()) {
    visit(schema, value);
    for (auto& [name, one] : value.items())
      if (schema["properties"].contains(name)) walk(schema["properties"][name], one, all, visit);
  }
  if (value.is_array() && schema.contains("items"))
    for (Json& one : value) walk(schema["items"], one, all, visit);
}

std::set<std::string> names(const Json& object) {
  std::set<std::string> out;
  for (const auto& [name, value] : object.items()) out.insert(name);
  return out;
}

class PlanSchema : public ::testing::Test {
 protected:
  Json schema_ = read("src/compose/plan.schema.json");
  Json plan_ = read("tests/fuzz/corpus/plan/full.json");  // has every field
};

TEST_F(PlanSchema, TheParserKnowsEveryFieldOfTheSchema) {
  std::map<const void*, std::set<std::string>> seen;
  std::map<const void*, const Json*> schemas;
  walk(schema_, plan_, schema_, [&](const Json& schema, Json& object) {
    seen[&schema].merge(names(object));
    schemas[&schema] = &schema;
  });
  for (const auto& [id, schema] : schemas)
    EXPECT_EQ(seen[id], names((*schema)["properties"])) << schema->dump(1);
  EXPECT_EQ(schemas.size(), schema_["$defs"].size());  // all but the digest, and the plan itself
  const auto plan = Plan::parse(plan_.dump());
  EXPECT_TRUE(plan) << plan.error().text();
}

TEST_F(PlanSchema, TheParserKnowsNoOtherField) {
  walk(schema_, plan_, schema_, [&](const Json& schema, Json& object) {
    EXPECT_EQ(schema["additionalProperties"], false);
    object["another"] = 1;
    EXPECT_FALSE(Plan::parse(plan_.dump()));
    object.erase("another");
  });
  EXPECT_TRUE(Plan::parse(plan_.dump()));
}

TEST_F(PlanSchema, RequiredMeansTheSame) {
  walk(schema_, plan_, schema_, [&](const Json& schema, Json& object) {
    for (const std::string& name : names(object)) {
      const bool required =
          std::ranges::find(schema["required"], Json(name)) != schema["required"].end();
      const Json value = object[name];
      object.erase(name);
      EXPECT_EQ(!Plan::parse(plan_.dump()).has_value(), required) << name;
      object[name] = value;
    }
  });
}

TEST_F(PlanSchema, WhatIsWrittenFollowsTheSchema) {
  Json written = Json::parse(Plan::parse(plan_.dump())->json());
  walk(schema_, written, schema_, [&](const Json& schema, Json& object) {
    for (const std::string& name : names(object))
      EXPECT_TRUE(schema["properties"].contains(name)) << name;
  });
}

}  // namespace
}  // namespace pylon::compose
