#include "compose/trust_file.hh"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <nlohmann/json.hpp>

#include "base/directory_lock.hh"
#include "base/file.hh"
#include "compose/checked_json.hh"

namespace pylon::compose {
namespace {

namespace fs = std::filesystem;
using Ordered = nlohmann::ordered_json;

constexpr const char* kStateName = "trust.json";
constexpr const char* kLogName = "trust.log";
constexpr std::size_t kLargestLog = std::size_t{1} << 28;

// ---- reading

Result<TrustNote> read_note(const JsonValue& value) {
  TrustNote note;
  PYLON_TRY(time, value.at("time").time());
  note.time = time;
  if (value.has("comment")) {
    PYLON_TRY(comment, value.at("comment").text());
    note.comment = comment;
  }
  return note;
}

Result<KeyId> read_id(const JsonValue& value) {
  PYLON_TRY(text, value.text());
  Result<KeyId> id = KeyId::parse(text);
  if (!id) return fail(value.error(id.error().message()));
  return id;
}

Result<void> read_key(const JsonValue& value, TrustState& state) {
  PYLON_CHECK(value.expect_object({"key", "time"}, {"comment"}));
  PYLON_TRY(note, read_note(value));
  PYLON_TRY(text, value.at("key").text());
  Result<PublicKey> key = PublicKey::parse(text);
  if (!key) return fail(value.at("key").error(key.error().message()));
  state.keys.emplace(key->id(), TrustedKey{*key, note});
  return {};
}

Result<void> read_digest(const JsonValue& value, std::map<Digest, TrustNote>& out) {
  PYLON_CHECK(value.expect_object({"digest", "time"}, {"comment"}));
  PYLON_TRY(note, read_note(value));
  PYLON_TRY(digest, value.at("digest").digest());
  out.emplace(digest, note);
  return {};
}

Result<void> read_revoked_key(const JsonValue& value, std::map<KeyId, TrustNote>& out) {
  PYLON_CHECK(value.expect_object({"key", "time"}, {"comment"}));
  PYLON_TRY(note, read_note(value));
  PYLON_TRY(id, read_id(value.at("key")));
  out.emplace(id, note);
  return {};
}

Result<void> read_seen(const JsonValue& value, TrustState& state) {
  PYLON_CHECK(value.expect_object({"key", "name", "serial"}));
  PYLON_TRY(id, read_id(value.at("key")));
  if (!value.at("name").json().is_string()) return fail(value.at("name").error("is no string"));
  PYLON_TRY(serial, value.at("serial").unsigned_integer());
  state.seen.emplace(PlanLine{id, value.at("name").json().get<std::string>()}, serial);
  return {};
}

Result<ChainHead> read_head(const JsonValue& value) {
  PYLON_CHECK(value.expect_object({"count", "size", "hash"}));
  PYLON_TRY(count, value.at("count").unsigned_integer());
  PYLON_TRY(size, value.at("size").unsigned_integer());
  PYLON_TRY(hash, value.at("hash").text(64));
  return ChainHead{count, size, hash};
}

// Reads each element of a list.
template <typename Read>
Result<void> for_each(const JsonValue& list, Read read) {
  PYLON_TRY(elements, list.elements(TrustState::kMaxEntries));
  for (const JsonValue& element : elements) PYLON_CHECK(read(element));
  return {};
}

Result<TrustState> read_content(const JsonValue& value) {
  PYLON_CHECK(
      value.expect_object({"keys", "digests", "revoked_keys", "revoked_digests", "seen", "log"}));
  TrustState state;
  PYLON_CHECK(for_each(value.at("keys"), [&](auto& one) { return read_key(one, state); }));
  PYLON_CHECK(
      for_each(value.at("digests"), [&](auto& one) { return read_digest(one, state.digests); }));
  PYLON_CHECK(for_each(value.at("revoked_keys"),
                       [&](auto& one) { return read_revoked_key(one, state.revoked_keys); }));
  PYLON_CHECK(for_each(value.at("revoked_digests"),
                       [&](auto& one) { return read_digest(one, state.revoked_digests); }));
  PYLON_CHECK(for_each(value.at("seen"), [&](auto& one) { return read_seen(one, state); }));
  PYLON_TRY(head, read_head(value.at("log")));
  state.log = std::move(head);
  return state;
}

// ---- writing

Json noted(const char* field, const std::string& object, const TrustNote& note) {
  Json out = {{field, object}, {"time", time_text(note.time)}};
  if (!note.comment.empty()) out["comment"] = note.comment;
  return out;
}

Json content_of(const TrustState& state) {
  Json out;
  for (const char* list : {"keys", "digests", "revoked_keys", "revoked_digests", "seen"})
    out[list] = Json::array();
  for (const auto& [id, key] : state.keys)
    out["keys"].push_back(noted("key", key.key.base64(), key.note));
  for (const auto& [digest, note] : state.digests)
    out["digests"].push_back(noted("digest", digest.text(), note));
  for (const auto& [id, note] : state.revoked_keys)
    out["revoked_keys"].push_back(noted("key", id.text(), note));
  for (const auto& [digest, note] : state.revoked_digests)
    out["revoked_digests"].push_back(noted("digest", digest.text(), note));
  for (const auto& [line, serial] : state.seen)
    out["seen"].push_back({{"key", line.key.text()}, {"name", line.name}, {"serial", serial}});
  out["log"] = {{"count", state.log.count}, {"size", state.log.size}, {"hash", state.log.hash}};
  return out;
}

std::string checksum_of(const Json& content) {
  return Digest::of(content.dump(-1, ' ', false, Json::error_handler_t::replace)).hex();
}

// ---- the directory

// An error if somebody else could write this.
Result<void> check_mode(const fs::path& path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0) return fail(io_error("cannot stat", path, errno));
  const bool shared = S_ISDIR(status.st_mode) && (status.st_mode & S_ISVTX) != 0;
  if ((status.st_mode & S_IWOTH) == 0 || shared) return {};
  return fail(ErrorKind::kRefused,
              "everybody may write " + path.string() + ", so it says nothing about trust",
              "look at what it trusts (`composectl trust list`), then run `chmod o-w " +
                  path.string() + "`");
}

// Removes what writers that were killed have left.
void sweep(const fs::path& directory) {
  std::error_code ignored;
  for (auto at = fs::directory_iterator(directory, ignored);
       !ignored && at != fs::directory_iterator(); at.increment(ignored))
    if (at->path().filename().string().starts_with(std::string(".") + kStateName + "."))
      ::unlink(at->path().c_str());
}

Result<DirectoryLock> prepare(const fs::path& directory) {
  std::error_code problem;
  const bool is_new = fs::create_directories(directory, problem);
  // Whatever the user's mask says: nobody else may write here.
  if (is_new && !problem) fs::permissions(directory, fs::perms(0755), problem);
  if (problem) return fail(io_error("cannot create", directory, problem.value()));
  PYLON_TRY(lock, DirectoryLock::take(directory, DirectoryLock::Kind::kExclusive));
  sweep(directory);
  return std::move(lock);
}

TrustChange change_of(const Json& record) {
  auto text = [&](const char* name) {
    const auto found = record.find(name);
    return found != record.end() && found->is_string() ? found->get<std::string>() : std::string();
  };
  return {parse_time(text("time")).value_or(0), text("action"), text("object"), text("comment")};
}

}  // namespace

