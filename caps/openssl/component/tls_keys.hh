// Pre-shared keys: what a handshake asks for, found in the peer's messages before OpenSSL reads
// them, because OpenSSL wants the answer at once.
#pragma once

#include <openssl/ssl.h>

#include <map>
#include <optional>
#include <span>
#include <string>

#include "cap.hh"

namespace cap::tls {

class Keys {
 public:
  /// Which side asks for keys, if any.
  enum class Side { none, client, server };

  Keys(Side side, SSL* ssl) : side_(side), ssl_(ssl) {}

  /// Reads a record that is about to be given to OpenSSL. False: a key is wanted first.
  bool inspect(std::span<const std::uint8_t> header, std::span<const std::uint8_t> body);
  /// A client that may use TLS 1.3 names its key in the first message. False: it is wanted first.
  bool before_hello(bool may_use_tls1_3);
  /// A server's look at the identities of a client hello. False: a key is wanted first.
  bool inspect_hello();

  void answer(std::span<const std::uint8_t> identity,
              std::optional<std::span<const std::uint8_t>> key);

  bool wanted() const { return wanted_; }
  const std::optional<bytes>& request() const { return request_; }

  /// For OpenSSL's callbacks: the size of the key, 0 if there is none.
  unsigned client(char* identity, unsigned identity_size, unsigned char* key,
                  unsigned key_size) const;
  unsigned server(const char* identity, unsigned char* key, unsigned key_size) const;

 private:
  using Key = std::optional<std::string>;

  void take(std::uint8_t type, std::span<const std::uint8_t> message);
  void want(std::optional<std::span<const std::uint8_t>> request);
  /// Asks for the key of an identity, once. False: it is wanted first.
  bool known(std::span<const std::uint8_t> identity);

  Side side_;
  SSL* ssl_;
  bool wanted_ = false;
  bool greeting_ = false;  ///< what is wanted is for the first message
  bool greeted_ = false;   ///< a client has its key for the first message
  bool asked_ = false;     ///< a client has its key for its key exchange

  std::optional<bytes> request_;
  std::string partial_;  ///< handshake messages that are not complete yet
  bool in_use_ = false;  ///< the suite that was agreed on needs a key
  std::optional<bytes> hint_;
  std::string identity_;  ///< a client's
  Key key_;
  std::map<std::string, Key, std::less<>> keys_;  ///< a server's, by identity
};

}  // namespace cap::tls
