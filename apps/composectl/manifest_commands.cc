// composectl manifest: what a build consists of, and where two builds differ.
#include "composectl/build_manifest.hh"
#include "composectl/nouns.hh"
#include "composectl/places.hh"

namespace pylon::composectl {
namespace {

namespace fs = std::filesystem;

constexpr const char* kName = "caps-manifest.toml";
constexpr std::size_t kShownDigits = 19;  // "sha256:" and 12 digits

fs::path manifest_path(const Invocation& line) {
  return line.operands.empty() ? line.install() / kName : fs::path(line.operands[0]);
}

Json json_of(const Artifact& artifact) {
  Json out = {{"id", artifact.id},
              {"kind", artifact.kind},
              {"file", artifact.file},
              {"size", artifact.size},
              {"digest", artifact.digest.text()},
              {"inputs", artifact.inputs},
              {"needs", artifact.needs}};
  for (auto [field, text] : {std::pair{"cap", &artifact.cap},
                             {"version", &artifact.version},
                             {"licence", &artifact.licence},
                             {"summary", &artifact.summary}})
    if (!text->empty()) out[field] = *text;
  out["sources"] = Json::array();
  for (const VendoredSource& source : artifact.sources)
    out["sources"].push_back(
        {{"name", source.name}, {"version", source.version}, {"sha256", source.sha256}});
  return out;
}

Result<Answer> show(const Invocation& line) {
  PYLON_TRY(manifest, BuildManifest::read(manifest_path(line)));
  Answer answer;
  answer.json = {
      {"profile", manifest.profile}, {"python", manifest.python}, {"artifacts", Json::array()}};
  answer.text = "profile " + manifest.profile + ", CPython " + manifest.python + "\n";
  for (const Artifact& artifact : manifest.artifacts) {
    answer.json["artifacts"].push_back(json_of(artifact));
    answer.text += artifact.digest.text().substr(0, kShownDigits) + "  " + artifact.id;
    if (artifact.kind == "component")
      answer.text += "  " + artifact.version + "  " + size_text(artifact.size);
    answer.text += "\n";
  }
  return answer;
}

Json json_of(const ManifestChange& change) {
  return {{"name", change.name}, {"before", change.before}, {"after", change.after}};
}

std::string sides(const ManifestChange& change) {
  std::string out;
  if (!change.before.empty()) out += "    - " + change.before + "\n";
  if (!change.after.empty()) out += "    + " + change.after + "\n";
  return out;
}

/// Why an artifact differs, for people.
std::string reason(const ArtifactChange& change) {
  if (change.artifact.before.empty()) return "  is new\n";
  if (change.artifact.after.empty()) return "  is gone\n";
  if (change.input.name.empty())
    return "  its inputs are the same: this build is not reproducible\n";
  return "  the first input that differs: " + change.input.name + "\n" + sides(change.input);
}

Result<Answer> diff(const Invocation& line) {
  PYLON_TRY(before, BuildManifest::read(line.operands[0]));
  PYLON_TRY(after, BuildManifest::read(line.operands[1]));
  const auto artifacts = artifact_changes(before, after);
  const auto inputs = input_changes(before, after);
  Answer answer;
  answer.json = {{"artifacts", Json::array()}, {"inputs", Json::array()}};
  for (const ArtifactChange& change : artifacts) {
    Json one = json_of(change.artifact);
    one["first_input"] = change.input.name.empty() ? Json(nullptr) : json_of(change.input);
    answer.json["artifacts"].push_back(one);
    answer.text +=
        "artifact " + change.artifact.name + "\n" + sides(change.artifact) + reason(change);
  }
  for (const ManifestChange& change : inputs) answer.json["inputs"].push_back(json_of(change));
  if (artifacts.empty())
    answer.text = "the same artifacts: " + std::to_string(after.artifacts.size()) + "\n";
  if (!inputs.empty())
    answer.text +=
        std::to_string(inputs.size()) + " inputs differ, the first: " + inputs[0].name + "\n";
  answer.exit_code = artifacts.empty() ? kExitOk : kExitNo;
  return answer;
}

/// What is wrong with an artifact of an install tree; empty if its bytes are the manifest's.
std::string problem_of(const Invocation& line, const Artifact& artifact) {
  std::error_code ignored;
  const fs::path file = line.install_root() / artifact.file;
  if (fs::exists(file, ignored)) {
    const auto digest = compose::Digest::of_file(file);
    if (!digest) return digest.error().text();
    return *digest == artifact.digest ? "" : file.string() + " is " + digest->text();
  }
  for (const compose::BlobStore& store : blob_stores(line))
    if (store.has(artifact.digest)) {
      const auto path = store.checked_path(artifact.digest);
      return path ? "" : path.error().text();
    }
  return "neither " + file.string() + " nor a blob of that digest is there";
}

Result<Answer> verify(const Invocation& line) {
  PYLON_TRY(manifest, BuildManifest::read(manifest_path(line)));
  Answer answer;
  answer.json = {{"ok", true}, {"problems", Json::array()}};
  std::size_t examined = 0;
  for (const Artifact& artifact : manifest.artifacts) {
    if (artifact.kind == "folder") continue;  // `pylon doctor` examines the library
    ++examined;
    const std::string problem = problem_of(line, artifact);
    if (problem.empty()) continue;
    answer.json["problems"].push_back({{"artifact", artifact.id}, {"problem", problem}});
    answer.text += artifact.id + ": " + problem + "\n";
    answer.exit_code = kExitNo;
  }
  answer.json["ok"] = answer.exit_code == kExitOk;
  if (answer.exit_code == kExitOk)
    answer.text = std::to_string(examined) + " artifacts are what the manifest says\n";
  return answer;
}

// clang-format off
constexpr Command kCommands[] = {
    {"show", "[MANIFEST]", Kind::kFile, 0, 1, {}, false, "list the artifacts of a build (default: the install's)", show},
    {"diff", "BEFORE AFTER", Kind::kFile, 2, 2, {}, false, "tell which artifacts differ between two builds, and the first input of each that does", diff},
    {"verify", "[MANIFEST]", Kind::kFile, 0, 1, {}, false, "hash the artifacts of a build or install and compare them with its manifest", verify},
};
// clang-format on

}  // namespace

const Noun kManifestNoun = {"manifest", "what a build consists of", kCommands};

}  // namespace pylon::composectl
