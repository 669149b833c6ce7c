// A plan as it lies on disk: its bytes, what they mean, and the signature beside them.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "base/error.hh"
#include "compose/digest.hh"
#include "compose/plan.hh"

namespace pylon::compose {

/// plan.json and plan.json.minisig.
struct PlanFile {
  std::string path;
  std::string bytes;
  Digest digest;  ///< of the bytes
  Plan plan;
  std::optional<std::string> signature;  ///< the text of the signature file, if there is one

  /// Reads and parses both. kInput names the file.
  static Result<PlanFile> read(const std::filesystem::path& path);

  /// The same without files; `path` is for messages.
  static Result<PlanFile> of(std::string path, std::string bytes,
                             std::optional<std::string> signature);
};

/// Where the signature of a file lies: behind its name comes ".minisig".
std::filesystem::path signature_path(const std::filesystem::path& file);

}  // namespace pylon::compose
