#include "compose/plan.hh"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "compose/checked_json.hh"

namespace pylon::compose {
namespace {

constexpr std::size_t kMaxGrants = 1'000;
constexpr std::size_t kMaxSecrets = 1'000;
constexpr std::size_t kLongestId = 128;

auto order_of(const Binding& binding) {
  return std::tie(binding.consumer_id, binding.import_name, binding.provider_id);
}

std::string place(std::string_view list, std::size_t index) {
  return std::string(list) + "[" + std::to_string(index) + "]";
}

// ---- reading

Result<std::vector<std::string>> read_texts(const JsonValue& value) {
  PYLON_TRY(elements, value.elements(kMaxGrants));
  std::vector<std::string> out;
  for (const JsonValue& element : elements) {
    PYLON_TRY(text, element.text());
    out.push_back(text);
  }
  return out;
}

Result<Grants> read_grants(const JsonValue& value) {
  PYLON_CHECK(value.expect_object({}, {"read", "write", "env", "net"}));
  Grants grants;
  for (auto [field, list] : {std::pair{"read", &grants.read},
                             {"write", &grants.write},
                             {"env", &grants.env},
                             {"net", &grants.net}}) {
    if (!value.has(field)) continue;
    PYLON_TRY(texts, read_texts(value.at(field)));
    *list = std::move(texts);
  }
  return grants;
}

Result<PlanComponent> read_component(const JsonValue& value) {
  PYLON_CHECK(value.expect_object(
      {"id", "digest"}, {"schema", "facade", "extension", "static_extension", "source", "grants"}));
  PYLON_TRY(id, value.at("id").text(kLongestId));
  PYLON_TRY(digest, value.at("digest").digest());
  PlanComponent component{id, digest, {}, {}, {}, {}, {}, {}};
  for (const ComponentBlob& blob : kComponentBlobs) {
    if (!value.has(blob.name)) continue;
    PYLON_TRY(parsed, value.at(blob.name).digest());
    component.*blob.digest = parsed;
  }
  if (value.has("source")) {
    PYLON_TRY(source, value.at("source").text());
    component.source = source;
  }
  if (value.has("grants")) {
    PYLON_TRY(grants, read_grants(value.at("grants")));
    component.grants = std::move(grants);
  }
  return component;
}

Result<Binding> read_binding(const JsonValue& value, Linkage otherwise) {
  PYLON_CHECK(value.expect_object({"consumer_id", "import_name", "provider_id", "export_name"},
                                  {"linkage"}));
  PYLON_TRY(consumer, value.at("consumer_id").text(kLongestId));
  PYLON_TRY(import_name, value.at("import_name").text());
  PYLON_TRY(provider, value.at("provider_id").text(kLongestId));
  PYLON_TRY(export_name, value.at("export_name").text());
  Binding binding{consumer, import_name, provider, export_name, otherwise};
  if (value.has("linkage")) {
    PYLON_TRY(linkage, value.at("linkage").one_of({"dynlink", "embed", "static"}));
    binding.linkage = static_cast<Linkage>(linkage);
  }
  return binding;
}

Result<Secret> read_secret(const JsonValue& value) {
  PYLON_CHECK(value.expect_object({"secret_id", "backend_uri"}));
  PYLON_TRY(id, value.at("secret_id").text(kLongestId));
  PYLON_TRY(uri, value.at("backend_uri").text());
  return Secret{id, uri};
}

Result<ExplicitExport> read_export(const JsonValue& value) {
  PYLON_CHECK(value.expect_object({"source_instance", "interface_name"}));
  PYLON_TRY(source, value.at("source_instance").text(kLongestId));
  PYLON_TRY(name, value.at("interface_name").text());
  return ExplicitExport{source, name};
}

Result<Limits> read_limits(const JsonValue& value) {
  PYLON_CHECK(value.expect_object({}, {"cpu_ms", "memory_bytes", "io_ops"}));
  Limits limits;
  for (auto [field, limit] : {std::pair{"cpu_ms", &limits.cpu_ms},
                              {"memory_bytes", &limits.memory_bytes},
                              {"io_ops", &limits.io_ops}}) {
    if (!value.has(field)) continue;
    PYLON_TRY(number, value.at(field).unsigned_integer());
    *limit = number;
  }
  return limits;
}

Result<Capability> read_capability(const JsonValue& value) {
  PYLON_CHECK(value.expect_object({"name", "level"}));
  PYLON_TRY(name, value.at("name").text(kLongestId));
  PYLON_TRY(level, value.at("level").one_of({"optional", "required"}));
  return Capability{name, level == 1};
}

// The elements of `value`, each read by `read`.
template <typename T, typename Read>
Result<std::vector<T>> read_list(const JsonValue& value, std::size_t limit, Read read) {
  PYLON_TRY(elements, value.elements(limit));
  std::vector<T> out;
  out.reserve(elements.size());
  for (const JsonValue& element : elements) {
    Result<T> one = read(element);
    if (!one) return fail(std::move(one).error());
    out.push_back(std::move(*one));
  }
  return out;
}

Result<PlanPolicy> read_policy(const JsonValue& value) {
  PYLON_CHECK(value.expect_object({}, {"determinism", "capabilities", "tenant", "limits"}));
  PlanPolicy policy;
  if (value.has("determinism")) {
    PYLON_TRY(word, value.at("determinism").one_of({"strict", "audit", "relaxed"}));
    policy.determinism = static_cast<Determinism>(word);
  }
  if (value.has("capabilities")) {
    PYLON_TRY(list, read_list<Capability>(value.at("capabilities"), kMaxGrants, read_capability));
    policy.capabilities = std::move(list);
  }
  if (value.has("tenant")) {
    PYLON_TRY(tenant, value.at("tenant").text(kLongestId));
    policy.tenant = tenant;
  }
  if (value.has("limits")) {
    PYLON_TRY(limits, read_limits(value.at("limits")));
    policy.limits = limits;
  }
  return policy;
}

Result<void> read_head(const JsonValue& value, Plan& plan) {
  PYLON_CHECK(value.expect_object(
      {"version", "root", "components", "bindings"},
      {"name", "serial", "expires", "linkage", "secrets", "policy", "explicit_exports"}));
  PYLON_CHECK(value.at("version").one_of({Plan::kVersion}));
  PYLON_TRY(root, value.at("root").text(kLongestId));
  plan.root = root;
  if (value.has("name")) {
    PYLON_TRY(name, value.at("name").text(kLongestId));
    plan.name = name;
  }
  if (value.has("serial")) {
    PYLON_TRY(serial, value.at("serial").unsigned_integer());
    plan.serial = serial;
  }
  if (value.has("expires")) {
    PYLON_TRY(time, value.at("expires").time());
    plan.expires = time;
  }
  return {};
}

// A plan's linkage ("static" or "runtime") is that of bindings that do not say their own.
Result<Linkage> read_default_linkage(const JsonValue& value) {
  if (!value.has("linkage")) return Linkage::kDynlink;
  PYLON_TRY(word, value.at("linkage").one_of({"runtime", "static"}));
  return word == 0 ? Linkage::kDynlink : Linkage::kEmbed;
}

// ---- checking

class Validator {
 public:
  Validator(const Plan& plan, std::string_view file) : plan_(plan), file_(file) {}

