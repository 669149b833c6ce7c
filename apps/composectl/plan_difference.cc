#include "composectl/plan_difference.hh"

#include <map>
#include <nlohmann/json.hpp>

namespace pylon::composectl {
namespace {

using Json = nlohmann::json;
using Named = std::map<std::string, Json>;

std::string text_of(const Json& json) {
  return json.is_string() ? json.get<std::string>() : json.dump();
}

// The elements of a plan's lists by a name that tells them apart.
Named by_name(const Json& plan, const char* list, std::initializer_list<const char*> fields) {
  Named out;
  for (const Json& one : plan.value(list, Json::array())) {
    std::string name;
    for (const char* field : fields)
      name += (name.empty() ? "" : " ") + one.at(field).get<std::string>();
    out.emplace(name, one);
  }
  return out;
}

void compare_fields(const std::string& what, const Json& before, const Json& after,
                    std::vector<PlanChange>& out) {
  Named fields;
  for (const Json* side : {&before, &after})
    for (const auto& [name, value] : side->items()) fields.emplace(name, Json());
  for (const auto& [name, unused] : fields) {
    const Json old = before.value(name, Json()), now = after.value(name, Json());
    if (old == now) continue;
    out.push_back(
        {what + name, old.is_null() ? "" : text_of(old), now.is_null() ? "" : text_of(now)});
  }
}

void compare_lists(const std::string& what, const Named& before, const Named& after,
                   std::vector<PlanChange>& out) {
  for (const auto& [name, value] : before)
    if (!after.contains(name)) out.push_back({what + name, value.dump(), ""});
  for (const auto& [name, value] : after) {
    const auto old = before.find(name);
    if (old == before.end())
      out.push_back({what + name, "", value.dump()});
    else
      compare_fields(what + name + ": ", old->second, value, out);
  }
}

Json without_lists(Json plan) {
  plan.erase("components");
  plan.erase("bindings");
  return plan;
}

}  // namespace

std::vector<PlanChange> difference(const compose::Plan& before, const compose::Plan& after) {
  const Json old = Json::parse(before.json()), now = Json::parse(after.json());
  std::vector<PlanChange> out;
  compare_fields("", without_lists(old), without_lists(now), out);
  compare_lists("component ", by_name(old, "components", {"id"}),
                by_name(now, "components", {"id"}), out);
  compare_lists("binding ", by_name(old, "bindings", {"consumer_id", "import_name"}),
                by_name(now, "bindings", {"consumer_id", "import_name"}), out);
  return out;
}

}  // namespace pylon::composectl
