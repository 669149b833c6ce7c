#include "compose/minisign.hh"

#include <sodium.h>

#include <algorithm>
#include <cstring>
#include <vector>

#include "base/file.hh"

namespace pylon::compose {
namespace {

using ByteView = std::span<const std::uint8_t>;

constexpr std::string_view kUntrusted = "untrusted comment: ";
constexpr std::string_view kTrusted = "trusted comment: ";
constexpr std::size_t kLongestFile = 65536;
constexpr std::size_t kLongestComment = 8192;

// ---- the parts of a secret key file, in order
constexpr std::size_t kChecksumSize = 32;
constexpr std::size_t kSaltSize = crypto_pwhash_scryptsalsa208sha256_SALTBYTES;
constexpr std::size_t kKdfSize = kSaltSize + 8 + 8;        // salt, operations, memory
constexpr std::size_t kBodySize = 8 + 64 + kChecksumSize;  // id, key, checksum; encrypted or not
constexpr std::size_t kSecretSize = 2 + 2 + 2 + kKdfSize + kBodySize;

using Body = std::array<std::uint8_t, kBodySize>;

ByteView view(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

void append(Bytes& out, ByteView part) {
  out.insert(out.end(), part.begin(), part.end());
}

std::string to_base64(ByteView data) {
  std::string out(sodium_base64_ENCODED_LEN(data.size(), sodium_base64_VARIANT_ORIGINAL), '\0');
  sodium_bin2base64(out.data(), out.size(), data.data(), data.size(),
                    sodium_base64_VARIANT_ORIGINAL);
  out.pop_back();  // the terminating zero
  return out;
}

// Exactly `size` bytes, or nothing.
Bytes from_base64(std::string_view text, std::size_t size) {
  Bytes out(size);
  std::size_t length = 0;
  const char* end = nullptr;
  const bool good = sodium_base642bin(out.data(), out.size(), text.data(), text.size(), nullptr,
                                      &length, &end, sodium_base64_VARIANT_ORIGINAL) == 0 &&
                    end == text.data() + text.size() && length == size;
  return good ? out : Bytes();
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    out.push_back(line);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

tl::unexpected<Error> malformed(std::string_view file, const std::string& what) {
  return fail(ErrorKind::kInput, std::string(file) + " is no minisign file: " + what);
}

void put_u64(Bytes& out, std::uint64_t value) {
  for (int i = 0; i < 8; ++i) out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

std::uint64_t get_u64(ByteView bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < 8; ++i) value |= std::uint64_t{bytes[i]} << (8 * i);
  return value;
}

std::array<std::uint8_t, 64> blake2b(ByteView data) {
  std::array<std::uint8_t, 64> out;
  crypto_generichash(out.data(), out.size(), data.data(), data.size(), nullptr, 0);
  return out;
}

// The checksum of an id and a key, which tells a wrong password.
std::array<std::uint8_t, kChecksumSize> checksum(ByteView id_and_key) {
  Bytes all = {'E', 'd'};
  append(all, id_and_key);
  std::array<std::uint8_t, kChecksumSize> out;
  crypto_generichash(out.data(), out.size(), all.data(), all.size(), nullptr, 0);
  sodium_memzero(all.data(), all.size());
  return out;
}

bool has_checksum(const Body& body) {
  const auto expected = checksum(ByteView(body).first(8 + 64));
  return std::equal(expected.begin(), expected.end(), body.end() - kChecksumSize);
}

// Encrypts or decrypts the body with what a password gives.
Result<void> apply_password(Body& body, std::string_view password, ByteView salt,
                            const PasswordCost& cost) {
  Body stream;
  if (crypto_pwhash_scryptsalsa208sha256(stream.data(), stream.size(), password.data(),
                                         password.size(), salt.data(), cost.operations,
                                         static_cast<std::size_t>(cost.memory_bytes)) != 0)
    return fail(ErrorKind::kIo,
                "there is not the memory that the key's password protection needs (" +
                    std::to_string(cost.memory_bytes >> 20) + " MiB)");
  for (std::size_t i = 0; i < body.size(); ++i) body[i] ^= stream[i];
  sodium_memzero(stream.data(), stream.size());
  return {};
}

// Opens the body of a secret key file in place.
Result<void> unlock(Body& body, ByteView kdf, std::string_view file,
                    std::optional<std::string_view> password) {
  if (!password)
    return fail(ErrorKind::kRefused, std::string(file) + " is protected by a password",
                "give the password, or make a key without one");
  const PasswordCost cost{get_u64(kdf.subspan(kSaltSize)), get_u64(kdf.subspan(kSaltSize + 8))};
  const PasswordCost most;
  if (cost.operations > most.operations || cost.memory_bytes > most.memory_bytes)
    return malformed(file, "its password protection asks for more than minisign's");
  return apply_password(body, *password, kdf.first(kSaltSize), cost);
}

}  // namespace

// ---- KeyId

Result<KeyId> KeyId::parse(std::string_view text) {
  Raw raw;
  std::size_t length = 0;
  const char* end = nullptr;
  const bool good = text.size() == 16 &&
                    sodium_hex2bin(raw.data(), raw.size(), text.data(), text.size(), nullptr,
                                   &length, &end) == 0 &&
                    length == raw.size() && end == text.data() + text.size();
  if (!good)
    return fail(ErrorKind::kInput, "'" + std::string(text.substr(0, 80)) + "' is no key id",
                "a key id is 16 hexadecimal digits");
  std::ranges::reverse(raw);  // shown as a little-endian number
  return KeyId(raw);
}

std::string KeyId::text() const {
  constexpr char kDigits[] = "0123456789ABCDEF";
  std::string out;
  for (auto byte = raw_.rbegin(); byte != raw_.rend(); ++byte) {
    out += kDigits[*byte >> 4];
    out += kDigits[*byte & 15];
  }
  return out;
}

// ---- PublicKey

Result<PublicKey> PublicKey::parse(std::string_view text, std::string_view file) {
  if (text.size() > kLongestFile) return malformed(file, "it is too long");
  const auto lines = lines_of(text);
  const bool bare = lines.size() == 1;
  if (!bare && (lines.size() != 2 || !lines[0].starts_with(kUntrusted)))
    return malformed(file, "a public key is a comment and a line of base64");
  const Bytes data = from_base64(lines.back(), 2 + 8 + 32);
  if (data.empty() || data[0] != 'E' || data[1] != 'd')
    return malformed(file, "its base64 is no Ed25519 key");
  KeyId::Raw id;
  Raw raw;
  std::copy_n(data.begin() + 2, id.size(), id.begin());
  std::copy_n(data.begin() + 10, raw.size(), raw.begin());
  return PublicKey(KeyId(id), raw);
}

std::string PublicKey::base64() const {
  Bytes data = {'E', 'd'};
  append(data, id_.raw());
  append(data, raw_);
  return to_base64(data);
}

std::string PublicKey::file_text() const {
  return std::string(kUntrusted) + "minisign public key " + id_.text() + "\n" + base64() + "\n";
}

// ---- SecretKey

SecretKey SecretKey::generate() {
  KeyId::Raw id;
  randombytes_buf(id.data(), id.size());
  PublicKey::Raw unused;
  SecretKey key(KeyId(id), {});
  crypto_sign_keypair(unused.data(), key.raw_.data());
  return key;
}

SecretKey::~SecretKey() {
  sodium_memzero(raw_.data(), raw_.size());
}

PublicKey SecretKey::public_key() const {
  PublicKey::Raw raw;
  crypto_sign_ed25519_sk_to_pk(raw.data(), raw_.data());
  return PublicKey(id_, raw);
}

Result<SecretKey> SecretKey::parse(std::string_view text, std::string_view file,
                                   std::optional<std::string_view> password) {
  const auto lines = lines_of(text.substr(0, kLongestFile));
  if (lines.size() != 2 || !lines[0].starts_with(kUntrusted))
    return malformed(file, "a secret key is a comment and a line of base64");
  Bytes data = from_base64(lines[1], kSecretSize);
  if (data.empty() || data[0] != 'E' || data[1] != 'd' || data[4] != 'B' || data[5] != '2')
    return malformed(file, "its base64 is no Ed25519 secret key");
  const ByteView kdf = ByteView(data).subspan(6, kKdfSize);
  Body body;
  std::copy_n(data.end() - kBodySize, kBodySize, body.begin());
  const bool is_protected = data[2] == 'S' && data[3] == 'c';
  if (!is_protected && (data[2] != 0 || data[3] != 0))
    return malformed(file, "its password protection is of an unknown kind");
  if (is_protected) PYLON_CHECK(unlock(body, kdf, file, password));
  KeyId::Raw id;
  std::copy_n(body.begin(), id.size(), id.begin());
  SecretKey key(KeyId(id), {});
  std::copy_n(body.begin() + 8, key.raw_.size(), key.raw_.begin());
  const bool good = is_protected ? has_checksum(body) : key.is_consistent();
  sodium_memzero(body.data(), body.size());
  sodium_memzero(data.data(), data.size());
  if (good) return key;
  if (is_protected) return fail(ErrorKind::kRefused, "wrong password for " + std::string(file));
  return fail(ErrorKind::kCorrupt,
              std::string(file) + " is damaged: its halves do not belong together");
}

bool SecretKey::is_consistent() const {
  PublicKey::Raw derived;
  std::array<std::uint8_t, 64> again;
  crypto_sign_seed_keypair(derived.data(), again.data(), raw_.data());
  const bool same = again == raw_;
  sodium_memzero(again.data(), again.size());
  return same;
}

std::string SecretKey::file_text_of(ByteView kdf, ByteView body) const {
  const bool is_protected = std::ranges::any_of(kdf, [](std::uint8_t byte) { return byte != 0; });
  Bytes data = {'E', 'd'};
  append(data, is_protected ? view("Sc") : ByteView(Bytes{0, 0}));
  append(data, view("B2"));
  append(data, kdf);
  append(data, body);
  std::string out =
      std::string(kUntrusted) + "minisign encrypted secret key\n" + to_base64(data) + "\n";
  sodium_memzero(data.data(), data.size());
  return out;
}

namespace {

// The body without a checksum, which only protected keys have.
Body body_of(const KeyId& id, ByteView key) {
  Body body{};
  std::ranges::copy(id.raw(), body.begin());
  std::ranges::copy(key, body.begin() + 8);
  return body;
}

}  // namespace

std::string SecretKey::file_text() const {
  return file_text_of(Bytes(kKdfSize, 0), body_of(id_, raw_));
}

Result<std::string> SecretKey::file_text(std::string_view password,
                                         const PasswordCost& cost) const {
  Bytes kdf(kSaltSize);
  randombytes_buf(kdf.data(), kdf.size());
  put_u64(kdf, cost.operations);
  put_u64(kdf, cost.memory_bytes);
  Body body = body_of(id_, raw_);
  std::ranges::copy(checksum(ByteView(body).first(8 + 64)), body.end() - kChecksumSize);
  PYLON_CHECK(apply_password(body, password, ByteView(kdf).first(kSaltSize), cost));
  return file_text_of(kdf, body);
}

std::string SecretKey::sign(ByteView data, std::string_view trusted_comment,
                            std::string_view untrusted_comment) const {
  const auto hash = blake2b(data);
  std::array<std::uint8_t, 64> signature, global;
  crypto_sign_detached(signature.data(), nullptr, hash.data(), hash.size(), raw_.data());
  Bytes line = {'E', 'D'};
  append(line, id_.raw());
  append(line, signature);
  Bytes all(signature.begin(), signature.end());
  append(all, view(trusted_comment));
  crypto_sign_detached(global.data(), nullptr, all.data(), all.size(), raw_.data());
  return std::string(kUntrusted) + std::string(untrusted_comment) + "\n" + to_base64(line) + "\n" +
         std::string(kTrusted) + std::string(trusted_comment) + "\n" + to_base64(global) + "\n";
}

// ---- Signature

Result<Signature> Signature::parse(std::string_view text, std::string_view file) {
  if (text.size() > kLongestFile) return malformed(file, "it is too long");
  const auto lines = lines_of(text);
  if (lines.size() != 4 || !lines[0].starts_with(kUntrusted) || !lines[2].starts_with(kTrusted))
    return malformed(file,
                     "a signature is a comment, a line of base64, a trusted comment, and another "
                     "line of base64");
  if (lines[2].size() > kLongestComment) return malformed(file, "its trusted comment is too long");
  const Bytes data = from_base64(lines[1], 2 + 8 + 64);
  const Bytes global = from_base64(lines[3], 64);
  if (data.empty() || global.empty() || data[0] != 'E' || (data[1] != 'd' && data[1] != 'D'))
    return malformed(file, "its base64 is no Ed25519 signature");
  KeyId::Raw id;
  std::copy_n(data.begin() + 2, id.size(), id.begin());
  Signature out{std::string(file), KeyId(id)};
  out.prehashed_ = data[1] == 'D';
  std::copy_n(data.begin() + 10, 64, out.signature_.begin());
  out.trusted_comment_ = lines[2].substr(kTrusted.size());
  std::ranges::copy(global, out.global_signature_.begin());
  return out;
}

Result<void> Signature::verify(const PublicKey& key, ByteView data) const {
  if (key.id() != key_id_)
    return fail(ErrorKind::kRefused,
                file_ + " is a signature of key " + key_id_.text() + ", not of " + key.id().text());
  const auto hash = prehashed_ ? blake2b(data) : std::array<std::uint8_t, 64>{};
  const ByteView message = prehashed_ ? ByteView(hash) : data;
  if (crypto_sign_verify_detached(signature_.data(), message.data(), message.size(),
                                  key.raw().data()) != 0)
    return fail(ErrorKind::kCorrupt,
                file_ + " does not fit the file it is for: one of them was changed");
  Bytes all(signature_.begin(), signature_.end());
  append(all, view(trusted_comment_));
  if (crypto_sign_verify_detached(global_signature_.data(), all.data(), all.size(),
                                  key.raw().data()) != 0)
    return fail(ErrorKind::kCorrupt, "the trusted comment of " + file_ + " was changed");
  return {};
}

}  // namespace pylon::compose