  Result<void> run() {
    PYLON_CHECK(check_components());
    PYLON_CHECK(check_bindings());
    PYLON_CHECK(check_exports());
    return check_cycles();
  }

 private:
  tl::unexpected<Error> wrong(const std::string& where, const std::string& what) const {
    return fail(ErrorKind::kInput, file_ + ": " + where + ": " + what);
  }

  Result<void> check_components() {
    if (plan_.components.size() > Plan::kMaxComponents)
      return wrong("components", "more than " + std::to_string(Plan::kMaxComponents));
    for (std::size_t i = 0; i < plan_.components.size(); ++i) {
      const std::string& id = plan_.components[i].id;
      if (!index_.emplace(id, i).second)
        return wrong(place("components", i) + ".id", "'" + id + "' is there twice");
      PYLON_CHECK(check_grants(plan_.components[i].grants, place("components", i) + ".grants"));
    }
    if (!index_.contains(plan_.root))
      return wrong("root", "there is no component '" + plan_.root + "'");
    return {};
  }

  Result<void> check_grants(const Grants& grants, const std::string& where) const {
    for (auto [field, paths] : {std::pair{"read", &grants.read}, {"write", &grants.write}})
      for (std::size_t i = 0; i < paths->size(); ++i)
        if ((*paths)[i] != "*" && !(*paths)[i].starts_with('/'))
          return wrong(where + "." + place(field, i),
                       "'" + (*paths)[i] + "' is neither an absolute path nor *");
    return {};
  }

