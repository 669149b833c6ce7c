#include "composectl/bill_of_materials.hh"

#include <algorithm>

namespace pylon::composectl {
namespace {

using compose::Digest;
using compose::PlanComponent;

/// An entry of "components" with what is known of it; what is empty is left out.
Json entry(std::string_view type, const std::string& reference, const std::string& name,
           const std::string& version, const std::string& licence, const std::string& sha256) {
  Json out = {{"type", type}, {"bom-ref", reference}, {"name", name}};
  if (!version.empty()) out["version"] = version;
  if (!sha256.empty()) out["hashes"] = {{{"alg", "SHA-256"}, {"content", sha256}}};
  if (!licence.empty()) out["licenses"] = {{{"expression", licence}}};
  return out;
}

Json entry_of(const VendoredSource& source, const std::string& within) {
  Json out = entry("library", within + "/" + source.name, source.name, source.version,
                   source.licence, source.sha256);
  if (!source.purl.empty()) out["purl"] = source.purl;
  return out;
}

/// Its sources, and the blobs that belong to it, as entries within it.
Json parts_of(const PlanComponent& component, const Artifact* artifact) {
  Json out = Json::array();
  if (artifact)
    for (const VendoredSource& source : artifact->sources)
      out.push_back(entry_of(source, component.id));
  for (const compose::ComponentBlob& blob : compose::kComponentBlobs)
    if (const auto& digest = component.*blob.digest)
      out.push_back(entry("file", component.id + "/blobs/" + blob.name,
                          component.id + " " + blob.name, "", "", digest->hex()));
  return out;
}

Json entry_of(const PlanComponent& component, const compose::Plan& plan,
              const BuildManifest& manifest) {
  const Artifact* artifact = manifest.find(component.digest);
  const std::string licence = artifact ? artifact->licence : "";
  Json out =
      entry(component.id == plan.root ? "application" : "library", component.id, component.id,
            artifact ? artifact->version : "", licence, component.digest.hex());
  if (artifact && !artifact->summary.empty()) out["description"] = artifact->summary;
  if (!artifact)
    out["properties"] = {{{"name", "pylon:unknown"},
                          {"value", "the build's manifest has no artifact of this digest"}}};
  if (Json parts = parts_of(component, artifact); !parts.empty())
    out["components"] = std::move(parts);
  return out;
}

/// Who needs whom: the plan its root, each component those that it is bound to.
Json dependencies_of(const compose::Plan& plan, const std::string& plan_reference) {
  Json out = {{{"ref", plan_reference}, {"dependsOn", {plan.root}}}};
  for (const PlanComponent& component : plan.components) {
    std::vector<std::string> needed;
    for (const compose::Binding& binding : plan.bindings)
      if (binding.consumer_id == component.id) needed.push_back(binding.provider_id);
    std::ranges::sort(needed);
    const auto repeated = std::ranges::unique(needed);
    needed.erase(repeated.begin(), repeated.end());
    out.push_back({{"ref", component.id}, {"dependsOn", needed}});
  }
  return out;
}

/// A UUID made of the first bytes of a digest (version 8, RFC 9562).
std::string uuid_of(const Digest& digest) {
  std::string hex = digest.hex().substr(0, 32);
  hex[12] = '8';
  hex[16] = "89ab"[static_cast<unsigned char>(hex[16]) % 4];
  return hex.substr(0, 8) + "-" + hex.substr(8, 4) + "-" + hex.substr(12, 4) + "-" +
         hex.substr(16, 4) + "-" + hex.substr(20);
}

}  // namespace

Json bill_of_materials(const compose::PlanFile& file, const BuildManifest& manifest) {
  const compose::Plan& plan = file.plan;
  const std::string reference = "plan/" + file.digest.text();
  const std::string name = plan.name.empty() ? plan.root : plan.name;
  Json components = Json::array();
  for (const PlanComponent& component : plan.components)
    components.push_back(entry_of(component, plan, manifest));
  const Json tool = {{"type", "application"}, {"name", "composectl"}, {"version", PYLON_VERSION}};
  return {{"bomFormat", "CycloneDX"},
          {"specVersion", "1.6"},
          {"serialNumber", "urn:uuid:" + uuid_of(file.digest)},
          {"version", 1},
          {"metadata",
           {{"tools", {{"components", Json::array({tool})}}},
            {"component", entry("application", reference, name, std::to_string(plan.serial), "",
                                file.digest.hex())}}},
          {"components", components},
          {"dependencies", dependencies_of(plan, reference)}};
}

}  // namespace pylon::composectl
