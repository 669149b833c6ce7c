#include "runtime/stamps.hh"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <charconv>
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

// Eight numbers with a character between each two, made without asking for memory: a start looks at
// each file of a plan's facades.
class Identity {
 public:
  explicit Identity(const struct stat& status) {
    add(milliseconds(status.st_ctim), ':');
    add(status.st_dev, ':');
    add(status.st_ino, ':');
    add(status.st_size, ':');
    add(status.st_mtim.tv_sec, '.');
    add(status.st_mtim.tv_nsec, ':');
    add(status.st_ctim.tv_sec, '.');
    add(status.st_ctim.tv_nsec, ' ');
  }

  std::string_view text() const { return {digits_, static_cast<std::size_t>(end_ - digits_ - 1)}; }

 private:
  template <typename Number>
  void add(Number number, char after) {
    end_ = std::to_chars(end_, std::end(digits_), number).ptr;
    *end_++ = after;
  }

  char digits_[8 * 21];
  char* end_ = digits_;
};

}  // namespace

std::string file_identity(const fs::path& file) {
  struct stat status{};
  return ::stat(file.c_str(), &status) == 0 ? std::string(Identity(status).text()) : "-";
}

bool has_identity(int directory, const char* path, std::string_view identity) {
  struct stat status{};
  return ::fstatat(directory, path, &status, AT_EMPTY_PATH) == 0 &&
         Identity(status).text() == identity;
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
