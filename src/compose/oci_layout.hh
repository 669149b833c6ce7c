// Blobs, and a plan, as an OCI image layout
// (https://github.com/opencontainers/image-spec/blob/main/image-layout.md), so that registries and
// their tools can carry them.
#pragma once

#include <filesystem>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hh"
#include "compose/blob_store.hh"
#include "compose/digest.hh"

namespace pylon::compose {

/// What travels together.
struct OciContent {
  std::optional<std::string> plan;       ///< the bytes of plan.json
  std::optional<std::string> signature;  ///< the text of its signature file
  std::set<Digest> blobs;

  bool operator==(const OciContent&) const = default;
};

/// Something that an OCI document points to.
struct OciDescriptor {
  std::string media_type;
  Digest digest;
  std::uint64_t size = 0;

  bool operator==(const OciDescriptor&) const = default;
};

/// Parses index.json: the manifests it lists. kInput names `file` and the place in it.
Result<std::vector<OciDescriptor>> parse_oci_index(std::string_view json,
                                                   std::string_view file = "index.json");

/// Parses an image manifest: its configuration and layers, in this order.
Result<std::vector<OciDescriptor>> parse_oci_manifest(std::string_view json,
                                                      std::string_view file = "the manifest");

/// Writes a layout into `directory`, which may hold one already; blobs come from the first of
/// `stores` that has them.
Result<void> export_oci(const std::filesystem::path& directory, const OciContent& content,
                        std::span<const BlobStore> stores);

/// Reads a layout and puts its blobs into `store`, if there is one; sizes and digests are checked.
Result<OciContent> import_oci(const std::filesystem::path& directory, BlobStore* store);

}  // namespace pylon::compose
