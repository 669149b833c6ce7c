// composectl sbom: what is in the components of a plan.
#include "compose/plan_file.hh"
#include "composectl/bill_of_materials.hh"
#include "composectl/nouns.hh"
#include "composectl/places.hh"

namespace pylon::composectl {
namespace {

// clang-format off
constexpr Option kOptions[] = {
    {"--output", "FILE", Kind::kFile, "where the document goes (default: standard output)"},
    {"--manifest", "FILE", Kind::kFile, "the caps-manifest.toml that knows the components (default: the install's)"},
};
// clang-format on

Result<Answer> write(const Invocation& line) {
  PYLON_TRY(plan, compose::PlanFile::read(plan_path(line)));
  PYLON_TRY(manifest, BuildManifest::read(line.value(
                          "--manifest", (line.install() / "caps-manifest.toml").string())));
  const Json document = bill_of_materials(plan, manifest);
  const std::string text = document.dump(2) + "\n";
  if (!line.has("--output")) return Answer{document, text};
  const std::string output = line.value("--output");
  if (!line.dry_run()) PYLON_CHECK(write_text_file(output, text));
  return Answer{{{"output", output}, {"components", document["components"].size()}},
                output + ": " + std::to_string(document["components"].size()) + " components\n"};
}

constexpr Command kCommands[] = {
    {"", "[PLAN]", Kind::kPlan, 0, 1, kOptions, true,
     "write the bill of materials of a plan (CycloneDX 1.6): components, versions, licences, "
     "vendored sources",
     write}};

}  // namespace

const Noun kSbomNoun = {"sbom", "what is in the components of a plan", kCommands};

}  // namespace pylon::composectl
