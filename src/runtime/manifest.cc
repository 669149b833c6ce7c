#include "runtime/manifest.hh"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <nlohmann/json.hpp>
#include <vector>

#include "base/file.hh"
#include "base/sha256.hh"

namespace pylon::runtime {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kRepair = "run `pylon doctor --repair`";

Error malformed(const std::string& what) {
  return Error(ErrorKind::kCorrupt, "manifest.json " + what,
               "install Pylon again, or build it again");
}

bool has_exactly(const Json& object, std::initializer_list<const char*> names) {
  return object.is_object() && object.size() == names.size() &&
         std::all_of(names.begin(), names.end(),
                     [&](const char* name) { return object.contains(name); });
}

Result<FileRecord> parse_record(const Json& object, const char* size_name) {
  if (!has_exactly(object, {size_name, "sha256"}) || !object[size_name].is_number_unsigned() ||
      !object["sha256"].is_string())
    return fail(malformed("has a malformed record"));
  FileRecord record{object[size_name].get<std::uint64_t>(), object["sha256"].get<std::string>()};
  if (record.sha256.size() != 64 ||
      record.sha256.find_first_not_of("0123456789abcdef") != std::string::npos)
    return fail(malformed("has a malformed digest"));
  return record;
}

// ---- stamps: lines `name size seconds nanoseconds sha256`

std::filesystem::path stamps_path(const std::filesystem::path& file) {
  return file.parent_path() / "stamps";
}

std::string stamp_of(const std::string& name, const struct stat& status,
                     const std::string& sha256) {
  return name + ' ' + std::to_string(status.st_size) + ' ' + std::to_string(status.st_mtim.tv_sec) +
         ' ' + std::to_string(status.st_mtim.tv_nsec) + ' ' + sha256 + '\n';
}

std::string read_stamps(const std::filesystem::path& file) {
  Result<Bytes> bytes = read_file(stamps_path(file), std::size_t{1} << 16);
  return bytes ? std::string(bytes->begin(), bytes->end()) : std::string();
}

// Replaces the stamps of `name`. Failing is no harm: the file is then hashed again next time.
void note_stamp(const std::filesystem::path& file, const std::string& name,
                const std::string& stamp) {
  const std::string old = read_stamps(file);
  std::string stamps;
  for (std::size_t start = 0; start < old.size();) {
    const std::size_t end = std::min(old.find('\n', start), old.size() - 1) + 1;
    const std::string line = old.substr(start, end - start);
    if (!line.starts_with(name + ' ')) stamps += line;
    start = end;
  }
  stamps += stamp;
  const auto* data = reinterpret_cast<const std::uint8_t*>(stamps.data());
  (void)write_file_atomically(stamps_path(file), {data, stamps.size()});
}

}  // namespace

Result<Manifest> Manifest::parse(std::string_view text) {
  const Json json = Json::parse(text, nullptr, false);
  if (json.is_discarded() || !json.is_object()) return fail(malformed("is not JSON"));
  if (!json.contains("version") || json["version"] != kVersion)
    return fail(malformed("has another version than " + std::to_string(kVersion)));
  if (!has_exactly(json, {"version", "python", "engine", "files", "library"}) ||
      !json["python"].is_string() || !json["engine"].is_string() || !json["files"].is_object())
    return fail(malformed("has missing or unknown fields"));
  Manifest manifest;
  manifest.python = json["python"].get<std::string>();
  manifest.engine = json["engine"].get<std::string>();
  for (const auto& [name, record] : json["files"].items()) {
    PYLON_TRY(parsed, parse_record(record, "size"));
    manifest.files.emplace(name, parsed);
  }
  PYLON_TRY(library, parse_record(json["library"], "files"));
  manifest.library = library;
  return manifest;
}

