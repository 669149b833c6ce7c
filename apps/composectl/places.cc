#include "composectl/places.hh"

#include <algorithm>
#include <cstdio>

#include "base/file.hh"

namespace pylon::composectl {
namespace {

namespace fs = std::filesystem;
using compose::BlobStore;
using compose::Digest;

constexpr std::size_t kShortestPrefix = 6;

bool is_inside(const fs::path& path, const fs::path& directory) {
  std::error_code problem;
  const fs::path whole = fs::weakly_canonical(path, problem),
                 root = fs::weakly_canonical(directory, problem);
  return !problem &&
         std::mismatch(root.begin(), root.end(), whole.begin(), whole.end()).first == root.end();
}

// The digests of blobs that begin with these hexadecimal digits.
Result<std::vector<Digest>> blobs_beginning(const Invocation& line, const std::string& prefix) {
  std::vector<Digest> out;
  for (const BlobStore& store : blob_stores(line)) {
    PYLON_TRY(blobs, store.list());
    for (const compose::BlobInfo& blob : blobs)
      if (blob.digest.hex().starts_with(prefix) && std::ranges::find(out, blob.digest) == out.end())
        out.push_back(blob.digest);
  }
  return out;
}

}  // namespace

fs::path plan_path(const Invocation& line) {
  if (line.command->operand_kind == Kind::kPlan && !line.operands.empty()) return line.operands[0];
  return line.has("--plan") ? fs::path(line.value("--plan")) : line.install() / "plan.json";
}

std::vector<BlobStore> blob_stores(const Invocation& line) {
  if (line.has("--store")) return {BlobStore(line.value("--store"))};
  return {BlobStore(line.install() / "blobs"), BlobStore(line.home() / "blobs")};
}

BlobStore own_blob_store(const Invocation& line) {
  return BlobStore(line.has("--store") ? fs::path(line.value("--store")) : line.home() / "blobs");
}

Result<compose::TrustStore> trust_store(const Invocation& line) {
  if (line.has("--store")) return compose::TrustStore::open({line.value("--store")});
  return compose::TrustStore::open({line.install() / "trust", line.home() / "trust"});
}

compose::TrustFile own_trust_file(const Invocation& line) {
  return compose::TrustFile(line.has("--store") ? fs::path(line.value("--store"))
                                                : line.home() / "trust");
}

fs::path audit_directory(const Invocation& line) {
  return line.has("--log") ? fs::path(line.value("--log")) : line.home() / "audit";
}

fs::path key_directory(const Invocation& line) {
  return line.home() / "keys";
}

Result<compose::SecretKey> signing_key(const Invocation& line, const fs::path& plan) {
  fs::path file = line.value("--key");
  std::error_code ignored;
  if (file.empty() && is_inside(plan, line.install_root()))
    if (const fs::path built = line.install_root() / "keys" / "plan.key";
        fs::exists(built, ignored))
      file = built;
  if (file.empty()) file = key_directory(line) / "default.key";
  if (!line.has("--key") && !fs::exists(file, ignored))
    return fail(ErrorKind::kInput, "there is no key to sign with",
                "make one with `composectl key new --trust`, or name one with --key=FILE");
  PYLON_TRY(text, read_text(file));
  if (!line.has("--password-file")) return compose::SecretKey::parse(text, file.string());
  PYLON_TRY(password, read_text(line.value("--password-file")));
  if (password.ends_with('\n')) password.pop_back();
  return compose::SecretKey::parse(text, file.string(), password);
}

Result<Digest> parse_digest(const Invocation& line, const std::string& text, BlobStore* store) {
  if (Result<Digest> whole = Digest::parse(text)) return whole;
  if (Result<Digest> whole = Digest::parse_hex(text)) return whole;
  std::error_code ignored;
  if (store && fs::is_regular_file(text, ignored))
    return line.dry_run() ? Digest::of_file(text) : store->put_file(text);
  const std::string prefix = text.starts_with("sha256:") ? text.substr(7) : text;
  const bool digits = prefix.find_first_not_of("0123456789abcdef") == std::string::npos;
  if (!digits || prefix.size() < kShortestPrefix)
    return fail(ErrorKind::kInput, "'" + text + "' is no digest" + (store ? ", and no file" : ""),
                "a digest is sha256: and 64 hexadecimal digits, or at least 6 of the first for a "
                "blob of a store");
  PYLON_TRY(found, blobs_beginning(line, prefix));
  if (found.size() == 1) return found[0];
  return fail(ErrorKind::kInput,
              found.empty() ? "no blob begins with " + prefix
                            : std::to_string(found.size()) + " blobs begin with " + prefix,
              "`composectl blob list` tells them all");
}

Result<compose::Linkage> parse_linkage(std::string_view text, const std::string& written) {
  using compose::Linkage;
  for (const Linkage one : {Linkage::kDynlink, Linkage::kEmbed, Linkage::kStatic})
    if (compose::linkage_name(one) == text) return one;
  return fail(ErrorKind::kUsage, written + " is no linkage", "it is one of dynlink, embed, static");
}

Result<wasm::Component> read_component(const fs::path& file) {
  PYLON_TRY(bytes, read_file(file));
  return wasm::Component::parse(std::move(bytes), file.string());
}

Result<std::string> read_text(const fs::path& path, std::size_t limit) {
  PYLON_TRY(bytes, read_file(path, limit));
  return std::string(bytes.begin(), bytes.end());
}

Result<void> write_text_file(const fs::path& path, const std::string& text, unsigned mode) {
  return write_file_atomically(
      path, {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}, mode);
}

std::string size_text(std::uint64_t bytes) {
  char out[32];
  if (bytes < 1000)
    std::snprintf(out, sizeof out, "%llu B", static_cast<unsigned long long>(bytes));
  else if (bytes < 1'000'000)
    std::snprintf(out, sizeof out, "%.1f kB", static_cast<double>(bytes) / 1e3);
  else
    std::snprintf(out, sizeof out, "%.1f MB", static_cast<double>(bytes) / 1e6);
  return out;
}

}  // namespace pylon::composectl
