// What the build of a cap leaves: cap.json, and the blobs beside it.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/error.hh"
#include "compose/plan.hh"

namespace pylon::composectl {

/// The part of cap.json that a plan needs; it says more for others.
struct CapManifest {
  std::string name;
  compose::Linkage linkage = compose::Linkage::kDynlink;
  compose::Grants grants;
  std::vector<std::filesystem::path> providers;  ///< component files; the first is the default
  std::optional<std::filesystem::path> schema;
  std::optional<std::filesystem::path> facade;
  std::optional<std::filesystem::path> extension;
  std::optional<std::filesystem::path> static_extension;
  std::vector<std::string> requires_caps;  ///< others that its component loads itself; `?`: if they are there

  /// Reads a cap.json. kInput names the file and the place in it.
  static Result<CapManifest> read(const std::filesystem::path& file);
};

}  // namespace pylon::composectl
