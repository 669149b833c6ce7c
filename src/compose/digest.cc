#include "compose/digest.hh"

#include <cstring>

#include "base/sha256.hh"

namespace pylon::compose {
namespace {

constexpr std::string_view kPrefix = "sha256:";

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

}  // namespace

Digest Digest::of(std::span<const std::uint8_t> data) {
  return *parse_hex(sha256(data));
}

Digest Digest::of(std::string_view text) {
  return of({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

Result<Digest> Digest::of_file(const std::filesystem::path& path) {
  PYLON_TRY(hex, sha256_of_file(path));
  return parse_hex(hex);
}

Result<Digest> Digest::parse(std::string_view text) {
  if (!text.starts_with(kPrefix))
    return fail(ErrorKind::kInput, "'" + std::string(text.substr(0, 80)) + "' is no digest",
                "a digest is written sha256: and 64 hexadecimal digits");
  return parse_hex(text.substr(kPrefix.size()));
}

Result<Digest> Digest::parse_hex(std::string_view hex) {
  Raw raw{};
  bool good = hex.size() == 2 * kSize;
  for (std::size_t i = 0; good && i < kSize; ++i) {
    const int high = digit(hex[2 * i]), low = digit(hex[2 * i + 1]);
    good = high >= 0 && low >= 0;
    raw[i] = static_cast<std::uint8_t>(high << 4 | low);
  }
  if (!good)
    return fail(ErrorKind::kInput, "'" + std::string(hex.substr(0, 80)) + "' is no SHA-256",
                "a digest is written sha256: and 64 lower-case hexadecimal digits");
  return Digest(raw);
}

std::string Digest::hex() const {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  out.reserve(2 * kSize);
  for (std::uint8_t byte : raw_) {
    out += kDigits[byte >> 4];
    out += kDigits[byte & 15];
  }
  return out;
}

std::string Digest::text() const {
  return std::string(kPrefix) + hex();
}

}  // namespace pylon::compose

std::size_t std::hash<pylon::compose::Digest>::operator()(
    const pylon::compose::Digest& digest) const noexcept {
  std::size_t value;
  std::memcpy(&value, digest.raw().data(), sizeof value);
  return value;
}
