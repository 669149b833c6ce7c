#include "runtime/facades.hh"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/descriptor.hh"
#include "base/sha256.hh"
#include "runtime/bytecode.hh"
#include "runtime/directories.hh"
#include "runtime/stamps.hh"

namespace pylon::runtime {
namespace {

namespace fs = std::filesystem;
using Blob = std::span<const std::uint8_t>;

constexpr std::size_t kMaxFiles = 10'000;
constexpr const char* kModules = "modules";
constexpr std::size_t kMaxModules = std::size_t{1} << 20;
constexpr std::size_t kStateDigits = 16;
constexpr std::size_t kEndSize = 22, kEntrySize = 46, kLocalSize = 30;

Error malformed(const std::string& problem) {
  return Error(ErrorKind::kCorrupt, "the facade is no zip file of stored members: " + problem);
}

std::uint32_t number(Blob blob, std::size_t at, std::size_t bytes) {
  std::uint32_t value = 0;
  for (std::size_t i = bytes; i-- > 0;) value = value << 8 | blob[at + i];
  return value;
}

// A path that stays below site/ or builtin/, and is none of the bytecode that is made here.
bool is_facade_path(const std::string& path) {
  if (!path.starts_with("site/") && !path.starts_with("builtin/")) return false;
  if (path.find_first_of("\\|\x7f") != std::string::npos) return false;
  if (std::ranges::any_of(path, [](char c) { return static_cast<unsigned char>(c) < ' '; }))
    return false;
  for (std::size_t at = 0; at <= path.size();) {
    const std::size_t end = std::min(path.find('/', at), path.size());
    const std::string part = path.substr(at, end - at);
    if (part.empty() || part == "." || part == ".." || part == "__pycache__") return false;
    at = end + 1;
  }
  return true;
}

// The member that the entry of the central directory at `at` describes.
Result<FacadeFile> read_member(Blob blob, std::size_t at) {
  const std::uint32_t method = number(blob, at + 10, 2), stored = number(blob, at + 20, 4),
                      size = number(blob, at + 24, 4), offset = number(blob, at + 42, 4);
  const std::size_t name_size = number(blob, at + 28, 2);
  if (at + kEntrySize + name_size > blob.size()) return fail(malformed("it ends too early"));
  const auto* name = reinterpret_cast<const char*>(blob.data()) + at + kEntrySize;
  FacadeFile file{std::string(name, name_size), {}};
  if (method != 0 || stored != size) return fail(malformed(file.path + " is compressed"));
  if (!is_facade_path(file.path))
    return fail(malformed(file.path + " is no module in site/ or builtin/"));
  if (std::size_t{offset} + kLocalSize > blob.size() || number(blob, offset, 4) != 0x04034b50)
    return fail(malformed(file.path + " has no header"));
  const std::size_t start = std::size_t{offset} + kLocalSize + number(blob, offset + 26, 2) +
                            number(blob, offset + 28, 2);
  if (start > blob.size() || size > blob.size() - start)
    return fail(malformed(file.path + " ends too early"));
  file.content = blob.subspan(start, size);
  return file;
}

Result<void> write_new(const fs::path& path, Blob content) {
  PYLON_CHECK(make_private(path.parent_path()));
  return write_file_atomically(path, content);
}

Blob as_bytes(const std::string& text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

Result<void> unpack_into(const compose::Plan& plan, const compose::Resolver& resolver,
                         const fs::path& aside) {
  std::map<std::string, std::string> owners;  // path -> id
  std::set<std::string> modules;
  for (const compose::PlanComponent& component : plan.components) {
    if (!component.facade) continue;
    const std::string what = "the facade of '" + component.id + "'";
    PYLON_TRY(blob, resolver.blob(*component.facade, what));
    Result<std::vector<FacadeFile>> files = read_facade(blob);
    if (!files) return fail(std::move(files).error().within(what));
    for (const FacadeFile& file : *files) {
      const auto [known, fresh] = owners.emplace(file.path, component.id);
      if (!fresh)
        return fail(ErrorKind::kInput,
                    "'" + known->second + "' and '" + component.id + "' both provide " + file.path,
                    "keep one of them in the plan");
      PYLON_CHECK(write_new(aside / file.path, file.content));
      if (const std::string name = builtin_module(file.path); !name.empty())
        modules.insert(name + "=" + component.facade->hex().substr(0, kStateDigits));
    }
  }
  std::string text;
  for (const std::string& module : modules) text += (text.empty() ? "" : ":") + module;
  return write_new(aside / kModules, as_bytes(text));
}

// ---- the record: a line `sha256  path` for each file, sorted by path

constexpr const char* kRecord = "record";
constexpr std::size_t kMaxRecord = std::size_t{1} << 22;
constexpr std::size_t kDigestAndGap = 64 + 2;

Result<std::string> line_of(const fs::path& facades, const std::string& path) {
  PYLON_TRY(content, read_file(facades / path));
  return sha256(content) + "  " + path + "\n";
}

// The paths of all files and directories below `facades`; directories end in a slash.
Result<std::vector<std::string>> entries_of(const fs::path& facades) {
  std::vector<std::string> out;
  std::error_code problem;
  for (auto at = fs::recursive_directory_iterator(facades, problem);
       !problem && at != fs::recursive_directory_iterator(); at.increment(problem)) {
    const bool directory = fs::is_directory(at->symlink_status(problem));
    out.push_back(at->path().lexically_relative(facades).string() + (directory ? "/" : ""));
    if (out.size() > kMaxFiles) break;
  }
  if (problem) return fail(io_error("cannot list", facades, problem.value()));
  std::ranges::sort(out);
  return out;
}

Result<void> write_record(const fs::path& facades) {
  PYLON_TRY(entries, entries_of(facades));
  std::string text;
  for (const std::string& path : entries) {
    if (path.ends_with('/')) continue;
    PYLON_TRY(line, line_of(facades, path));
    text += line;
  }
  return write_file_atomically(facades / kRecord, as_bytes(text));
}

tl::unexpected<Error> changed(const fs::path& facades, const std::string& path,
                              const std::string& what) {
  return fail(ErrorKind::kCorrupt,
              "a plan's unpacked Python module " + what + ": " + (facades / path).string(),
              "`rm -r " + facades.string() + "`: it is unpacked again when it is needed");
}

// Every entry has to be a line of the record, and every line an entry.
Result<void> compare_with_record(const fs::path& facades, const std::vector<std::string>& entries) {
  Result<Bytes> record = read_file(facades / kRecord, kMaxRecord);
  if (!record) return changed(facades, kRecord, "cannot be checked without its record");
  std::set<std::string> lines;
  for (auto at = record->begin(); at != record->end();) {
    const auto end = std::find(at, record->end(), '\n');
    if (end == record->end()) return changed(facades, kRecord, "has a damaged record");
    lines.emplace(at, end + 1);
    at = end + 1;
  }
  for (const std::string& path : entries) {
    if (path.ends_with('/') || path == kRecord) continue;
    if (!fs::is_regular_file(fs::symlink_status(facades / path)))
      return changed(facades, path, "is no file");
    PYLON_TRY(line, line_of(facades, path));
    if (lines.erase(line) == 0) return changed(facades, path, "is not what was unpacked");
  }
  if (lines.empty()) return {};
  const std::string& first = *lines.begin();
  if (first.size() <= kDigestAndGap + 1) return changed(facades, kRecord, "has a damaged record");
  return changed(facades, first.substr(kDigestAndGap, first.size() - kDigestAndGap - 1), "is gone");
}

}  // namespace

Result<std::vector<FacadeFile>> read_facade(Blob blob) {
  if (blob.size() < kEndSize) return fail(malformed("it is too short"));
  const std::size_t end = blob.size() - kEndSize;
  if (number(blob, end, 4) != 0x06054b50) return fail(malformed("it has no end record"));
  const std::size_t count = number(blob, end + 10, 2);
  if (count > kMaxFiles) return fail(malformed("it has too many members"));
  std::size_t at = number(blob, end + 16, 4);
  std::vector<FacadeFile> files;
  for (std::size_t i = 0; i < count; ++i) {
    if (at > end || end - at < kEntrySize || number(blob, at, 4) != 0x02014b50)
      return fail(malformed("its directory is cut off"));
    PYLON_TRY(file, read_member(blob, at));
    files.push_back(std::move(file));
    at +=
        kEntrySize + number(blob, at + 28, 2) + number(blob, at + 30, 2) + number(blob, at + 32, 2);
  }
  return files;
}

Result<void> unpack_facades(const compose::Plan& plan, const compose::Resolver& resolver,
                            const fs::path& target, const std::optional<fs::path>& launcher) {
  std::error_code problem;
  if (fs::is_directory(target, problem)) return {};
  PYLON_CHECK(make_private(target.parent_path()));
  const fs::path aside = target.string() + ".new." + std::to_string(::getpid());
  fs::remove_all(aside, problem);
  Result<void> done = make_private(aside);
  if (done) done = unpack_into(plan, resolver, aside);
  if (done && launcher) done = compile_modules(*launcher, aside);
  if (done) done = write_record(aside);
  if (done) {
    fs::rename(aside, target, problem);
    if (problem && !fs::is_directory(target))
      done = fail(io_error("cannot make", target, problem.value()));
  }
  fs::remove_all(aside, problem);
  return done;
}

Result<std::string> check_facades(const fs::path& facades, uid_t owner) {
  PYLON_TRY(entries, entries_of(facades));
  std::string state = file_identity(facades) + "/| ";
  for (const std::string& path : entries)
    state += file_identity(facades / path) + "/" + path + "| ";
  PYLON_CHECK(check_private(facades, owner));
  for (const std::string& path : entries)
    if (path.ends_with('/')) PYLON_CHECK(check_private(facades / path, owner));
  PYLON_CHECK(compare_with_record(facades, entries));
  return state;
}

bool same_facades(const fs::path& facades, std::string_view state) {
  const Descriptor directory(::open(facades.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!directory) return false;
  for (std::string path; !state.empty();) {
    const std::size_t slash = state.find('/'), end = state.find("| ");
    if (end == std::string_view::npos || slash > end) return false;
    path = state.substr(slash + 1, end - slash - 1);
    if (!has_identity(directory.get(), path.c_str(), state.substr(0, slash))) return false;
    state.remove_prefix(end + 2);
  }
  return true;
}

std::string builtin_module(const fs::path& path) {
  const fs::path folder = path.parent_path();
  if (folder == "builtin" && path.extension() == ".py") return path.stem().string();
  if (folder.parent_path() == "builtin" && path.filename() == "__init__.py")
    return folder.filename().string();
  return {};
}

Result<std::string> builtin_modules(const fs::path& facades) {
  if (facades.empty()) return std::string();
  const Result<Bytes> text = read_file(facades / kModules, kMaxModules);
  if (!text) return changed(facades, kModules, "cannot be used without the list of them");
  return std::string(text->begin(), text->end());
}

}  // namespace pylon::runtime
