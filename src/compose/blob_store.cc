#include "compose/blob_store.hh"

#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <optional>

#include "base/descriptor.hh"
#include "base/directory_lock.hh"

namespace pylon::compose {
namespace {

namespace fs = std::filesystem;

// Blobs on their way in; what lies here while nobody holds the lock is rubbish.
constexpr const char* kIncoming = ".incoming";

constexpr std::size_t kPiece = std::size_t{1} << 18;

fs::path relative_path(const Digest& digest) {
  const std::string hex = digest.hex();
  return fs::path(hex.substr(0, 2)) / hex.substr(2);
}

tl::unexpected<Error> missing(const Digest& digest, const fs::path& root) {
  return fail(ErrorKind::kInput, "there is no blob " + digest.text() + " in " + root.string(),
              "fetch it with `composectl blob repair --from=DIRECTORY`, a place that has it");
}

tl::unexpected<Error> damaged(const Digest& digest, const fs::path& path, const Digest& found) {
  return fail(ErrorKind::kCorrupt,
              "blob " + digest.text() + " is damaged: the content of " + path.string() + " is " +
                  found.text(),
              "run `composectl blob repair`");
}

// Makes a directory and its parents last; true if it was not there.
Result<bool> ensure_directory(const fs::path& directory) {
  std::error_code problem;
  if (fs::is_directory(directory, problem)) return false;
  const fs::path parent = directory.parent_path();
  if (!parent.empty()) PYLON_CHECK(ensure_directory(parent));
  if (::mkdir(directory.c_str(), 0755) != 0) {
    if (errno == EEXIST) return false;
    return fail(io_error("cannot create", directory, errno));
  }
  PYLON_CHECK(sync_directory(parent.empty() ? "." : parent));
  return true;
}

// A blob on its way into the store: an open file without a name in it yet.
class Incoming {
 public:
  static Result<Incoming> create(const fs::path& root) {
    PYLON_CHECK(ensure_directory(root / kIncoming));
    std::string name = (root / kIncoming / "XXXXXX").string();
    Descriptor file(::mkostemp(name.data(), O_CLOEXEC));
    if (!file) return fail(io_error("cannot create a file in", root / kIncoming, errno));
    return Incoming(std::move(file), std::move(name));
  }
  Incoming(Incoming&&) = default;
  ~Incoming() {
    if (file_) ::unlink(path_.c_str());
  }

  Result<void> write(std::span<const std::uint8_t> data) {
    crypto_hash_sha256_update(&hash_, data.data(), data.size());
    while (!data.empty()) {
      const ssize_t n = ::write(file_.get(), data.data(), data.size());
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return fail(io_error("cannot write", path_, errno));
      data = data.subspan(static_cast<std::size_t>(n));
    }
    return {};
  }

  // The digest of what was written; nothing may be written afterwards.
  Digest digest() {
    Digest::Raw raw;
    crypto_hash_sha256_final(&hash_, raw.data());
    return Digest(raw);
  }

  // Gives the file its name in the store, for good.
  Result<void> keep(const fs::path& root, const Digest& digest) {
    const fs::path path = root / relative_path(digest);
    PYLON_CHECK(ensure_directory(path.parent_path()));
    if (::fchmod(file_.get(), 0444) != 0 || ::fsync(file_.get()) != 0 ||
        ::rename(path_.c_str(), path.c_str()) != 0)
      return fail(io_error("cannot write", path, errno));
    static_cast<void>(file_.close());
    return sync_directory(path.parent_path());
  }

 private:
  Incoming(Descriptor file, std::string path) : file_(std::move(file)), path_(std::move(path)) {
    crypto_hash_sha256_init(&hash_);
  }

