// caps-manifest.toml: what a build consists of, and what that was made from (docs/profiles.md).
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hh"
#include "compose/digest.hh"

namespace pylon::composectl {

/// Somebody else's source that is in an artifact. What is not known is empty.
struct VendoredSource {
  std::string name;
  std::string version;
  std::string licence;  ///< an SPDX expression
  std::string purl;     ///< where it comes from, as a package URL
  std::string sha256;   ///< of its archive, in hexadecimal
};

/// A file of a build that is the same wherever it is made.
struct Artifact {
  std::string id;
  std::string kind;  ///< component, folder, schema, facade...
  std::string file;  ///< path in the build folder
  std::uint64_t size = 0;
  compose::Digest digest;
  std::vector<std::string> inputs;  ///< groups of inputs that it is made from, the first ones first
  std::vector<std::string> needs;   ///< artifacts that it is made from, too
  std::string cap;                  ///< the cap it belongs to; may be empty, like all below
  std::string version;
  std::string licence;
  std::string summary;
  std::vector<VendoredSource> sources;
};

/// Digests or versions of inputs, by name.
using InputGroup = std::map<std::string, std::string>;

/// The content of a manifest.
struct BuildManifest {
  static constexpr int kVersion = 1;

  std::string profile;
  std::string python;               ///< version of CPython
  std::vector<Artifact> artifacts;  ///< each after those that it is made from
  std::map<std::string, InputGroup> inputs;

  /// Reads a manifest. kInput names the file and the line.
  static Result<BuildManifest> read(const std::filesystem::path& file);

  const Artifact* find(std::string_view id) const;
  /// The artifact with these bytes, or null.
  const Artifact* find(const compose::Digest& digest) const;
};

/// Something that differs between two manifests; an empty side means that there is nothing.
struct ManifestChange {
  std::string name;  ///< of an artifact; of an input: "python/main.c"
  std::string before;
  std::string after;
};

/// An artifact that differs, with the first of its inputs that does.
struct ArtifactChange {
  ManifestChange artifact;
  ManifestChange input;  ///< no name: the same inputs gave other bytes
};

/// The artifacts that differ, in the order of the manifests.
std::vector<ArtifactChange> artifact_changes(const BuildManifest& before,
                                             const BuildManifest& after);

/// The inputs that differ, whether or not an artifact does.
std::vector<ManifestChange> input_changes(const BuildManifest& before, const BuildManifest& after);

}  // namespace pylon::composectl
