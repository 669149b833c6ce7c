#include "compose/trust_store.hh"

#include <algorithm>

namespace pylon::compose {
namespace {

std::string with_note(const TrustNote& note) {
  return " (" + time_text(note.time) + (note.comment.empty() ? "" : ": " + note.comment) + ")";
}

tl::unexpected<Error> revoked(const std::string& object, const std::string& name,
                              const TrustNote& note, const std::string& otherwise) {
  return fail(
      ErrorKind::kRefused, object + " was revoked" + with_note(note),
      otherwise + "if the revocation was a mistake: `composectl trust remove " + name + "`");
}

// The revocation of a digest in any of the stores, or null.
const TrustNote* find_revocation(const std::vector<TrustState>& states, const Digest& digest) {
  for (const TrustState& state : states)
    if (const auto found = state.revoked_digests.find(digest); found != state.revoked_digests.end())
      return &found->second;
  return nullptr;
}

// The blobs of a component, with how messages call them.
std::vector<std::pair<std::string, Digest>> blobs_of(const PlanComponent& component) {
  const std::string name = "'" + component.id + "'";
  std::vector<std::pair<std::string, Digest>> out = {{"component " + name, component.digest}};
  for (const ComponentBlob& blob : kComponentBlobs)
    if (component.*blob.digest)
      out.emplace_back(std::string("the ") + blob.name + " of " + name, *(component.*blob.digest));
  return out;
}

}  // namespace

std::string Verdict::text() const {
  switch (reason) {
    case Reason::kSigned:
      return "signed by key " + key->text();
    case Reason::kPlanDigest:
      return "its digest is trusted";
    case Reason::kEachDigest:
      break;
  }
  return "each digest in it is trusted";
}

Result<TrustStore> TrustStore::open(std::vector<std::filesystem::path> directories) {
  TrustStore store;
  for (std::filesystem::path& directory : directories) {
    store.files_.emplace_back(std::move(directory));
    PYLON_TRY(state, store.files_.back().read());
    store.states_.push_back(std::move(state));
  }
  return store;
}

const TrustedKey* TrustStore::find_key(const KeyId& id) const {
  for (const TrustState& state : states_)
    if (const auto found = state.keys.find(id); found != state.keys.end()) return &found->second;
  return nullptr;
}

bool TrustStore::trusts(const Digest& digest) const {
  return std::ranges::any_of(states_,
                             [&](const TrustState& s) { return s.digests.contains(digest); });
}

Result<void> TrustStore::check_not_revoked(const Digest& digest) const {
  if (const TrustNote* note = find_revocation(states_, digest))
    return revoked(digest.text(), digest.text(), *note, "");
  return {};
}

Result<void> TrustStore::check_revocations(const PlanFile& file) const {
  if (const TrustNote* note = find_revocation(states_, file.digest))
    return revoked("the plan " + file.path + " (" + file.digest.text() + ")", file.digest.text(),
                   *note, "");
  for (const PlanComponent& component : file.plan.components)
    for (const auto& [object, digest] : blobs_of(component))
      if (const TrustNote* note = find_revocation(states_, digest))
        return revoked(file.path + ": " + object + " (" + digest.text() + ")", digest.text(), *note,
                       "take another one with `composectl plan set " + component.id +
                           "=DIGEST --plan=" + file.path + "`; ");
  return {};
}

// The trusted key that signed the plan, if there is one. A signature that is there has to be sound.
Result<std::optional<KeyId>> TrustStore::check_signature(const PlanFile& file) const {
  if (!file.signature) return std::optional<KeyId>();
  const std::string name = signature_path(file.path).string();
  PYLON_TRY(signature, Signature::parse(*file.signature, name));
  const KeyId id = signature.key_id();
  for (const TrustState& state : states_)
    if (const auto found = state.revoked_keys.find(id); found != state.revoked_keys.end())
      return revoked(file.path + ": key " + id.text() + ", which signed it,", id.text(),
                     found->second, "get the plan signed by another key; ");
  const TrustedKey* key = find_key(id);
  if (!key) return std::optional<KeyId>();
  Result<void> good = signature.verify(
      key->key, {reinterpret_cast<const std::uint8_t*>(file.bytes.data()), file.bytes.size()});
  if (!good)
    return fail(std::move(good).error().with_hint(
        "get the plan and its signature again; if you changed it yourself: `composectl plan sign " +
        file.path + "`"));
  return std::optional<KeyId>(id);
}

Result<Verdict> TrustStore::find_reason(const PlanFile& file,
                                        const std::optional<KeyId>& key) const {
  if (trusts(file.digest)) return Verdict{Verdict::Reason::kPlanDigest, file.digest, key};
  if (key) return Verdict{Verdict::Reason::kSigned, file.digest, key};
  const std::string as_it_is =
      "if you trust this plan as it is: `composectl trust add " + file.path + "`";
  for (const PlanComponent& component : file.plan.components)
    for (const auto& [object, digest] : blobs_of(component)) {
      if (trusts(digest)) continue;
      if (!file.signature)
        return fail(ErrorKind::kRefused,
                    "the plan " + file.path + " is not signed, and " + object + " (" +
                        digest.text() + ") is not trusted",
                    as_it_is + "; if it is yours: `composectl plan sign " + file.path + "`");
      PYLON_TRY(signature, Signature::parse(*file.signature, signature_path(file.path).string()));
      return fail(
          ErrorKind::kRefused,
          "the plan " + file.path + " is signed by key " + signature.key_id().text() +
              ", which is not trusted",
          "if you trust whoever has that key: `composectl trust add PUBLIC-KEY-FILE`; " + as_it_is);
    }
  return Verdict{Verdict::Reason::kEachDigest, file.digest, {}};
}

Result<void> TrustStore::check_serial(const PlanFile& file, const KeyId& key) const {
  for (const TrustState& state : states_) {
    const auto seen = state.seen.find({key, file.plan.name});
    if (seen == state.seen.end() || seen->second <= file.plan.serial) continue;
    return fail(ErrorKind::kRefused,
                "the plan " + file.path + " has serial " + std::to_string(file.plan.serial) +
                    ", but serial " + std::to_string(seen->second) +
                    " of the same line has run: it is out of date",
                "get the newest plan; to run this one nevertheless: `composectl trust add " +
                    file.path + "`");
  }
  return {};
}

Result<Verdict> TrustStore::check(const PlanFile& file, Seconds now) const {
  PYLON_CHECK(check_revocations(file));
  PYLON_TRY(key, check_signature(file));
  PYLON_TRY(verdict, find_reason(file, key));
  if (file.plan.expires && *file.plan.expires <= now)
    return fail(ErrorKind::kRefused,
                "the plan " + file.path + " expired on " + time_text(*file.plan.expires),
                "get a newer one; if it is yours: `composectl plan set --expires=DATE --plan=" +
                    file.path + "`");
  if (verdict.reason == Verdict::Reason::kSigned) PYLON_CHECK(check_serial(file, *verdict.key));
  return std::move(verdict);
}

Result<void> TrustStore::remember(const Verdict& verdict, const Plan& plan) const {
  if (verdict.reason != Verdict::Reason::kSigned || plan.serial == 0 || files_.empty()) return {};
  const PlanLine line{*verdict.key, plan.name};
  for (const TrustState& state : states_)
    if (const auto seen = state.seen.find(line);
        seen != state.seen.end() && seen->second >= plan.serial)
      return {};
  TrustFile last = files_.back();
  return last.remember(line, plan.serial);
}

}  // namespace pylon::compose
