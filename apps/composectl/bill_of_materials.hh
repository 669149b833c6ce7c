// A software bill of materials of a plan, as CycloneDX 1.6 in JSON.
#pragma once

#include "compose/plan_file.hh"
#include "composectl/build_manifest.hh"
#include "composectl/command.hh"

namespace pylon::composectl {

/// What the components of a plan consist of, as far as the manifest knows them by their digests; of
/// others it has name and digest alone. The same plan and manifest give the same document: it
/// carries no time, and its serial number is made from the plan's digest.
Json bill_of_materials(const compose::PlanFile& plan, const BuildManifest& manifest);

}  // namespace pylon::composectl
