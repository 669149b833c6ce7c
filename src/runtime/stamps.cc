#include "runtime/stamps.hh"

#include <sys/stat.h>
#include <unistd.h>

#include <ctime>
#include <sstream>

#include "base/file.hh"
#include "runtime/directories.hh"

namespace pylon::runtime {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kSettledMilliseconds = 50;  // some ticks of the file systems' clock

std::int64_t milliseconds(const timespec& time) {
  return std::int64_t{time.tv_sec} * 1000 + time.tv_nsec / 1'000'000;
}

}  // namespace

std::string file_identity(const fs::path& file) {
  struct stat status{};
  if (::stat(file.c_str(), &status) != 0) return "-";
  const auto text = [](const timespec& time) {
    return std::to_string(time.tv_sec) + "." + std::to_string(time.tv_nsec);
  };
  return std::to_string(milliseconds(status.st_ctim)) + ":" + std::to_string(status.st_dev) + ":" +
         std::to_string(status.st_ino) + ":" + std::to_string(status.st_size) + ":" +
         text(status.st_mtim) + ":" + text(status.st_ctim);
}

bool Stamps::settled(std::string_view identities) {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  std::istringstream words{std::string(identities)};
  for (std::string word; words >> word;) {
    if (word == "-") continue;
    const std::int64_t changed = std::strtoll(word.c_str(), nullptr, 10);
    if (milliseconds(now) - changed < kSettledMilliseconds) return false;
  }
  return true;
}

Stamps::Stamps(std::optional<fs::path> directory) : directory_(std::move(directory)) {
  if (!directory_) return;
  if (!fs::exists(*directory_) && !make_private(*directory_)) directory_.reset();
  if (directory_ && !check_private(*directory_, ::geteuid())) directory_.reset();
}

fs::path Stamps::path_of(std::string_view name) const {
  return *directory_ / compose::Digest::of(name).hex().substr(0, 32);
}

std::string Stamps::read(std::string_view name) const {
  if (!directory_) return {};
  const Result<Bytes> bytes = read_file(path_of(name), std::size_t{1} << 20);
  return bytes ? std::string(bytes->begin(), bytes->end()) : std::string();
}

void Stamps::write(std::string_view name, std::string_view text) const {
  if (!directory_) return;
  (void)write_file_atomically(
      path_of(name), {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}, 0600);
}

Result<void> Stamps::check(const fs::path& file, const compose::Digest& expected,
                           std::string_view what, std::string_view hint) const {
  const std::string name = "file " + file.string();
  const std::string identity = file_identity(file);
  const std::string stamp = identity + " " + expected.hex() + "\n";
  if (read(name) == stamp) return {};
  PYLON_TRY(actual, compose::Digest::of_file(file));
  if (actual != expected)
    return fail(ErrorKind::kCorrupt,
                std::string(what) + " is not what it was: " + file.string() + " is " +
                    actual.text() + " instead of " + expected.text(),
                std::string(hint));
  if (settled(identity) && file_identity(file) == identity) write(name, stamp);
  return {};
}

}  // namespace pylon::runtime