std::string Manifest::json() const {
  Json records = Json::object();
  for (const auto& [name, record] : files)
    records[name] = {{"size", record.size}, {"sha256", record.sha256}};
  const Json json = {{"version", kVersion},
                     {"python", python},
                     {"engine", engine},
                     {"files", records},
                     {"library", {{"files", library.size}, {"sha256", library.sha256}}}};
  return json.dump(2) + "\n";
}

Result<void> Manifest::write(const std::filesystem::path& directory) const {
  const std::string text = json();
  PYLON_CHECK(
      write_file_atomically(directory / "manifest.json",
                            {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}));
  for (const auto& [name, record] : files) (void)check_file(directory / name, record);
  return {};
}

Result<Manifest> take_inventory(const std::filesystem::path& directory, std::string python,
                                std::string engine) {
  Manifest manifest;
  std::error_code problem;
  for (auto at = std::filesystem::directory_iterator(directory, problem);
       !problem && at != std::filesystem::directory_iterator(); at.increment(problem)) {
    const std::string name = at->path().filename().string();
    if (!name.starts_with("python.") || !at->is_regular_file(problem)) continue;
    PYLON_TRY(record, digest_file(at->path()));
    manifest.files.emplace(name, record);
  }
  if (problem) return fail(io_error("cannot list", directory, problem.value()));
  PYLON_TRY(library, digest_tree(directory / library_name(python)));
  manifest.library = library;
  manifest.python = std::move(python);
  manifest.engine = std::move(engine);
  return manifest;
}

std::string library_name(std::string_view python) {
  return "python" + std::string(python.substr(0, python.find('.', python.find('.') + 1)));
}

Result<FileRecord> digest_file(const std::filesystem::path& file) {
  PYLON_TRY(digest, sha256_of_file(file));
  std::error_code problem;
  const std::uintmax_t size = std::filesystem::file_size(file, problem);
  if (problem) return fail(io_error("cannot stat", file, problem.value()));
  return FileRecord{size, digest};
}

Result<FileRecord> digest_tree(const std::filesystem::path& directory) {
  namespace fs = std::filesystem;
  std::error_code problem;
  std::vector<std::string> names;
  for (auto at = fs::recursive_directory_iterator(directory, problem);
       !problem && at != fs::recursive_directory_iterator(); at.increment(problem)) {
    const fs::file_status status = at->symlink_status(problem);
    if (problem || fs::is_directory(status)) continue;
    if (!fs::is_regular_file(status))
      return fail(ErrorKind::kCorrupt, at->path().string() + " is not a regular file",
                  std::string(kRepair));
    names.push_back(at->path().lexically_relative(directory).string());
  }
  if (problem) return fail(io_error("cannot list", directory, problem.value()));
  std::sort(names.begin(), names.end());
  std::string lines;
  for (const std::string& name : names) {
    PYLON_TRY(digest, sha256_of_file(directory / name));
    lines += digest + "  " + name + "\n";
  }
  const auto* data = reinterpret_cast<const std::uint8_t*>(lines.data());
  return FileRecord{names.size(), sha256({data, lines.size()})};
}

Result<void> check_file(const std::filesystem::path& file, const FileRecord& expected) {
  struct stat status{};
  if (::stat(file.c_str(), &status) != 0)
    return fail(ErrorKind::kCorrupt, io_error("cannot use", file, errno).message(),
                std::string(kRepair));
  auto differs = [&] {
    return fail(ErrorKind::kCorrupt, file.string() + " is not the file that was installed",
                std::string(kRepair));
  };
  if (static_cast<std::uint64_t>(status.st_size) != expected.size) return differs();
  const std::string name = file.filename().string();
  const std::string stamp = stamp_of(name, status, expected.sha256);
  if (("\n" + read_stamps(file)).find("\n" + stamp) != std::string::npos) return {};
  PYLON_TRY(digest, sha256_of_file(file));
  if (digest != expected.sha256) return differs();
  note_stamp(file, name, stamp);
  return {};
}

}  // namespace pylon::runtime
