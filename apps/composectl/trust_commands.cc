// composectl trust: whose plans may run.
#include <variant>

#include "compose/plan_file.hh"
#include "composectl/nouns.hh"
#include "composectl/places.hh"

namespace pylon::composectl {
namespace {

namespace fs = std::filesystem;
using compose::Digest;
using compose::KeyId;
using compose::PublicKey;
using compose::TrustChange;
using compose::TrustNote;
using compose::TrustState;

// clang-format off
constexpr Option kStoreOption = {"--store", "DIRECTORY", Kind::kDirectory, "the trust store that is meant"};
constexpr Option kStore[] = {kStoreOption};
constexpr Option kAdd[] = {
    {"--parts", "", Kind::kText, "of a plan, trust each digest in it instead of the plan as it is"},
    {"--comment", "TEXT", Kind::kText, "a note on why"}, kStoreOption};
constexpr Option kRevoke[] = {{"--comment", "TEXT", Kind::kText, "a note on why"}, kStoreOption};
// clang-format on

// What can be trusted or revoked: a key that is known, one of which only the id is, or a digest.
using Object = std::variant<PublicKey, KeyId, Digest>;

std::string text_of(const Object& object) {
  if (const auto* key = std::get_if<PublicKey>(&object)) return "key " + key->id().text();
  if (const auto* id = std::get_if<KeyId>(&object)) return "key " + id->text();
  return std::get<Digest>(object).text();
}

Result<std::vector<Object>> objects_of_file(const std::string& file, bool parts) {
  PYLON_TRY(digest, Digest::of_file(file));
  if (const auto text = read_text(file, 65536))
    if (const auto key = PublicKey::parse(*text)) return std::vector<Object>{*key};
  if (!parts) return std::vector<Object>{digest};
  PYLON_TRY(plan, compose::PlanFile::read(file));
  std::vector<Object> out;
  for (const Digest& one : plan.plan.digests()) out.emplace_back(one);
  return out;
}

// What a person named: a file (public key, plan, or anything by its digest), a key, a key's id, a
// digest.
Result<std::vector<Object>> objects_of(const std::string& text, bool parts) {
  std::error_code ignored;
  if (fs::is_regular_file(text, ignored)) return objects_of_file(text, parts);
  if (const auto digest = Digest::parse(text)) return std::vector<Object>{*digest};
  if (const auto key = PublicKey::parse(text)) return std::vector<Object>{*key};
  if (const auto id = KeyId::parse(text)) return std::vector<Object>{*id};
  return fail(ErrorKind::kInput,
              "'" + text + "' is no file, no digest, no public key and no key id",
              "give a public key file, a plan, a file to be trusted by its digest, sha256:DIGEST, "
              "or the 16 digits of a key id");
}

Result<void> add_one(TrustState& state, const Object& object, const TrustNote& note) {
  const std::string remove = "`composectl trust remove ";
  if (const auto* id = std::get_if<KeyId>(&object))
    return fail(ErrorKind::kInput, "the id of key " + id->text() + " is not enough to trust it",
                "give the public key file");
  if (const auto* key = std::get_if<PublicKey>(&object)) {
    if (state.revoked_keys.contains(key->id()))
      return fail(ErrorKind::kRefused, "key " + key->id().text() + " was revoked",
                  remove + key->id().text() + "` forgets that");
    state.keys.insert_or_assign(key->id(), compose::TrustedKey{*key, note});
    return {};
  }
  const Digest& digest = std::get<Digest>(object);
  if (state.revoked_digests.contains(digest))
    return fail(ErrorKind::kRefused, digest.text() + " was revoked",
                remove + digest.text() + "` forgets that");
  state.digests.insert_or_assign(digest, note);
  return {};
}

KeyId id_of(const Object& object) {
  if (const auto* key = std::get_if<PublicKey>(&object)) return key->id();
  return std::get<KeyId>(object);
}

Result<void> revoke_one(TrustState& state, const Object& object, const TrustNote& note) {
  if (const auto* digest = std::get_if<Digest>(&object)) {
    state.digests.erase(*digest);
    state.revoked_digests.insert_or_assign(*digest, note);
    return {};
  }
  state.keys.erase(id_of(object));
  state.revoked_keys.insert_or_assign(id_of(object), note);
  return {};
}

Result<void> remove_one(TrustState& state, const Object& object, const TrustNote&) {
  std::size_t removed = 0;
  if (const auto* digest = std::get_if<Digest>(&object))
    removed = state.digests.erase(*digest) + state.revoked_digests.erase(*digest);
  else
    removed = state.keys.erase(id_of(object)) + state.revoked_keys.erase(id_of(object));
  if (removed > 0) return {};
  return fail(ErrorKind::kInput, "this store says nothing about " + text_of(object),
              "`composectl trust list` tells what it says; what another store trusts, `composectl "
              "trust revoke` refuses");
}

using Edit = Result<void> (*)(TrustState&, const Object&, const TrustNote&);

// Applies an edit to everything that was named.
Result<Answer> change(const Invocation& line, const char* action, const char* done, Edit edit) {
  compose::TrustFile file = own_trust_file(line);
  const TrustNote note{line.value("--comment"), compose::now()};
  Answer answer;
  answer.json = {{"store", file.directory().string()}, {done, Json::array()}};
  std::vector<Object> objects;
  for (const std::string& text : line.operands) {
    PYLON_TRY(found, objects_of(text, line.has("--parts")));
    objects.insert(objects.end(), found.begin(), found.end());
  }
  PYLON_TRY(state, file.read());
  for (const Object& object : objects) {
    PYLON_CHECK(edit(state, object, note));
    auto apply = [&](TrustState& current) -> Result<TrustChange> {
      PYLON_CHECK(edit(current, object, note));
      return TrustChange{note.time, action, text_of(object), note.comment};
    };
    if (!line.dry_run()) PYLON_CHECK(file.change(apply));
    answer.json[done].push_back(text_of(object));
    answer.text += std::string(done) + " " + text_of(object) + "\n";
  }
  return answer;
}

Result<Answer> add(const Invocation& line) {
  return change(line, "trust", "trusted", add_one);
}

Result<Answer> revoke(const Invocation& line) {
  return change(line, "revoke", "revoked", revoke_one);
}

Result<Answer> remove(const Invocation& line) {
  return change(line, "remove", "removed", remove_one);
}

void list_one(Answer& answer, const char* kind, const std::string& object, const TrustNote& note,
              const std::string& store) {
  answer.json["entries"].push_back({{"kind", kind},
                                    {"object", object},
                                    {"comment", note.comment},
                                    {"time", compose::time_text(note.time)},
                                    {"store", store}});
  answer.text += std::string(kind) + "  " + object + "  " + compose::time_text(note.time) +
                 (note.comment.empty() ? "" : "  " + note.comment) + "\n";
}

Result<Answer> list(const Invocation& line) {
  PYLON_TRY(store, trust_store(line));
  Answer answer;
  answer.json = {{"entries", Json::array()}, {"seen", Json::array()}};
  for (std::size_t i = 0; i < store.files().size(); ++i) {
    const std::string name = store.files()[i].directory().string();
    const TrustState& state = store.states()[i];
    answer.text += name + ":\n";
    for (const auto& [id, key] : state.keys)
      list_one(answer, "trusted key", id.text(), key.note, name);
    for (const auto& [digest, note] : state.digests)
      list_one(answer, "trusted", digest.text(), note, name);
    for (const auto& [id, note] : state.revoked_keys)
      list_one(answer, "REVOKED key", id.text(), note, name);
    for (const auto& [digest, note] : state.revoked_digests)
      list_one(answer, "REVOKED", digest.text(), note, name);
    for (const auto& [plans, serial] : state.seen) {
      answer.json["seen"].push_back(
          {{"key", plans.key.text()}, {"name", plans.name}, {"serial", serial}, {"store", name}});
      answer.text += "seen  key " + plans.key.text() + "  plan '" + plans.name + "'  serial " +
                     std::to_string(serial) + "\n";
    }
  }
  return answer;
}

Result<Answer> log(const Invocation& line) {
  PYLON_TRY(store, trust_store(line));
  Answer answer;
  answer.json["changes"] = Json::array();
  for (const compose::TrustFile& file : store.files()) {
    PYLON_TRY(changes, file.log());
    for (const TrustChange& one : changes) {
      answer.json["changes"].push_back({{"time", compose::time_text(one.time)},
                                        {"action", one.action},
                                        {"object", one.object},
                                        {"comment", one.comment},
                                        {"store", file.directory().string()}});
      answer.text += compose::time_text(one.time) + "  " + one.action + "  " + one.object +
                     (one.comment.empty() ? "" : "  " + one.comment) + "\n";
    }
  }
  return answer;
}

// clang-format off
constexpr Command kCommands[] = {
    {"add", "OBJECT...", Kind::kFile, 1, kMany, kAdd, true, "trust a public key, a plan as it is, or a file by its digest", add},
    {"remove", "OBJECT...", Kind::kFile, 1, kMany, kStore, true, "forget that something is trusted or revoked", remove},
    {"revoke", "OBJECT...", Kind::kFile, 1, kMany, kRevoke, true, "refuse whatever is signed by a key, or names a digest, whoever else trusts it", revoke},
    {"list", "", Kind::kText, 0, 0, kStore, false, "list what is trusted and revoked, and the serials that ran", list},
    {"log", "", Kind::kText, 0, 0, kStore, false, "tell every change of trust, after a check that none is missing", log},
};
// clang-format on

}  // namespace

const Noun kTrustNoun = {"trust", "whose plans may run", kCommands};

}  // namespace pylon::composectl
