#include "runtime/directories.hh"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "base/file.hh"

namespace pylon::runtime {

namespace fs = std::filesystem;

namespace {

std::optional<fs::path>& chosen_directory() {
  static std::optional<fs::path> directory;
  return directory;
}

}  // namespace

void set_person_directory(fs::path directory) {
  chosen_directory() = std::move(directory);
}

std::optional<fs::path> person_directory() {
  if (chosen_directory()) return chosen_directory();
  const char* data = std::getenv("XDG_DATA_HOME");
  if (data && data[0] == '/') return fs::path(data) / "pylon";
  const char* home = std::getenv("HOME");
  if (home && home[0] == '/') return fs::path(home) / ".local" / "share" / "pylon";
  return std::nullopt;
}

Result<fs::path> cache_directory() {
  if (const auto own = person_directory()) return *own;
  const char* named = std::getenv("TMPDIR");
  const fs::path below = named && named[0] == '/' ? named : "/tmp";
  const fs::path out = below / ("pylon-" + std::to_string(::geteuid()));
  const std::string hint =
      "set HOME or XDG_DATA_HOME, or TMPDIR to a directory that can be written";
  if (::mkdir(out.c_str(), 0700) != 0 && errno != EEXIST)
    return fail(io_error("cannot make", out, errno).with_hint(hint));
  struct stat status{};
  if (::lstat(out.c_str(), &status) == 0 && S_ISDIR(status.st_mode) &&
      status.st_uid == ::geteuid() && (status.st_mode & (S_IRWXG | S_IRWXO)) == 0)
    return out;
  return fail(ErrorKind::kRefused, out.string() + " is not a directory of yours alone", hint);
}

Result<void> check_private(const fs::path& directory, uid_t owner) {
  struct stat status{};
  if (::stat(directory.c_str(), &status) != 0)
    return fail(io_error("cannot use", directory, errno));
  const bool ours = status.st_uid == ::geteuid() || status.st_uid == 0 || status.st_uid == owner;
  if (ours && (status.st_mode & (S_IWGRP | S_IWOTH)) == 0) return {};
  return fail(ErrorKind::kRefused,
              "others may write " + directory.string() + ", which holds what runs unchecked",
              ours ? "`chmod go-w " + directory.string() + "`, if you trust what is in it"
                   : "remove it, or make it yours");
}

Result<void> make_private(const fs::path& directory) {
  if (const fs::path above = directory.parent_path(); !above.empty() && !fs::exists(above))
    PYLON_CHECK(make_private(above));
  if (::mkdir(directory.c_str(), 0755) == 0) {
    // The user's mask may be wider, or narrower than other users of the install need.
    if (::chmod(directory.c_str(), 0755) == 0) return {};
  } else if (errno == EEXIST) {
    return {};
  }
  return fail(io_error("cannot make", directory, errno));
}

uid_t owner_of(const fs::path& file) {
  struct stat status{};
  return ::stat(file.c_str(), &status) == 0 ? status.st_uid : ::geteuid();
}

}  // namespace pylon::runtime
