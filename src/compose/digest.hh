// The name of everything that a plan may run: the SHA-256 of its bytes.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "base/error.hh"

namespace pylon::compose {

/// A SHA-256. There is no empty one: it is computed or parsed.
class Digest {
 public:
  static constexpr std::size_t kSize = 32;
  using Raw = std::array<std::uint8_t, kSize>;

  explicit Digest(const Raw& raw) : raw_(raw) {}

  /// The digest of `data`.
  static Digest of(std::span<const std::uint8_t> data);
  static Digest of(std::string_view text);

  /// The digest of a file's content, read in pieces. kIo if it cannot be read.
  static Result<Digest> of_file(const std::filesystem::path& path);

  /// Parses "sha256:" and 64 lower-case hexadecimal digits; kInput for anything else.
  static Result<Digest> parse(std::string_view text);

  /// Parses the 64 digits alone.
  static Result<Digest> parse_hex(std::string_view hex);

  const Raw& raw() const { return raw_; }
  /// 64 lower-case hexadecimal digits.
  std::string hex() const;
  /// "sha256:" and the digits: how a digest is written in files and messages.
  std::string text() const;

  auto operator<=>(const Digest&) const = default;

 private:
  Raw raw_;
};

}  // namespace pylon::compose

template <>
struct std::hash<pylon::compose::Digest> {
  std::size_t operator()(const pylon::compose::Digest& digest) const noexcept;
};
