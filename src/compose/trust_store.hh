// The gate: whether a plan may run.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hh"
#include "compose/plan_file.hh"
#include "compose/trust_file.hh"

namespace pylon::compose {

/// Why a plan may run.
struct Verdict {
  enum class Reason {
    kSigned,      ///< a trusted key signed it
    kPlanDigest,  ///< the plan's own digest is trusted
    kEachDigest,  ///< each digest in it is trusted
  };

  Reason reason = Reason::kSigned;
  Digest plan;               ///< the digest of the plan's bytes
  std::optional<KeyId> key;  ///< that signed it, with kSigned

  /// "signed by key D4CD23D179F49CD1", "its digest is trusted", "each digest in it is trusted".
  std::string text() const;
};

/// What several trust stores say together: something is trusted if one of them trusts it and none
/// revokes it.
class TrustStore {
 public:
  /// Reads the stores in `directories`, the install's before the person's; one that is not there is
  /// empty. Changes go to the last.
  static Result<TrustStore> open(std::vector<std::filesystem::path> directories);

  /// Decides about a plan at a time. Refused (kRefused, or kCorrupt for a signature that does not
  /// fit), with the object in the message and the command that would change it in the hint, if
  /// - the key that signed it, a digest in it or its own is revoked;
  /// - it is neither signed by a trusted key, nor trusted by its own digest or by each digest in
  /// it;
  /// - it has expired;
  /// - a plan of the same name and key with a greater serial has run, unless its own digest is
  /// trusted.
  Result<Verdict> check(const PlanFile& file, Seconds now) const;

  /// kRefused if the digest is revoked.
  Result<void> check_not_revoked(const Digest& digest) const;

  /// Notes that the plan ran, so that an older one is refused from now on. Writes only if there is
  /// news, and to the last store.
  Result<void> remember(const Verdict& verdict, const Plan& plan) const;

  /// The stores' states, in order.
  const std::vector<TrustState>& states() const { return states_; }
  const std::vector<TrustFile>& files() const { return files_; }

 private:
  TrustStore() = default;

  Result<void> check_revocations(const PlanFile& file) const;
  Result<std::optional<KeyId>> check_signature(const PlanFile& file) const;
  Result<Verdict> find_reason(const PlanFile& file, const std::optional<KeyId>& key) const;
  Result<void> check_serial(const PlanFile& file, const KeyId& key) const;
  const TrustedKey* find_key(const KeyId& id) const;
  bool trusts(const Digest& digest) const;

  std::vector<TrustFile> files_;
  std::vector<TrustState> states_;
};

}  // namespace pylon::compose
