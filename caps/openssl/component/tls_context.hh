// What connections have in common.
#pragma once

#include <openssl/ssl.h>

#include <map>
#include <string>

#include "openssl_cap.hh"
#include "owned.hh"

namespace cap::tls {

/// What OpenSSL's callbacks need to know. It lives as long as the SSL_CTX, which connections keep.
struct Policy {
  bool client_hello_stops = false;
  /// A server asks for the client's certificate after the handshake, not in it.
  bool asks_later = false;
  bool client_keys = false, server_keys = false;
  bytes application_protocols;
  unsigned host_flags = 0;
  /// Files of a folder of authorities that have not been read yet.
  std::map<std::string, bytes, std::less<>> folder;
  /// The component's own authorities are trusted, and have not all been read yet.
  bool own_authorities = false;
};

Policy& policy_of(const SSL_CTX* context);

class Context final : public context {
 public:
  explicit Context(SSL_CTX* made) : context_(made) {}

  SSL_CTX* get() const { return context_.get(); }

  std::int64_t get(setting what) override;
  result<void, error::problem> set(setting what, std::int64_t value) override;
  result<void, error::problem> set_ciphers(std::string_view ciphers) override;
  std::vector<cipher> ciphers() override;
  result<void, error::problem> set_groups(std::string_view groups) override;
  result<void, error::problem> set_application_protocols(
      std::span<const std::uint8_t> protocols) override;
  result<loaded, error::problem> load_certificate(
      std::span<const std::uint8_t> chain, std::span<const std::uint8_t> key,
      std::optional<std::span<const std::uint8_t>> password) override;
  result<void, error::problem> load_parameters(std::span<const std::uint8_t> pem) override;
  result<std::uint32_t, error::problem> trust(std::span<const std::uint8_t> data,
                                              encoding encoding) override;
  void trust_folder(
      std::span<const std::tuple<std::string_view, std::span<const std::uint8_t>>> files) override;
  void trust_own() override;
  std::vector<bytes> authorities() override;
  tls::store_statistics store_statistics() override;
  tls::session_statistics session_statistics() override;
  result<void, error::problem> set_key_hint(std::optional<std::string_view> hint) override;

 private:
  /// What the store holds, with all of its own authorities.
  STACK_OF(X509_OBJECT) * trusted();

  Handle<SSL_CTX, SSL_CTX_free> context_;
};

/// A cipher suite as the contract describes it.
cipher described(const SSL_CIPHER* suite);

/// Callbacks that hand the connection's secrets, messages and stops out (tls_connection.cc).
void log_secret(const SSL* ssl, const char* line);
void note_message(int sent, int version, int content_type, const void* data, std::size_t size,
                  SSL* ssl, void*);
int stop_at_client_hello(SSL* ssl, int* alert, void*);
unsigned client_key(SSL* ssl, const char* hint, char* identity, unsigned identity_size,
                    unsigned char* key, unsigned key_size);
unsigned server_key(SSL* ssl, const char* identity, unsigned char* key, unsigned key_size);

}  // namespace cap::tls
