// composectl key: keys to sign plans with.
#include <algorithm>

#include "composectl/nouns.hh"
#include "composectl/places.hh"

namespace pylon::composectl {
namespace {

namespace fs = std::filesystem;
using compose::PublicKey;
using compose::SecretKey;

// clang-format off
constexpr Option kNew[] = {
    {"--output", "PREFIX", Kind::kFile, "write PREFIX.key and PREFIX.pub instead of your own keys' directory"},
    {"--password-file", "FILE", Kind::kFile, "protect the key by the password in FILE"},
    {"--trust", "", Kind::kText, "trust the new key"},
    {"--comment", "TEXT", Kind::kText, "with --trust: a note on why"},
    {"--store", "DIRECTORY", Kind::kDirectory, "with --trust: the trust store that is meant"}};
// clang-format on

Result<std::string> secret_text(const Invocation& line, const SecretKey& key) {
  if (!line.has("--password-file")) return key.file_text();
  PYLON_TRY(password, read_text(line.value("--password-file")));
  if (password.ends_with('\n')) password.pop_back();
  if (password.empty()) return fail(ErrorKind::kInput, line.value("--password-file") + " is empty");
  return key.file_text(password);
}

Result<void> trust(const Invocation& line, const PublicKey& key) {
  compose::TrustFile file = own_trust_file(line);
  return file.change([&](compose::TrustState& state) -> Result<compose::TrustChange> {
    const compose::TrustNote note{line.value("--comment"), compose::now()};
    state.keys.insert_or_assign(key.id(), compose::TrustedKey{key, note});
    return compose::TrustChange{note.time, "trust", "key " + key.id().text(), note.comment};
  });
}

Result<Answer> make(const Invocation& line) {
  const std::string name = line.operands.empty() ? "default" : line.operands[0];
  if (name.find('/') != std::string::npos)
    return fail(ErrorKind::kUsage, "a key's name has no slash",
                "--output=PREFIX says where it goes");
  const fs::path prefix =
      line.has("--output") ? fs::path(line.value("--output")) : key_directory(line) / name;
  const fs::path secret = prefix.string() + ".key", open = prefix.string() + ".pub";
  std::error_code problem;
  for (const fs::path& file : {secret, open})
    if (fs::exists(file, problem))
      return fail(ErrorKind::kInput, file.string() + " is there already",
                  "give the new key another name");
  const SecretKey key = SecretKey::generate();
  const PublicKey public_key = key.public_key();
  if (!line.dry_run()) {
    PYLON_TRY(text, secret_text(line, key));
    if (secret.has_parent_path()) fs::create_directories(secret.parent_path(), problem);
    PYLON_CHECK(write_text_file(secret, text, 0600));
    PYLON_CHECK(write_text_file(open, public_key.file_text()));
    if (line.has("--trust")) PYLON_CHECK(trust(line, public_key));
  }
  Answer answer;
  answer.json = {{"id", public_key.id().text()},
                 {"secret", secret.string()},
                 {"public", open.string()},
                 {"trusted", line.has("--trust")}};
  answer.text = "key " + public_key.id().text() + "\n  secret: " + secret.string() +
                "\n  public: " + open.string() + "\n";
  if (!line.has("--trust"))
    answer.text += "  to trust what it signs: composectl trust add " + open.string() + "\n";
  return answer;
}

Result<Answer> list(const Invocation& line) {
  PYLON_TRY(store, trust_store(line));
  std::vector<fs::path> files;
  std::error_code problem;
  for (auto at = fs::directory_iterator(key_directory(line), problem);
       !problem && at != fs::directory_iterator(); at.increment(problem))
    if (at->path().extension() == ".pub") files.push_back(at->path());
  std::ranges::sort(files);
  Answer answer;
  answer.json["keys"] = Json::array();
  for (const fs::path& file : files) {
    PYLON_TRY(text, read_text(file));
    PYLON_TRY(key, PublicKey::parse(text, file.string()));
    const bool trusted = std::ranges::any_of(
        store.states(), [&](const auto& state) { return state.keys.contains(key.id()); });
    const bool has_secret = fs::exists(fs::path(file).replace_extension(".key"), problem);
    answer.json["keys"].push_back({{"name", file.stem().string()},
                                   {"id", key.id().text()},
                                   {"public", file.string()},
                                   {"secret", has_secret},
                                   {"trusted", trusted}});
    answer.text += key.id().text() + "  " + file.stem().string() +
                   (has_secret ? "" : "  (public only)") + (trusted ? "" : "  (not trusted)") +
                   "\n";
  }
  return answer;
}

// clang-format off
constexpr Command kCommands[] = {
    {"new", "[NAME]", Kind::kText, 0, 1, kNew, true, "make a key; NAME is \"default\" unless said", make},
    {"list", "", Kind::kText, 0, 0, {}, false, "list your own keys", list},
};
// clang-format on

}  // namespace

const Noun kKeyNoun = {"key", "keys to sign plans with, in minisign's format", kCommands};

}  // namespace pylon::composectl
