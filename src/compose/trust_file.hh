// One trust store on disk: what somebody trusts and what they revoked. Format: docs/trust.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hh"
#include "compose/chain.hh"
#include "compose/digest.hh"
#include "compose/minisign.hh"
#include "compose/time.hh"

namespace pylon::compose {

/// What is said about a key or digest besides that it is trusted or revoked.
struct TrustNote {
  std::string comment;  ///< for people; may be empty
  Seconds time = 0;     ///< when it was added

  bool operator==(const TrustNote&) const = default;
};

/// A trusted key.
struct TrustedKey {
  PublicKey key;
  TrustNote note;

  bool operator==(const TrustedKey&) const = default;
};

/// Plans of one name, signed by one key.
struct PlanLine {
  KeyId key;
  std::string name;

  auto operator<=>(const PlanLine&) const = default;
};

/// The content of trust.json.
struct TrustState {
  static constexpr std::size_t kMaxBytes = 4'000'000;
  static constexpr std::size_t kMaxEntries = 20'000;

  std::map<KeyId, TrustedKey> keys;
  std::map<Digest, TrustNote> digests;
  std::map<KeyId, TrustNote> revoked_keys;
  std::map<Digest, TrustNote> revoked_digests;
  std::map<PlanLine, std::uint64_t> seen;  ///< the greatest serial that ran
  ChainHead log;                           ///< how much of the log belongs to this state

  /// Parses trust.json. kCorrupt, and the message names `file`: malformed, another version, an
  /// unknown field, or changed by something that did not write it whole (its checksum does not
  /// fit).
  static Result<TrustState> parse(std::string_view json, std::string_view file = "trust.json");

  /// The JSON text, the same for the same content.
  std::string json() const;

  bool operator==(const TrustState&) const = default;
};

/// A line of the log: one change.
struct TrustChange {
  Seconds time = 0;
  std::string action;   ///< "trust", "revoke", "remove"
  std::string object;   ///< "key D4CD23D179F49CD1", "sha256:..."
  std::string comment;  ///< may be empty
};

/// A directory with trust.json and trust.log. A change is first written to the log and then,
/// atomically, to trust.json, which says how much of the log belongs to it: dying in between leaves
/// the old state. Changes of several processes wait for each other.
class TrustFile {
 public:
  explicit TrustFile(std::filesystem::path directory) : directory_(std::move(directory)) {}

  const std::filesystem::path& directory() const { return directory_; }

  /// The state; an empty one if there is no trust.json. kRefused if others may write it.
  Result<TrustState> read() const;

  /// Applies `edit` to the state; what it returns goes into the log. An edit that fails changes
  /// nothing.
  Result<void> change(const std::function<Result<TrustChange>(TrustState&)>& edit);

  /// Notes a serial that ran, if it is greater than what was noted. Not in the log.
  Result<void> remember(const PlanLine& line, std::uint64_t serial);

  /// The whole log, oldest first. kCorrupt if a line was changed, removed or added by something
  /// else.
  Result<std::vector<TrustChange>> log() const;

 private:
  Result<void> write(const TrustState& state) const;

  std::filesystem::path directory_;
};

}  // namespace pylon::compose