  Descriptor file_;
  std::string path_;
  crypto_hash_sha256_state hash_;
};

Result<DirectoryLock> lock(const fs::path& root, DirectoryLock::Kind kind) {
  return DirectoryLock::take(root, kind);
}

// True if the blob is there and whole; its time then says that it was wanted just now.
bool refresh(const fs::path& root, const Digest& digest) {
  const fs::path path = root / relative_path(digest);
  const Result<Digest> found = Digest::of_file(path);
  if (!found || *found != digest) return false;
  static_cast<void>(::utimensat(AT_FDCWD, path.c_str(), nullptr, 0));
  return true;
}

// Copies a file into the store, which the caller has locked.
Result<Digest> copy_in(const fs::path& root, const fs::path& file) {
  Descriptor source(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (!source) return fail(ErrorKind::kInput, io_error("cannot open", file, errno).message());
  struct stat status{};
  if (::fstat(source.get(), &status) != 0) return fail(io_error("cannot stat", file, errno));
  if (!S_ISREG(status.st_mode))
    return fail(ErrorKind::kInput, file.string() + " is not a regular file");
  PYLON_TRY(incoming, Incoming::create(root));
  Bytes piece(kPiece);
  std::uint64_t size = 0;
  while (true) {
    const ssize_t n = ::read(source.get(), piece.data(), piece.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return fail(io_error("cannot read", file, errno));
    if (n == 0) break;
    size += static_cast<std::uint64_t>(n);
    if (size > BlobStore::kLargestBlob)
      return fail(ErrorKind::kInput,
                  file.string() + " is larger than the 1 GiB of the largest blob");
    PYLON_CHECK(incoming.write({piece.data(), static_cast<std::size_t>(n)}));
  }
  const Digest digest = incoming.digest();
  if (!refresh(root, digest)) PYLON_CHECK(incoming.keep(root, digest));
  return digest;
}

// What lies in the store: blobs by name, and what has no blob's name.
struct Entries {
  std::vector<Digest> blobs;
  std::vector<BlobProblem> strangers;
};

void add_entry(const fs::path& root, const fs::path& path, Entries& out) {
  const std::string name = path.lexically_relative(root).string();
  std::string hex = name;
  std::erase(hex, '/');
  const Result<Digest> digest = Digest::parse_hex(hex);
  std::error_code ignored;
  if (digest && name == relative_path(*digest) &&
      fs::is_regular_file(fs::symlink_status(path, ignored)))
    out.blobs.push_back(*digest);
  else
    out.strangers.push_back({name, "is no blob"});
}

Result<Entries> entries_of(const fs::path& root) {
  Entries out;
  std::error_code problem;
  if (!fs::exists(root, problem) && !problem) return out;
  auto at = fs::recursive_directory_iterator(root, problem);
  for (; !problem && at != fs::recursive_directory_iterator(); at.increment(problem)) {
    if (at.depth() == 0 && at->path().filename() == kIncoming) {
      at.disable_recursion_pending();
      continue;
    }
    std::error_code ignored;
    if (fs::is_directory(at->symlink_status(ignored))) continue;
    add_entry(root, at->path(), out);
  }
  if (problem) return fail(io_error("cannot list", root, problem.value()));
  std::ranges::sort(out.blobs);
  return out;
}

// Where blobs can be had: looked up by name in stores, by content in other directories.
class Sources {
 public:
  explicit Sources(std::span<const fs::path> places) : places_(places.begin(), places.end()) {}

  // A file with that content, or nothing.
  Result<fs::path> find(const Digest& digest) {
    for (const fs::path& place : places_)
      if (const fs::path named = place / relative_path(digest); holds(named, digest)) return named;
    if (!indexed_) PYLON_CHECK(index());
    const auto found = by_content_.find(digest);
    return found == by_content_.end() ? fs::path() : found->second;
  }

 private:
  static bool holds(const fs::path& path, const Digest& digest) {
    std::error_code ignored;
    if (!fs::is_regular_file(path, ignored)) return false;
    const Result<Digest> found = Digest::of_file(path);
    return found && *found == digest;
  }

  Result<void> index() {
    indexed_ = true;
    for (const fs::path& place : places_) {
      std::error_code problem;
      if (fs::is_regular_file(place, problem)) add(place);
      if (!fs::is_directory(place, problem)) continue;
      for (auto at = fs::recursive_directory_iterator(place, problem);
           !problem && at != fs::recursive_directory_iterator(); at.increment(problem)) {
        std::error_code ignored;
        if (fs::is_regular_file(at->symlink_status(ignored))) add(at->path());
      }
      if (problem) return fail(io_error("cannot list", place, problem.value()));
    }
    return {};
  }

  void add(const fs::path& file) {
    if (const Result<Digest> digest = Digest::of_file(file)) by_content_.emplace(*digest, file);
  }

  std::vector<fs::path> places_;
  std::map<Digest, fs::path> by_content_;
  bool indexed_ = false;
};

Result<void> remove_file(const fs::path& path) {
  if (::unlink(path.c_str()) != 0 && errno != ENOENT)
    return fail(io_error("cannot remove", path, errno));
  return {};
}

// Removes what interrupted writers left; the caller holds the store alone.
Result<std::size_t> sweep_incoming(const fs::path& root, bool dry_run) {
  std::size_t count = 0;
  std::error_code problem;
  for (auto at = fs::directory_iterator(root / kIncoming, problem);
       !problem && at != fs::directory_iterator(); at.increment(problem)) {
    ++count;
    if (!dry_run) PYLON_CHECK(remove_file(at->path()));
  }
  return count;
}

}  // namespace

fs::path BlobStore::path_of(const Digest& digest) const {
  return root_ / relative_path(digest);
}

bool BlobStore::has(const Digest& digest) const {
  struct stat status{};
  return ::stat(path_of(digest).c_str(), &status) == 0 && S_ISREG(status.st_mode);
}

Result<Bytes> BlobStore::get(const Digest& digest) const {
  if (!has(digest)) return missing(digest, root_);
  PYLON_TRY(bytes, read_file(path_of(digest), kLargestBlob));
  if (const Digest found = Digest::of(bytes); found != digest)
    return damaged(digest, path_of(digest), found);
  return std::move(bytes);
}

Result<fs::path> BlobStore::checked_path(const Digest& digest) const {
  if (!has(digest)) return missing(digest, root_);
  PYLON_TRY(found, Digest::of_file(path_of(digest)));
  if (found != digest) return damaged(digest, path_of(digest), found);
  return path_of(digest);
}

Result<Digest> BlobStore::put(std::span<const std::uint8_t> data) {
  if (data.size() > kLargestBlob)
    return fail(ErrorKind::kInput, "the blob is larger than the 1 GiB of the largest blob");
  const Digest digest = Digest::of(data);
  PYLON_CHECK(ensure_directory(root_));
  PYLON_TRY(held, lock(root_, DirectoryLock::Kind::kShared));
  static_cast<void>(held);
  if (refresh(root_, digest)) return digest;
  PYLON_TRY(incoming, Incoming::create(root_));
  PYLON_CHECK(incoming.write(data));
  PYLON_CHECK(incoming.keep(root_, digest));
  return digest;
}

Result<Digest> BlobStore::put_file(const fs::path& file) {
  PYLON_CHECK(ensure_directory(root_));
  PYLON_TRY(held, lock(root_, DirectoryLock::Kind::kShared));
  static_cast<void>(held);
  if (const Result<Digest> digest = Digest::of_file(file); digest && refresh(root_, *digest))
    return *digest;
  return copy_in(root_, file);
}

Result<std::vector<BlobInfo>> BlobStore::list() const {
  PYLON_TRY(entries, entries_of(root_));
  std::vector<BlobInfo> out;
  for (const Digest& digest : entries.blobs) {
    struct stat status{};
    if (::stat(path_of(digest).c_str(), &status) == 0)
      out.push_back({digest, static_cast<std::uint64_t>(status.st_size)});
  }
  return out;
}

Result<BlobReport> BlobStore::verify() const {
  PYLON_TRY(entries, entries_of(root_));
  BlobReport report;
  report.problems = std::move(entries.strangers);
  for (const Digest& digest : entries.blobs) {
    const Result<Digest> found = Digest::of_file(path_of(digest));
    const std::string name = relative_path(digest).string();
    if (!found)
      report.problems.push_back({name, found.error().text()});
    else if (*found != digest)
      report.problems.push_back({name, "its content is " + found->text()});
    else
      ++report.good;
  }
  return report;
}

Result<RepairReport> BlobStore::repair(std::span<const fs::path> places,
                                       const std::set<Digest>& wanted, bool dry_run) {
  if (!dry_run) PYLON_CHECK(ensure_directory(root_));
  std::error_code ignored;
  if (!fs::is_directory(root_, ignored) && wanted.empty()) return RepairReport{};
  std::optional<DirectoryLock> held;
  if (fs::is_directory(root_, ignored)) {
    PYLON_TRY(taken, lock(root_, DirectoryLock::Kind::kExclusive));
    held.emplace(std::move(taken));
  }
  PYLON_TRY(entries, entries_of(root_));
  std::set<Digest> wrong, here(entries.blobs.begin(), entries.blobs.end());
  for (const Digest& digest : entries.blobs)
    if (!checked_path(digest)) wrong.insert(digest);
  std::set<Digest> todo = wrong;
  for (const Digest& digest : wanted)
    if (!here.contains(digest)) todo.insert(digest);
  RepairReport report;
  Sources sources(places);
  for (const Digest& digest : todo) {
    PYLON_TRY(source, sources.find(digest));
    if (!source.empty()) {
      if (!dry_run) PYLON_CHECK(copy_in(root_, source));
      report.repaired.push_back(digest);
      continue;
    }
    if (wrong.contains(digest)) {
      if (!dry_run) PYLON_CHECK(remove_file(path_of(digest)));
      report.removed.push_back({relative_path(digest).string(), "no source has it"});
    }
    if (wanted.contains(digest)) report.missing.push_back(digest);
  }
  return report;
}

Result<GcReport> BlobStore::gc(const std::set<Digest>& live, std::int64_t grace_seconds,
                               bool dry_run) {
  std::error_code ignored;
  if (!fs::is_directory(root_, ignored)) return GcReport{};
  PYLON_TRY(held, lock(root_, DirectoryLock::Kind::kExclusive));
  static_cast<void>(held);
  PYLON_TRY(entries, entries_of(root_));
  GcReport report;
  const std::int64_t cutoff = ::time(nullptr) - grace_seconds;
  for (const Digest& digest : entries.blobs) {
    struct stat status{};
    if (::stat(path_of(digest).c_str(), &status) != 0)
      return fail(io_error("cannot stat", path_of(digest), errno));
    if (live.contains(digest) || status.st_mtime > cutoff) {
      ++report.kept;
      continue;
    }
    if (!dry_run) PYLON_CHECK(remove_file(path_of(digest)));
    report.removed.push_back({digest, static_cast<std::uint64_t>(status.st_size)});
  }
  PYLON_TRY(leftovers, sweep_incoming(root_, dry_run));
  report.leftovers = leftovers;
  return report;
}

}  // namespace pylon::compose
