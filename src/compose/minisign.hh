// Keys and signatures in minisign's formats (https://jedisct1.github.io/minisign/), so that
// minisign itself checks what we sign and the other way round.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/error.hh"

namespace pylon::compose {

/// What tells keys apart in signatures and messages: 8 random bytes.
class KeyId {
 public:
  using Raw = std::array<std::uint8_t, 8>;
  explicit KeyId(const Raw& raw) : raw_(raw) {}

  /// Parses 16 hexadecimal digits, as minisign shows them.
  static Result<KeyId> parse(std::string_view text);

  const Raw& raw() const { return raw_; }
  /// 16 upper-case hexadecimal digits.
  std::string text() const;

  auto operator<=>(const KeyId&) const = default;

 private:
  Raw raw_;
};

/// An Ed25519 public key with its id.
class PublicKey {
 public:
  using Raw = std::array<std::uint8_t, 32>;
  PublicKey(const KeyId& id, const Raw& raw) : id_(id), raw_(raw) {}

  /// Parses a public key file, or the line of base64 alone. kInput names `file`.
  static Result<PublicKey> parse(std::string_view text, std::string_view file = "the public key");

  const KeyId& id() const { return id_; }
  const Raw& raw() const { return raw_; }
  /// The line of base64.
  std::string base64() const;
  /// A public key file.
  std::string file_text() const;

  bool operator==(const PublicKey&) const = default;

 private:
  KeyId id_;
  Raw raw_;
};

/// What scrypt may use when a password is turned into a key.
struct PasswordCost {
  std::uint64_t operations = 33554432;
  std::uint64_t memory_bytes = 1073741824;
};

/// A secret key. Its bytes are wiped when it goes.
class SecretKey {
 public:
  /// A new one from the system's randomness.
  static SecretKey generate();

  /// Parses a secret key file. One that is protected needs `password`; without it, or with a wrong
  /// one, kRefused.
  static Result<SecretKey> parse(std::string_view text, std::string_view file = "the secret key",
                                 std::optional<std::string_view> password = {});

  SecretKey(const SecretKey&) = default;
  SecretKey& operator=(const SecretKey&) = default;
  ~SecretKey();

  PublicKey public_key() const;

  /// A secret key file that is not protected (minisign's -W).
  std::string file_text() const;
  /// A secret key file protected by a password. kIo if the memory that `cost` asks for is not
  /// there.
  Result<std::string> file_text(std::string_view password, const PasswordCost& cost = {}) const;

  /// The text of a signature file over `data`, which minisign and parse() read. `trusted_comment`
  /// is signed too. Neither comment may have a line break.
  std::string sign(std::span<const std::uint8_t> data, std::string_view trusted_comment,
                   std::string_view untrusted_comment = "signature from pylon") const;

 private:
  SecretKey(const KeyId& id, const std::array<std::uint8_t, 64>& raw) : id_(id), raw_(raw) {}
  // True if the public half is the secret one's.
  bool is_consistent() const;
  std::string file_text_of(std::span<const std::uint8_t> kdf,
                           std::span<const std::uint8_t> body) const;

  KeyId id_;
  std::array<std::uint8_t, 64> raw_;
};

/// A parsed signature file.
class Signature {
 public:
  /// Parses a signature file; kInput names `file`.
  static Result<Signature> parse(std::string_view text, std::string_view file = "the signature");

  const KeyId& key_id() const { return key_id_; }
  const std::string& trusted_comment() const { return trusted_comment_; }

  /// An error unless `key` made this signature over `data`, and over the trusted comment. kRefused
  /// if it is another key's, kCorrupt if data, signature or comment were changed.
  Result<void> verify(const PublicKey& key, std::span<const std::uint8_t> data) const;

 private:
  Signature(std::string file, const KeyId& key_id) : file_(std::move(file)), key_id_(key_id) {}

  std::string file_;
  KeyId key_id_;
  bool prehashed_ = true;
  std::array<std::uint8_t, 64> signature_{};
  std::string trusted_comment_;
  std::array<std::uint8_t, 64> global_signature_{};
};

}  // namespace pylon::compose
