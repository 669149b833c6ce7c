#include "compose/oci_layout.hh"

#include <algorithm>

#include "base/file.hh"
#include "compose/checked_json.hh"

namespace pylon::compose {
namespace {

namespace fs = std::filesystem;
using Ordered = nlohmann::ordered_json;

constexpr std::string_view kIndexType = "application/vnd.oci.image.index.v1+json";
constexpr std::string_view kManifestType = "application/vnd.oci.image.manifest.v1+json";
constexpr std::string_view kEmptyType = "application/vnd.oci.empty.v1+json";
constexpr std::string_view kArtifactType = "application/vnd.pylon.plan.v1+json";
constexpr std::string_view kPlanType = "application/vnd.pylon.plan.v1+json";
constexpr std::string_view kSignatureType = "application/vnd.pylon.plan.signature.v1+minisign";
constexpr std::string_view kBlobType = "application/octet-stream";
constexpr std::string_view kLayout = "{\"imageLayoutVersion\":\"1.0.0\"}";
constexpr std::string_view kEmpty = "{}";

constexpr JsonLimits kLimits{4'000'000, 30};
constexpr std::size_t kMaxDescriptors = 20'000;

std::span<const std::uint8_t> view(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

// ---- reading; OCI documents may have fields of others, so unknown ones are passed over

Result<JsonValue> field_of(const JsonValue& value, std::string_view name) {
  if (!value.json().is_object()) return fail(value.error("is no object"));
  if (!value.has(name)) return fail(value.error("lacks the field '" + std::string(name) + "'"));
  return value.at(name);
}

Result<OciDescriptor> read_descriptor(const JsonValue& value) {
  PYLON_TRY(type_field, field_of(value, "mediaType"));
  PYLON_TRY(digest_field, field_of(value, "digest"));
  PYLON_TRY(size_field, field_of(value, "size"));
  PYLON_TRY(type, type_field.text());
  if (!digest_field.json().is_string()) return fail(digest_field.error("is no string"));
  PYLON_TRY(digest, digest_field.digest());
  PYLON_TRY(size, size_field.unsigned_integer());
  if (size > BlobStore::kLargestBlob) return fail(size_field.error("is more than 1 GiB"));
  return OciDescriptor{type, digest, size};
}

Result<void> read_descriptors(const JsonValue& value, std::string_view name,
                              std::vector<OciDescriptor>& out) {
  PYLON_TRY(list, field_of(value, name));
  PYLON_TRY(elements, list.elements(kMaxDescriptors));
  for (const JsonValue& element : elements) {
    PYLON_TRY(descriptor, read_descriptor(element));
    out.push_back(std::move(descriptor));
  }
  return {};
}

Result<void> expect_version(const JsonValue& value) {
  PYLON_TRY(version, field_of(value, "schemaVersion"));
  PYLON_TRY(number, version.unsigned_integer());
  if (number != 2) return fail(version.error("is not 2"));
  return {};
}

fs::path path_of(const fs::path& directory, const Digest& digest) {
  return directory / "blobs" / "sha256" / digest.hex();
}

// The blob of a descriptor, checked.
Result<Bytes> read_blob(const fs::path& directory, const OciDescriptor& descriptor) {
  const fs::path path = path_of(directory, descriptor.digest);
  PYLON_TRY(bytes, read_file(path, BlobStore::kLargestBlob));
  if (bytes.size() != descriptor.size || Digest::of(bytes) != descriptor.digest)
    return fail(ErrorKind::kCorrupt,
                path.string() + " is not what the layout says: damaged or exchanged",
                "get the layout again");
  return std::move(bytes);
}

Result<std::string> read_text(const fs::path& path) {
  PYLON_TRY(bytes, read_file(path, kLimits.bytes));
  return std::string(bytes.begin(), bytes.end());
}

// ---- writing

Ordered describe(std::string_view type, const Digest& digest, std::uint64_t size) {
  return {{"mediaType", type}, {"digest", digest.text()}, {"size", size}};
}

class Writer {
 public:
  explicit Writer(fs::path directory) : directory_(std::move(directory)) {}

  Result<void> prepare() {
    std::error_code problem;
    fs::create_directories(directory_ / "blobs" / "sha256", problem);
    if (problem) return fail(io_error("cannot create", directory_, problem.value()));
    return write_file_atomically(directory_ / "oci-layout", view(kLayout));
  }

  Result<Ordered> add(std::string_view type, std::span<const std::uint8_t> data) {
    const Digest digest = Digest::of(data);
    PYLON_CHECK(write_file_atomically(path_of(directory_, digest), data));
    return describe(type, digest, data.size());
  }

  Result<void> finish(const Ordered& manifest) {
    const std::string text = manifest.dump();
    PYLON_TRY(described, add(kManifestType, view(text)));
    const Ordered index = {
        {"schemaVersion", 2}, {"mediaType", kIndexType}, {"manifests", {described}}};
    return write_file_atomically(directory_ / "index.json", view(index.dump()));
  }

 private:
  fs::path directory_;
};

Result<Bytes> find(const Digest& digest, std::span<const BlobStore> stores) {
  Result<Bytes> bytes = fail(ErrorKind::kInput, "no blob store has " + digest.text(),
                             "`composectl blob put FILE` stores it");
  for (const BlobStore& store : stores)
    if (!bytes && store.has(digest)) bytes = store.get(digest);
  return bytes;
}

}  // namespace

Result<std::vector<OciDescriptor>> parse_oci_index(std::string_view json, std::string_view file) {
  PYLON_TRY(document, parse_json(json, file, ErrorKind::kInput, kLimits));
  const JsonValue value(document, file, ErrorKind::kInput);
  PYLON_CHECK(expect_version(value));
  std::vector<OciDescriptor> out;
  PYLON_CHECK(read_descriptors(value, "manifests", out));
  return out;
}

Result<std::vector<OciDescriptor>> parse_oci_manifest(std::string_view json,
                                                      std::string_view file) {
  PYLON_TRY(document, parse_json(json, file, ErrorKind::kInput, kLimits));
  const JsonValue value(document, file, ErrorKind::kInput);
  PYLON_CHECK(expect_version(value));
  PYLON_TRY(config, field_of(value, "config"));
  PYLON_TRY(first, read_descriptor(config));
  std::vector<OciDescriptor> out = {first};
  PYLON_CHECK(read_descriptors(value, "layers", out));
  return out;
}

Result<void> export_oci(const fs::path& directory, const OciContent& content,
                        std::span<const BlobStore> stores) {
  Writer writer(directory);
  PYLON_CHECK(writer.prepare());
  Ordered layers = Ordered::array();
  for (auto [text, type] :
       {std::pair{&content.plan, kPlanType}, {&content.signature, kSignatureType}}) {
    if (!*text) continue;
    PYLON_TRY(layer, writer.add(type, view(**text)));
    layers.push_back(layer);
  }
  for (const Digest& digest : content.blobs) {
    PYLON_TRY(bytes, find(digest, stores));
    PYLON_TRY(layer, writer.add(kBlobType, bytes));
    layers.push_back(layer);
  }
  PYLON_TRY(config, writer.add(kEmptyType, view(kEmpty)));
  return writer.finish({{"schemaVersion", 2},
                        {"mediaType", kManifestType},
                        {"artifactType", kArtifactType},
                        {"config", config},
                        {"layers", layers}});
}

Result<OciContent> import_oci(const fs::path& directory, BlobStore* store) {
  PYLON_TRY(layout, read_text(directory / "oci-layout"));
  PYLON_TRY(version,
            parse_json(layout, (directory / "oci-layout").string(), ErrorKind::kInput, kLimits));
  if (!version.is_object() || version.value("imageLayoutVersion", Json()) != "1.0.0")
    return fail(ErrorKind::kInput,
                (directory / "oci-layout").string() + " is of an unknown version");
  PYLON_TRY(index, read_text(directory / "index.json"));
  PYLON_TRY(manifests, parse_oci_index(index, (directory / "index.json").string()));
  OciContent out;
  for (const OciDescriptor& manifest : manifests) {
    if (manifest.media_type != kManifestType) continue;
    PYLON_TRY(bytes, read_blob(directory, manifest));
    PYLON_TRY(parts, parse_oci_manifest({reinterpret_cast<const char*>(bytes.data()), bytes.size()},
                                        path_of(directory, manifest.digest).string()));
    for (std::size_t i = 1; i < parts.size(); ++i) {  // the first is the configuration
      PYLON_TRY(blob, read_blob(directory, parts[i]));
      if (parts[i].media_type == kPlanType)
        out.plan.emplace(blob.begin(), blob.end());
      else if (parts[i].media_type == kSignatureType)
        out.signature.emplace(blob.begin(), blob.end());
      else
        out.blobs.insert(parts[i].digest);
      const bool is_blob = out.blobs.contains(parts[i].digest);
      if (store && is_blob) PYLON_CHECK(store->put(blob));
    }
  }
  return out;
}

}  // namespace pylon::compose
