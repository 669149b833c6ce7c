// The gate: whether a plan may run.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hh"
#include "compose/plan.hh"
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

/// What several trust stores say together: something is trusted if one of them trusts it and none revokes it.
class TrustStore {
 public:
  /// Reads the stores in `directories`, the install's before the person's; one that is not there is empty. Changes go to
  /// the last.
  static Result<TrustStore> open(std::vector<std::filesystem::path> directories);

  /// Decides about a plan. `bytes` are the file's, `plan` what they parsed to, `signature` the text of its signature file
  /// if it has one, `now` the time. Refused (kRefused, or kCorrupt for a signature that does not fit), with the object
  /// in the message and the command that would change it in the hint, if
  /// - a digest in the plan or the plan's own is revoked, or the key that signed it is;
  /// - it is neither signed by a trusted key nor trusted by digest;
  /// - it has expired;
  /// - a plan of the same name and key with a greater serial has run.
  Result<Verdict> check(std::string_view bytes, const Plan& plan,
                        std::optional<std::string_view> signature, Seconds now) const;

  /// kRefused if the digest is revoked.
  Result<void> check_not_revoked(const Digest& digest) const;

  /// Notes that the plan ran, so that an older one is refused from now on. Writes only if there is news, and to the
  /// last store.
  Result<void> remember(const Verdict& verdict, const Plan& plan);

  /// The stores' states, in order.
  const std::vector<TrustState>& states() const { return states_; }
  const std::vector<TrustFile>& files() const { return files_; }

 private:
  TrustStore() = default;

  Result<void> check_revocations(const Digest& plan_digest, const Plan& plan) const;
  Result<void> check_key(const KeyId& key) const;
  Result<Verdict> check_signature(std::string_view bytes, const Digest& digest,
                                  std::string_view signature) const;
  Result<void> check_time(const Verdict& verdict, const Plan& plan, Seconds now) const;
  const TrustedKey* find_key(const KeyId& id) const;
  bool trusts(const Digest& digest) const;
  std::uint64_t last_seen(const PlanLine& line) const;

  std::vector<TrustFile> files_;
  std::vector<TrustState> states_;
};

}  // namespace pylon::compose
