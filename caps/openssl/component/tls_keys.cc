#include "tls_keys.hh"

#include <algorithm>
#include <cstring>

namespace cap::tls {

namespace {

using Bytes = std::span<const std::uint8_t>;

constexpr std::size_t kMessageHeader = 4;
constexpr std::size_t kLongestMessage = 1 << 16;
constexpr std::size_t kMostKeys = 64;  // that one peer may make us look for

std::string_view text(Bytes data) {
  return {reinterpret_cast<const char*>(data.data()), data.size()};
}

/// A list of bytes after its length in `width` bytes, taken from the front; empty if it is not all
/// there.
Bytes take_list(Bytes& data, std::size_t width) {
  std::size_t size = 0;
  if (data.size() < width) return data = {};
  for (std::size_t i = 0; i < width; ++i) size = size << 8 | data[i];
  if (size > data.size() - width) return data = {};
  const Bytes list = data.subspan(width, size);
  data = data.subspan(width + size);
  return list;
}

/// Whether a suite exchanges keys with the help of a pre-shared one (up to TLS 1.2).
bool uses_keys(const SSL_CIPHER* suite) {
  const int exchange = suite ? SSL_CIPHER_get_kx_nid(suite) : NID_undef;
  return exchange == NID_kx_psk || exchange == NID_kx_rsa_psk || exchange == NID_kx_ecdhe_psk ||
         exchange == NID_kx_dhe_psk;
}

/// The suite that a server hello names.
const SSL_CIPHER* suite_of(SSL* ssl, Bytes hello) {
  constexpr std::size_t kBeforeSession = 2 + 32;
  if (hello.size() < kBeforeSession) return nullptr;
  Bytes rest = hello.subspan(kBeforeSession);
  take_list(rest, 1);
  return rest.size() < 2 ? nullptr : SSL_CIPHER_find(ssl, rest.data());
}

unsigned give(const std::optional<std::string>& key, unsigned char* out, unsigned room) {
  if (!key || key->size() > room) return 0;
  std::memcpy(out, key->data(), key->size());
  return static_cast<unsigned>(key->size());
}

}  // namespace

bool Keys::inspect(Bytes header, Bytes body) {
  if (side_ == Side::none || header[0] != SSL3_RT_HANDSHAKE) return true;
  if (!wanted_ && !asked_) {
    const std::size_t before = partial_.size();
    partial_.append(text(body));
    while (partial_.size() >= kMessageHeader && !wanted_) {
      const Bytes all{reinterpret_cast<const std::uint8_t*>(partial_.data()), partial_.size()};
      const std::size_t size = std::size_t{all[1]} << 16 | std::size_t{all[2]} << 8 | all[3];
      if (size > kLongestMessage || size > all.size() - kMessageHeader) break;
      take(all[0], all.subspan(kMessageHeader, size));
      if (!wanted_) partial_.erase(0, kMessageHeader + size);
    }
    if (wanted_ || partial_.size() > 2 * kLongestMessage)
      partial_.resize(std::min(before, partial_.size()));
  }
  return !wanted_;
}

void Keys::take(std::uint8_t type, Bytes message) {
  if (side_ == Side::client && type == SSL3_MT_SERVER_HELLO)
    in_use_ = uses_keys(suite_of(ssl_, message));
  if (side_ == Side::client && in_use_) {
    if (type == SSL3_MT_SERVER_KEY_EXCHANGE) {
      const Bytes hint = take_list(message, 2);
      if (!hint.empty()) hint_.emplace().append(hint);
    }
    if (type == SSL3_MT_SERVER_DONE) want(hint_ ? std::optional<Bytes>(*hint_) : std::nullopt);
  }
  if (side_ == Side::server && type == SSL3_MT_CLIENT_KEY_EXCHANGE &&
      uses_keys(SSL_get_pending_cipher(ssl_)))
    known(take_list(message, 2));
}

void Keys::want(std::optional<Bytes> request) {
  wanted_ = true;
  request_.reset();
  if (request) request_.emplace().append(*request);
}

bool Keys::known(Bytes identity) {
  if (identity.size() > PSK_MAX_IDENTITY_LEN || keys_.size() >= kMostKeys ||
      keys_.contains(text(identity)))
    return true;
  want(identity);
  return false;
}

bool Keys::before_hello(bool may_use_tls1_3) {
  if (side_ != Side::client || greeted_ || !may_use_tls1_3) return true;
  greeting_ = true;
  want(std::nullopt);
  return false;
}

bool Keys::inspect_hello() {
  const unsigned char* data = nullptr;
  std::size_t size = 0;
  if (side_ != Side::server || !SSL_client_hello_get0_ext(ssl_, TLSEXT_TYPE_psk, &data, &size))
    return true;
  Bytes extension{data, size};
  Bytes identities = take_list(extension, 2);
  constexpr std::size_t kAge = 4;
  while (!identities.empty()) {
    const Bytes identity = take_list(identities, 2);
    if (!known(identity)) return false;
    identities = identities.subspan(std::min(kAge, identities.size()));
  }
  return true;
}

void Keys::answer(Bytes identity, std::optional<Bytes> key) {
  const Key kept = key ? Key(text(*key)) : Key();
  if (side_ == Side::server) {
    keys_.insert_or_assign(std::string(text(identity)), kept);
  } else {
    (greeting_ ? greeted_ : asked_) = true;
    greeting_ = false;
    identity_ = text(identity);
    key_ = kept;
  }
  wanted_ = false;
}

unsigned Keys::client(char* identity, unsigned identity_size, unsigned char* key,
                      unsigned key_size) const {
  if (!key_ || identity_.size() >= identity_size) return 0;
  std::memcpy(identity, identity_.c_str(), identity_.size() + 1);
  return give(key_, key, key_size);
}

unsigned Keys::server(const char* identity, unsigned char* key, unsigned key_size) const {
  const auto found = keys_.find(std::string_view(identity));
  return found == keys_.end() ? 0 : give(found->second, key, key_size);
}

}  // namespace cap::tls
