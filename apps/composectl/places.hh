// Where a command finds plans, blobs, trust and keys.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "compose/blob_store.hh"
#include "compose/minisign.hh"
#include "compose/plan.hh"
#include "compose/trust_store.hh"
#include "composectl/invocation.hh"
#include "wasm/component.hh"

namespace pylon::composectl {

/// The plan that is meant: the first operand, --plan, or the install's.
std::filesystem::path plan_path(const Invocation& line);

/// The stores that are read: --store alone, or the install's and the person's.
std::vector<compose::BlobStore> blob_stores(const Invocation& line);
/// The store that is written: --store or the person's.
compose::BlobStore own_blob_store(const Invocation& line);

/// The trust stores: --store alone, or the install's and the person's.
Result<compose::TrustStore> trust_store(const Invocation& line);
/// The trust store that is changed: --store or the person's.
compose::TrustFile own_trust_file(const Invocation& line);

/// The audit log: --log or the person's.
std::filesystem::path audit_directory(const Invocation& line);

/// The directory of the person's keys.
std::filesystem::path key_directory(const Invocation& line);

/// The secret key to sign with: --key, else the key of the build that the plan belongs to, else the
/// person's "default"; --password-file opens it. kInput with the command that makes one if there is
/// none.
Result<compose::SecretKey> signing_key(const Invocation& line, const std::filesystem::path& plan);

/// A digest as people write it: whole, or a beginning that only one blob of the stores has, or a
/// file, which is put into `store` if one is given (and this is no dry run).
Result<compose::Digest> parse_digest(const Invocation& line, const std::string& text,
                                     compose::BlobStore* store = nullptr);

/// A linkage by its name: dynlink, embed or static. `written` is how the message quotes what there
/// is instead.
Result<compose::Linkage> parse_linkage(std::string_view text, const std::string& written);

/// A component from its file.
Result<wasm::Component> read_component(const std::filesystem::path& file);

/// A small text file.
Result<std::string> read_text(const std::filesystem::path& path, std::size_t limit = 1 << 20);

/// Writes a text file atomically.
Result<void> write_text_file(const std::filesystem::path& path, const std::string& text,
                             unsigned mode = 0644);

/// "12.3 MB".
std::string size_text(std::uint64_t bytes);

}  // namespace pylon::composectl