Result<TrustState> TrustState::parse(std::string_view json, std::string_view file) {
  PYLON_TRY(document, parse_json(json, file, ErrorKind::kCorrupt, {kMaxBytes, 20}));
  const JsonValue value(document, file, ErrorKind::kCorrupt);
  PYLON_CHECK(value.expect_object({"version", "checksum", "content"}));
  PYLON_CHECK(value.at("version").one_of({"1"}));
  PYLON_TRY(checksum, value.at("checksum").text());
  if (checksum != checksum_of(document["content"]))
    return fail(value.at("checksum")
                    .error("does not fit the content: the file was changed by hand or damaged",
                           "restore it from a backup, or remove it and trust again what you trust "
                           "(`composectl trust log` tells what that was)"));
  return read_content(value.at("content"));
}

std::string TrustState::json() const {
  const Json content = content_of(*this);
  const Ordered out = {{"version", "1"}, {"checksum", checksum_of(content)}, {"content", content}};
  return out.dump(1, ' ', false, Ordered::error_handler_t::replace) + "\n";
}

Result<TrustState> TrustFile::read() const {
  const fs::path path = directory_ / kStateName;
  std::error_code problem;
  if (!fs::exists(path, problem) && !problem) return TrustState{};
  PYLON_CHECK(check_mode(directory_));
  PYLON_CHECK(check_mode(path));
  PYLON_TRY(bytes, read_file(path, TrustState::kMaxBytes));
  return TrustState::parse(std::string(bytes.begin(), bytes.end()), path.string());
}

Result<void> TrustFile::write(const TrustState& state) const {
  const std::string text = state.json();
  return write_file_atomically(directory_ / kStateName,
                               {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

Result<void> TrustFile::change(const std::function<Result<TrustChange>(TrustState&)>& edit) {
  PYLON_TRY(lock, prepare(directory_));
  static_cast<void>(lock);
  PYLON_TRY(state, read());
  PYLON_TRY(change, edit(state));
  Ordered record = {
      {"time", time_text(change.time)}, {"action", change.action}, {"object", change.object}};
  if (!change.comment.empty()) record["comment"] = change.comment;
  PYLON_CHECK(append_to_chain(directory_ / kLogName, state.log, record, true));
  return write(state);
}

Result<void> TrustFile::remember(const PlanLine& line, std::uint64_t serial) {
  PYLON_TRY(lock, prepare(directory_));
  static_cast<void>(lock);
  PYLON_TRY(state, read());
  const auto [seen, is_new] = state.seen.emplace(line, serial);
  if (!is_new && seen->second >= serial) return {};
  seen->second = serial;
  return write(state);
}

Result<std::vector<TrustChange>> TrustFile::log() const {
  PYLON_TRY(state, read());
  if (state.log.count == 0) return std::vector<TrustChange>();
  const fs::path path = directory_ / kLogName;
  PYLON_TRY(bytes, read_file(path, kLargestLog));
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  const ChainReading reading = read_chain(text.substr(0, state.log.size));
  if (reading.head != state.log)
    return fail(ErrorKind::kCorrupt,
                path.string() + ": line " + std::to_string(reading.head.count + 1) + ": " +
                    (reading.problem.empty() ? "is missing or changed" : reading.problem),
                "what is trusted is in trust.json, which is whole; look at it with `composectl "
                "trust list`");
  std::vector<TrustChange> out;
  for (const Json& record : reading.records) out.push_back(change_of(record));
  return out;
}

}  // namespace pylon::compose