  Result<void> check_bindings() const {
    if (plan_.bindings.size() > Plan::kMaxBindings)
      return wrong("bindings", "more than " + std::to_string(Plan::kMaxBindings));
    std::set<std::pair<std::string_view, std::string_view>> met;
    for (std::size_t i = 0; i < plan_.bindings.size(); ++i) {
      const Binding& binding = plan_.bindings[i];
      for (auto [field, id] : {std::pair{".consumer_id", &binding.consumer_id},
                               {".provider_id", &binding.provider_id}})
        if (!index_.contains(*id))
          return wrong(place("bindings", i) + field, "there is no component '" + *id + "'");
      if (!met.emplace(binding.consumer_id, binding.import_name).second)
        return wrong(place("bindings", i), "the import " + binding.import_name + " of '" +
                                               binding.consumer_id + "' is bound twice");
    }
    return {};
  }

  Result<void> check_exports() const {
    for (std::size_t i = 0; i < plan_.explicit_exports.size(); ++i)
      if (const std::string& id = plan_.explicit_exports[i].source_instance; !index_.contains(id))
        return wrong(place("explicit_exports", i) + ".source_instance",
                     "there is no component '" + id + "'");
    return {};
  }

  // Takes away components that need nothing which is left, again and again; a rest is a cycle.
  Result<void> check_cycles() const {
    std::vector<std::set<std::size_t>> needs(plan_.components.size()), needed_by(needs.size());
    for (const Binding& binding : plan_.bindings) {
      const std::size_t consumer = index_.find(binding.consumer_id)->second;
      const std::size_t provider = index_.find(binding.provider_id)->second;
      needs[consumer].insert(provider);
      needed_by[provider].insert(consumer);
    }
    std::vector<std::size_t> ready;
    for (std::size_t i = 0; i < needs.size(); ++i)
      if (needs[i].empty()) ready.push_back(i);
    std::size_t done = 0;
    for (; done < ready.size(); ++done)
      for (std::size_t consumer : needed_by[ready[done]])
        if (needs[consumer].erase(ready[done]) && needs[consumer].empty())
          ready.push_back(consumer);
    if (done == needs.size()) return {};
    return wrong("bindings", "a cycle: " + describe_cycle(needs));
  }

  // Follows needs from a component that is left until one comes again.
  std::string describe_cycle(const std::vector<std::set<std::size_t>>& needs) const {
    std::size_t at = 0;
    while (needs[at].empty()) ++at;
    std::vector<std::size_t> way;
    while (std::find(way.begin(), way.end(), at) == way.end()) {
      way.push_back(at);
      at = *needs[at].begin();
    }
    std::string out;
    for (auto step = std::find(way.begin(), way.end(), at); step != way.end(); ++step)
      out += plan_.components[*step].id + " -> ";
    return out + plan_.components[at].id;
  }

