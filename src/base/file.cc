#include "base/file.hh"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/descriptor.hh"

namespace pylon {
namespace {

bool write_bytes(int fd, std::span<const std::uint8_t> data) {
  while (!data.empty()) {
    ssize_t n = ::write(fd, data.data(), data.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return false;
    data = data.subspan(static_cast<std::size_t>(n));
  }
  return true;
}

bool all_zero(std::span<const std::uint8_t> data) {
  return data[0] == 0 && std::memcmp(data.data(), data.data() + 1, data.size() - 1) == 0;
}

// Writes a whole new file. Blocks of zeros become holes: memory images are full of them.
bool write_all(int fd, std::span<const std::uint8_t> data) {
  constexpr std::size_t kBlock = 65536;
  for (std::size_t at = 0; at < data.size(); at += kBlock) {
    auto block = data.subspan(at, std::min(kBlock, data.size() - at));
    bool ok = all_zero(block) ? ::lseek(fd, static_cast<off_t>(block.size()), SEEK_CUR) >= 0
                              : write_bytes(fd, block);
    if (!ok) return false;
  }
  return ::ftruncate(fd, static_cast<off_t>(data.size())) == 0;
}

}  // namespace

Error io_error(const std::string& doing, const std::filesystem::path& path, int error_number) {
  std::string hint;
  if (error_number == ENOSPC || error_number == EDQUOT)
    hint = "free some disk space and run it again";
  return Error(ErrorKind::kIo, doing + " " + path.string() + ": " + std::strerror(error_number),
               hint);
}

Result<Bytes> read_file(const std::filesystem::path& path, std::size_t limit) {
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) {
    bool missing = errno == ENOENT || errno == ENOTDIR;
    Error error = io_error("cannot open", path, errno);
    return missing ? fail(ErrorKind::kInput, error.message()) : fail(std::move(error));
  }
  struct stat status{};
  if (::fstat(file.get(), &status) != 0) return fail(io_error("cannot stat", path, errno));
  if (!S_ISREG(status.st_mode))
    return fail(ErrorKind::kInput, path.string() + " is not a regular file");
  if (static_cast<std::size_t>(status.st_size) > limit)
    return fail(ErrorKind::kInput,
                path.string() + " is larger than the " + std::to_string(limit) + " bytes allowed");
  Bytes data(static_cast<std::size_t>(status.st_size));
  std::size_t have = 0;
  while (have < data.size()) {
    ssize_t n = ::read(file.get(), data.data() + have, data.size() - have);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return fail(io_error("cannot read", path, errno));
    if (n == 0) break;
    have += static_cast<std::size_t>(n);
  }
  data.resize(have);
  return data;
}

Result<void> write_file_atomically(const std::filesystem::path& path,
                                   std::span<const std::uint8_t> data, unsigned mode) {
  std::filesystem::path directory = path.has_parent_path() ? path.parent_path() : ".";
  std::string aside = (directory / ("." + path.filename().string() + ".XXXXXX")).string();
  Descriptor file(::mkostemp(aside.data(), O_CLOEXEC));
  if (file.get() < 0) return fail(io_error("cannot create a file in", directory, errno));
  bool ok = write_all(file.get(), data) && ::fchmod(file.get(), mode) == 0 &&
            ::fsync(file.get()) == 0 && file.close() && ::rename(aside.c_str(), path.c_str()) == 0;
  if (!ok) {
    Error error = io_error("cannot write", path, errno);
    ::unlink(aside.c_str());
    return fail(std::move(error));
  }
  return sync_directory(directory);
}

Result<void> sync_directory(const std::filesystem::path& directory) {
  Descriptor dir(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (dir.get() < 0 || ::fsync(dir.get()) != 0)
    return fail(io_error("cannot sync", directory, errno));
  return {};
}

}  // namespace pylon
