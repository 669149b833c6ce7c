#include "composectl/build_manifest.hh"

#include <algorithm>
#include <optional>

#include "composectl/places.hh"

#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

namespace pylon::composectl {
namespace {

constexpr std::size_t kLargestManifest = 10 << 20;

tl::unexpected<Error> malformed(const std::string& file, const toml::node& node,
                                const std::string& problem) {
  return fail(ErrorKind::kInput,
              file + ":" + std::to_string(node.source().begin.line) + ": " + problem,
              "toolchain/manifest writes it anew");
}

/// The text of a field, empty if it is not there.
std::string text_of(const toml::table& table, std::string_view key) {
  return table[key].value_or(std::string());
}

std::vector<std::string> texts_of(const toml::table& table, std::string_view key) {
  std::vector<std::string> out;
  if (const toml::array* list = table[key].as_array())
    for (const toml::node& item : *list) out.push_back(item.value_or(std::string()));
  return out;
}

std::vector<VendoredSource> sources_of(const toml::table& table) {
  std::vector<VendoredSource> out;
  const toml::array* list = table["source"].as_array();
  for (std::size_t i = 0; list && i < list->size(); ++i)
    if (const toml::table* one = list->get(i)->as_table())
      out.push_back({text_of(*one, "name"), text_of(*one, "version"), text_of(*one, "licence"),
                     text_of(*one, "purl"), text_of(*one, "sha256")});
  return out;
}

Result<Artifact> artifact_of(const toml::node& node, const std::string& file) {
  const toml::table* table = node.as_table();
  if (!table) return malformed(file, node, "an artifact is no table");
  const auto digest = compose::Digest::parse_hex(text_of(*table, "sha256"));
  if (!digest) return malformed(file, node, "an artifact has no SHA-256 in `sha256`");
  Artifact out{text_of(*table, "id"),
               text_of(*table, "kind"),
               text_of(*table, "file"),
               (*table)["size"].value_or(std::uint64_t{0}),
               *digest,
               texts_of(*table, "inputs"),
               texts_of(*table, "needs"),
               text_of(*table, "cap"),
               text_of(*table, "version"),
               text_of(*table, "licence"),
               text_of(*table, "summary"),
               sources_of(*table)};
  if (out.id.empty() || out.kind.empty() || out.file.empty())
    return malformed(file, node, "an artifact lacks `id`, `kind` or `file`");
  return out;
}

Result<void> read_inputs(const toml::table& document, const std::string& file, BuildManifest& out) {
  const toml::table* groups = document["inputs"].as_table();
  if (!groups) return malformed(file, document, "there are no [inputs]");
  for (const auto& [name, node] : *groups) {
    const toml::table* group = node.as_table();
    if (!group) return malformed(file, node, "a group of inputs is no table");
    InputGroup& members = out.inputs[std::string(name.str())];
    for (const auto& [key, value] : *group)
      members[std::string(key.str())] = value.value_or(std::string());
  }
  return {};
}

/// What differs between two groups, in the order of their names.
std::vector<ManifestChange> group_changes(const InputGroup& before, const InputGroup& after) {
  std::vector<ManifestChange> out;
  InputGroup all = before;
  all.insert(after.begin(), after.end());
  for (const auto& [name, ignored] : all) {
    const auto old = before.find(name), now = after.find(name);
    const std::string left = old == before.end() ? "" : old->second;
    const std::string right = now == after.end() ? "" : now->second;
    if (left != right) out.push_back({name, left, right});
  }
  return out;
}

const InputGroup* group_of(const BuildManifest& manifest, const std::string& name) {
  static const InputGroup kNone;
  const auto found = manifest.inputs.find(name);
  return found == manifest.inputs.end() ? &kNone : &found->second;
}

std::string digest_text(const Artifact* artifact) {
  return artifact ? artifact->digest.text() : "";
}

/// The first of what an artifact is made from that differs; nothing if all are the same.
ManifestChange first_input(const BuildManifest& before, const BuildManifest& after,
                           const Artifact& artifact) {
  for (const std::string& name : artifact.inputs) {
    const auto changes = group_changes(*group_of(before, name), *group_of(after, name));
    if (!changes.empty()) return changes.front();
  }
  for (const std::string& name : artifact.needs) {
    const std::string left = digest_text(before.find(name)), right = digest_text(after.find(name));
    if (left != right) return {name, left, right};
  }
  return {};
}

}  // namespace

Result<BuildManifest> BuildManifest::read(const std::filesystem::path& path) {
  const std::string file = path.string();
  PYLON_TRY(text, read_text(path, kLargestManifest));
  const toml::parse_result parsed = toml::parse(text, file);
  if (!parsed)
    return fail(ErrorKind::kInput, file + ":" + std::to_string(parsed.error().source().begin.line) +
                                       ": " + std::string(parsed.error().description()));
  const toml::table& document = parsed.table();
  if (document["version"].value_or(0) != kVersion)
    return malformed(file, document, "version is not " + std::to_string(kVersion));
  BuildManifest out{text_of(document, "profile"), text_of(document, "python"), {}, {}};
  const toml::array* artifacts = document["artifact"].as_array();
  if (!artifacts) return malformed(file, document, "there is no [[artifact]]");
  for (const toml::node& node : *artifacts) {
    PYLON_TRY(artifact, artifact_of(node, file));
    out.artifacts.push_back(std::move(artifact));
  }
  PYLON_CHECK(read_inputs(document, file, out));
  return out;
}

const Artifact* BuildManifest::find(std::string_view id) const {
  const auto found = std::ranges::find(artifacts, id, &Artifact::id);
  return found == artifacts.end() ? nullptr : &*found;
}

const Artifact* BuildManifest::find(const compose::Digest& digest) const {
  const auto found = std::ranges::find(artifacts, digest, &Artifact::digest);
  return found == artifacts.end() ? nullptr : &*found;
}

std::vector<ArtifactChange> artifact_changes(const BuildManifest& before,
                                             const BuildManifest& after) {
  std::vector<ArtifactChange> out;
  for (const Artifact& now : after.artifacts) {
    const Artifact* old = before.find(now.id);
    if (old && old->digest == now.digest) continue;
    out.push_back({{now.id, digest_text(old), digest_text(&now)},
                   old ? first_input(before, after, now) : ManifestChange()});
  }
  for (const Artifact& old : before.artifacts)
    if (!after.find(old.id)) out.push_back({{old.id, digest_text(&old), ""}, {}});
  return out;
}

std::vector<ManifestChange> input_changes(const BuildManifest& before, const BuildManifest& after) {
  std::vector<ManifestChange> out;
  std::map<std::string, InputGroup> all = before.inputs;
  all.insert(after.inputs.begin(), after.inputs.end());
  for (const auto& [name, ignored] : all)
    std::ranges::move(group_changes(*group_of(before, name), *group_of(after, name)),
                      std::back_inserter(out));
  return out;
}

}  // namespace pylon::composectl