  const Plan& plan_;
  std::string file_;
  std::map<std::string_view, std::size_t> index_;
};

// ---- writing

using Ordered = nlohmann::ordered_json;

Ordered write_grants(const Grants& grants) {
  Ordered out = Ordered::object();
  for (auto [field, list] : {std::pair{"read", &grants.read},
                             {"write", &grants.write},
                             {"env", &grants.env},
                             {"net", &grants.net}})
    if (!list->empty()) out[field] = *list;
  return out;
}

Ordered write_component(const PlanComponent& component) {
  Ordered out = {{"id", component.id}, {"digest", component.digest.text()}};
  for (const ComponentBlob& blob : kComponentBlobs)
    if (component.*blob.digest) out[blob.name] = (component.*blob.digest)->text();
  if (!component.source.empty()) out["source"] = component.source;
  if (!component.grants.empty()) out["grants"] = write_grants(component.grants);
  return out;
}

Ordered write_binding(const Binding& binding) {
  return {{"consumer_id", binding.consumer_id},
          {"import_name", binding.import_name},
          {"provider_id", binding.provider_id},
          {"export_name", binding.export_name},
          {"linkage", linkage_name(binding.linkage)}};
}

Ordered write_policy(const PlanPolicy& policy) {
  Ordered out = {{"determinism", determinism_name(policy.determinism)}};
  out["capabilities"] = Ordered::array();
  for (const Capability& capability : policy.capabilities)
    out["capabilities"].push_back(
        {{"name", capability.name}, {"level", capability.required ? "required" : "optional"}});
  if (!policy.tenant.empty()) out["tenant"] = policy.tenant;
  Ordered limits = Ordered::object();
  if (policy.limits.cpu_ms) limits["cpu_ms"] = *policy.limits.cpu_ms;
  if (policy.limits.memory_bytes) limits["memory_bytes"] = *policy.limits.memory_bytes;
  if (policy.limits.io_ops) limits["io_ops"] = *policy.limits.io_ops;
  if (!limits.empty()) out["limits"] = limits;
  return out;
}

}  // namespace

std::string_view linkage_name(Linkage linkage) {
  constexpr std::string_view kNames[] = {"dynlink", "embed", "static"};
  return kNames[static_cast<int>(linkage)];
}

std::string_view determinism_name(Determinism determinism) {
  constexpr std::string_view kNames[] = {"strict", "audit", "relaxed"};
  return kNames[static_cast<int>(determinism)];
}

Result<Plan> Plan::parse(std::string_view json, std::string_view file) {
  PYLON_TRY(document, parse_json(json, file, ErrorKind::kInput, {kMaxBytes, kMaxDepth}));
  const JsonValue value(document, file, ErrorKind::kInput);
  Plan plan;
  PYLON_CHECK(read_head(value, plan));
  PYLON_TRY(otherwise, read_default_linkage(value));
  PYLON_TRY(components,
            read_list<PlanComponent>(value.at("components"), kMaxComponents, read_component));
  PYLON_TRY(bindings,
            read_list<Binding>(value.at("bindings"), kMaxBindings,
                               [&](const JsonValue& one) { return read_binding(one, otherwise); }));
  plan.components = std::move(components);
  plan.bindings = std::move(bindings);
  if (value.has("secrets")) {
    PYLON_TRY(secrets, read_list<Secret>(value.at("secrets"), kMaxSecrets, read_secret));
    plan.secrets = std::move(secrets);
  }
  if (value.has("explicit_exports")) {
    PYLON_TRY(exports,
              read_list<ExplicitExport>(value.at("explicit_exports"), kMaxBindings, read_export));
    plan.explicit_exports = std::move(exports);
  }
  if (value.has("policy")) {
    PYLON_TRY(policy, read_policy(value.at("policy")));
    plan.policy = std::move(policy);
  }
  PYLON_CHECK(plan.validate(file));
  std::ranges::sort(plan.components, {}, &PlanComponent::id);
  std::ranges::sort(plan.bindings, {}, order_of);
  return plan;
}

Result<void> Plan::validate(std::string_view file) const {
  return Validator(*this, file).run();
}

std::string Plan::json() const {
  Plan sorted = *this;
  std::ranges::sort(sorted.components, {}, &PlanComponent::id);
  std::ranges::sort(sorted.bindings, {}, order_of);
  Ordered out = {{"version", kVersion}};
  if (!name.empty()) out["name"] = name;
  out["serial"] = serial;
  if (expires) out["expires"] = time_text(*expires);
  out["root"] = root;
  for (const char* list : {"components", "bindings", "secrets"}) out[list] = Ordered::array();
  for (const PlanComponent& one : sorted.components)
    out["components"].push_back(write_component(one));
  for (const Binding& one : sorted.bindings) out["bindings"].push_back(write_binding(one));
  for (const Secret& one : secrets)
    out["secrets"].push_back({{"secret_id", one.secret_id}, {"backend_uri", one.backend_uri}});
  for (const ExplicitExport& one : explicit_exports)
    out["explicit_exports"].push_back(
        {{"source_instance", one.source_instance}, {"interface_name", one.interface_name}});
  out["policy"] = write_policy(policy);
  return out.dump(2, ' ', false, Ordered::error_handler_t::replace) + "\n";
}

const PlanComponent* Plan::find(std::string_view id) const {
  const auto found = std::ranges::find(components, id, &PlanComponent::id);
  return found == components.end() ? nullptr : &*found;
}

PlanComponent* Plan::find(std::string_view id) {
  return const_cast<PlanComponent*>(std::as_const(*this).find(id));
}

std::vector<Digest> Plan::digests() const {
  std::set<Digest> out;
  for (const PlanComponent& component : components) {
    out.insert(component.digest);
    for (const ComponentBlob& blob : kComponentBlobs)
      if (component.*blob.digest) out.insert(*(component.*blob.digest));
  }
  return {out.begin(), out.end()};
}

}  // namespace pylon::compose
