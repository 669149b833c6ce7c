#include "base/sha256.hh"

#include <fcntl.h>
#include <sodium.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <vector>

#include "base/file.hh"

namespace pylon {
namespace {

using Digest = std::array<unsigned char, crypto_hash_sha256_BYTES>;

std::string hexadecimal(const Digest& digest) {
  std::array<char, 2 * crypto_hash_sha256_BYTES + 1> text;
  sodium_bin2hex(text.data(), text.size(), digest.data(), digest.size());
  return text.data();
}

}  // namespace

std::string sha256(std::span<const std::uint8_t> data) {
  Digest digest;
  crypto_hash_sha256(digest.data(), data.data(), data.size());
  return hexadecimal(digest);
}

Result<std::string> sha256_of_file(const std::filesystem::path& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return fail(io_error("cannot open", path, errno));
  crypto_hash_sha256_state state;
  crypto_hash_sha256_init(&state);
  std::vector<unsigned char> buffer(std::size_t{1} << 18);
  ssize_t n;
  while ((n = ::read(file, buffer.data(), buffer.size())) != 0) {
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) break;
    crypto_hash_sha256_update(&state, buffer.data(), static_cast<unsigned long long>(n));
  }
  const int problem = errno;
  ::close(file);
  if (n < 0) return fail(io_error("cannot read", path, problem));
  Digest digest;
  crypto_hash_sha256_final(&state, digest.data());
  return hexadecimal(digest);
}

}  // namespace pylon
