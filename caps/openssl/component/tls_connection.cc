// One connection: OpenSSL between two ends that are bytes.
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <cstring>

#include "problem.hh"
#include "tls_context.hh"
#include "tls_keys.hh"
#include "tls_window.hh"

namespace cap::tls {

namespace {

using Span = std::span<const std::uint8_t>;

constexpr std::size_t kRecord = 16 * 1024;
constexpr unsigned char kSessionContext[] = {'P', 'y', 't', 'h', 'o', 'n'};

class Session final : public session {
 public:
  explicit Session(SSL_SESSION* kept) : session_(kept) {}

  SSL_SESSION* get() const { return session_.get(); }

  bytes id() override {
    unsigned size = 0;
    const unsigned char* data = SSL_SESSION_get_id(get(), &size);
    bytes out;
    out.append({data, size});
    return out;
  }
  std::int64_t time() override { return SSL_SESSION_get_time_ex(get()); }
  std::int64_t timeout() override { return SSL_SESSION_get_timeout(get()); }
  std::uint64_t ticket_lifetime() override { return SSL_SESSION_get_ticket_lifetime_hint(get()); }
  bool has_ticket() override { return SSL_SESSION_has_ticket(get()); }
  bytes to_der() override {
    bytes out;
    const int size = i2d_SSL_SESSION(get(), nullptr);
    if (size <= 0) return out;
    out.resize(static_cast<std::size_t>(size));
    unsigned char* end = out.data();
    i2d_SSL_SESSION(get(), &end);
    return out;
  }

 private:
  Handle<SSL_SESSION, SSL_SESSION_free> session_;
};

class Connection final : public connection {
 public:
  Connection(SSL* ssl, bool server, Keys::Side keys)
      : ssl_(ssl), server_(server), keys_(keys, ssl) {
    SSL_set_app_data(ssl, this);
    BIO* bio = window_bio(&window_);
    SSL_set_bio(ssl, bio, bio);
    server ? SSL_set_accept_state(ssl) : SSL_set_connect_state(ssl);
    if (keys == Keys::Side::none) return;
    window_.inspector = &keys_;
    window_.inspect = [](void* self, Span header, Span body) {
      return static_cast<Keys*>(self)->inspect(header, body);
    };
  }

  // A connection that is dropped without a goodbye does not spoil its session for later ones.
  ~Connection() override {
    SSL_set_shutdown(ssl_.get(), SSL_get_shutdown(ssl_.get()) | SSL_SENT_SHUTDOWN);
  }

  answer handshake(Span incoming, bool ended) override {
    return step(incoming, ended, [&](answer&) {
      const int newest = static_cast<int>(SSL_get_max_proto_version(ssl_.get()));
      if (!keys_.before_hello(newest == 0 || newest >= TLS1_3_VERSION)) return -1;
      return SSL_do_handshake(ssl_.get());
    });
  }

  answer read(Span incoming, bool ended, std::uint32_t limit) override {
    return step(incoming, ended, [&](answer& out) {
      const std::size_t room = std::min<std::size_t>(limit, kRecord);
      std::size_t count = 0;
      if (!out.data.try_resize(room)) return fail_for_memory();
      const int done = SSL_read_ex(ssl_.get(), out.data.data(), room, &count);
      out.data.resize(count);
      return done;
    });
  }

  answer write(Span data, Span incoming, bool ended) override {
    return step(incoming, ended, [&](answer&) {
      std::size_t count = 0;
      return SSL_write_ex(ssl_.get(), data.data(), data.size(), &count);
    });
  }

  answer shutdown(Span incoming, bool ended) override {
    return step(incoming, ended, [&](answer&) {
      int done = SSL_shutdown(ssl_.get());
      if (done == 0 && !said_goodbye_) {
        said_goodbye_ = true;
        done = SSL_shutdown(ssl_.get());
      }
      return done == 0 ? 1 : done;
    });
  }

  answer request_certificate() override {
    return step({}, false, [&](answer&) { return SSL_verify_client_post_handshake(ssl_.get()); });
  }

  void set_context(context& other) override {
    SSL_set_SSL_CTX(ssl_.get(), static_cast<Context&>(other).get());
  }

  result<void, error::problem> set_session(tls::session& session) override {
    if (SSL_set_session(ssl_.get(), static_cast<Session&>(session).get())) return {};
    return err(last_problem());
  }

  std::optional<std::unique_ptr<tls::session>> session() override {
    SSL_SESSION* kept = SSL_get1_session(ssl_.get());
    if (!kept) return std::nullopt;
    return std::make_unique<Session>(kept);
  }

  connection_description describe() override;
  std::optional<std::vector<cipher>> shared_ciphers() override;

  std::optional<bytes> peer_certificate() override {
    const X509* certificate = SSL_get0_peer_certificate(ssl_.get());
    if (!certificate) return std::nullopt;
    return der_of(certificate);
  }

  std::optional<std::vector<bytes>> peer_chain() override {
    const STACK_OF(X509)* chain = SSL_get_peer_cert_chain(ssl_.get());
    const X509* own = server_ ? SSL_get0_peer_certificate(ssl_.get()) : nullptr;
    if (!chain && !own) return std::nullopt;
    std::vector<bytes> out;
    if (own) out.push_back(der_of(own));
    add(chain, out);
    return out;
  }

  std::optional<std::vector<bytes>> verified_chain() override {
    const STACK_OF(X509)* chain = SSL_get0_verified_chain(ssl_.get());
    if (!chain) return std::nullopt;
    std::vector<bytes> out;
    add(chain, out);
    return out;
  }

  bytes channel_binding() override {
    unsigned char finished[EVP_MAX_MD_SIZE];
    // Whose "finished" message was the first.
    const bool own = static_cast<bool>(SSL_session_reused(ssl_.get())) == server_;
    const std::size_t size = own ? SSL_get_finished(ssl_.get(), finished, sizeof(finished))
                                 : SSL_get_peer_finished(ssl_.get(), finished, sizeof(finished));
    bytes out;
    out.append({finished, std::min(size, sizeof(finished))});
    return out;
  }

  std::optional<std::string> client_hello_name() override { return hello_name_; }

  void client_hello_answer(std::optional<std::uint8_t> alert) override {
    hello_ = Hello::answered;
    alert_ = alert;
  }

  std::optional<bytes> key_request() override {
    if (!keys_.request()) return std::nullopt;
    bytes out;
    out.append(*keys_.request());
    return out;
  }

  void pre_shared_key(Span identity, std::optional<Span> key) override {
    keys_.answer(identity, key);
  }

  Keys& keys() { return keys_; }
  void note(event noted) { events_.push_back(std::move(noted)); }
  int client_hello(int* alert);

 private:
  enum class Hello { unseen, stopped, answered };

  template <typename Function>
  answer step(Span incoming, bool ended, Function&& function);
  void conclude(answer& out, int done);

  static int fail_for_memory() {
    ERR_raise(ERR_LIB_SSL, ERR_R_MALLOC_FAILURE);
    return -1;
  }

  static void add(const STACK_OF(X509) * chain, std::vector<bytes>& out) {
    for (int i = 0; i < sk_X509_num(chain); ++i) out.push_back(der_of(sk_X509_value(chain, i)));
  }

  Window window_;
  Handle<SSL, SSL_free> ssl_;
  bool server_;
  bool said_goodbye_ = false;
  Hello hello_ = Hello::unseen;
  std::optional<std::string> hello_name_;
  std::optional<std::uint8_t> alert_;
  Keys keys_;
  std::vector<event> events_;
};

/// One call of OpenSSL: offers it the peer's bytes and collects what came of it.
template <typename Function>
answer Connection::step(Span incoming, bool ended, Function&& function) {
  answer out{};
  window_.incoming = incoming;
  window_.ended = ended;
  window_.wanted = 0;
  ERR_clear_error();
  const int done = function(out);
  conclude(out, done);
  ERR_clear_error();
  out.taken = static_cast<std::uint32_t>(incoming.size() - window_.incoming.size());
  window_.incoming = {};
  out.outgoing.swap(window_.outgoing);
  out.events.swap(events_);
  out.wanted = static_cast<std::uint32_t>(window_.wanted);
  out.pending = static_cast<std::uint32_t>(SSL_pending(ssl_.get()));
  out.established = SSL_is_init_finished(ssl_.get());
  return out;
}

void Connection::conclude(answer& out, int done) {
  if (done > 0) return;
  if (keys_.wanted()) {
    out.status = status::key_wanted;
    return;
  }
  const int why = SSL_get_error(ssl_.get(), done);
  const unsigned long code = ERR_peek_last_error();
  switch (why) {
    case SSL_ERROR_WANT_READ:
      out.status = status::wants_input;
      return;
    case SSL_ERROR_ZERO_RETURN:
      out.status = status::closed;
      return;
    case SSL_ERROR_WANT_CLIENT_HELLO_CB:
      out.status = status::client_hello;
      return;
    default:
      break;
  }
  const bool torn = ERR_GET_LIB(code) == ERR_LIB_SSL &&
                    ERR_GET_REASON(code) == SSL_R_UNEXPECTED_EOF_WHILE_READING;
  out.status = torn || (why == SSL_ERROR_SYSCALL && code == 0) ? status::broken : status::failed;
  out.problem = last_problem();
  out.verification = SSL_get_verify_result(ssl_.get());
}

connection_description Connection::describe() {
  connection_description out{};
  SSL* ssl = ssl_.get();
  out.version = SSL_get_version(ssl);
  if (const SSL_CIPHER* suite = SSL_get_current_cipher(ssl)) out.cipher = described(suite);
  const unsigned char* protocol = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(ssl, &protocol, &size);
  if (protocol) out.application_protocol.emplace().append({protocol, size});
  out.session_reused = SSL_session_reused(ssl);
  if (const char* name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name)) out.server_name = name;
  if (SSL_is_init_finished(ssl))
    if (const char* group = SSL_get0_group_name(ssl)) out.group = group;
  return out;
}

std::optional<std::vector<cipher>> Connection::shared_ciphers() {
  const STACK_OF(SSL_CIPHER)* theirs = SSL_get_client_ciphers(ssl_.get());
  if (!server_ || !theirs) return std::nullopt;
  STACK_OF(SSL_CIPHER)* ours = SSL_get_ciphers(ssl_.get());
  std::vector<cipher> out;
  for (int i = 0; i < sk_SSL_CIPHER_num(theirs); ++i) {
    const SSL_CIPHER* suite = sk_SSL_CIPHER_value(theirs, i);
    if (sk_SSL_CIPHER_find(ours, suite) >= 0) out.push_back(described(suite));
  }
  return out;
}

/// The host name of a client hello, which can be had while it is looked at only.
std::optional<std::string> asked_name(SSL* ssl) {
  const unsigned char* data = nullptr;
  std::size_t size = 0;
  constexpr std::size_t kBeforeName = 5;  // the lengths of the list and of the name, and its kind
  if (!SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_server_name, &data, &size) ||
      size <= kBeforeName || data[2] != TLSEXT_NAMETYPE_host_name)
    return std::nullopt;
  const std::size_t length = std::size_t{data[3]} << 8 | data[4];
  if (length > size - kBeforeName || length > TLSEXT_MAXLEN_host_name) return std::nullopt;
  const std::string_view name(reinterpret_cast<const char*>(data) + kBeforeName, length);
  const bool plain = std::ranges::all_of(name, [](char c) { return c > 0x20 && c < 0x7f; });
  return plain ? std::optional<std::string>(name) : std::nullopt;
}

int Connection::client_hello(int* alert) {
  if (hello_ != Hello::answered && policy_of(SSL_get_SSL_CTX(ssl_.get())).client_hello_stops) {
    hello_ = Hello::stopped;
    hello_name_ = asked_name(ssl_.get());
    return SSL_CLIENT_HELLO_RETRY;
  }
  if (alert_) {
    *alert = *alert_;
    return SSL_CLIENT_HELLO_ERROR;
  }
  return keys_.inspect_hello() ? SSL_CLIENT_HELLO_SUCCESS : SSL_CLIENT_HELLO_RETRY;
}

Connection& of(const SSL* ssl) {
  return *static_cast<Connection*>(SSL_get_app_data(ssl));
}

}  // namespace

int stop_at_client_hello(SSL* ssl, int* alert, void*) {
  return of(ssl).client_hello(alert);
}

void log_secret(const SSL* ssl, const char* line) {
  of(ssl).note({event::secret{line}});
}

void note_message(int sent, int version, int content_type, const void* data, std::size_t size,
                  SSL* ssl, void*) {
  const auto* octets = static_cast<const std::uint8_t*>(data);
  message noted{sent != 0, version, content_type, -1, {}};
  if (content_type == SSL3_RT_CHANGE_CIPHER_SPEC) {
    noted.message_type = SSL3_MT_CHANGE_CIPHER_SPEC;
  } else if (content_type == SSL3_RT_HEADER && size >= SSL3_RT_HEADER_LENGTH) {
    noted.version = octets[1] << 8 | octets[2];
    noted.message_type = octets[0];
  } else if (content_type == SSL3_RT_ALERT && size >= 2) {
    noted.message_type = octets[1];
  } else if ((content_type == SSL3_RT_HANDSHAKE || content_type == SSL3_RT_INNER_CONTENT_TYPE) &&
             size >= 1) {
    noted.message_type = octets[0];
  }
  noted.data.append({octets, size});
  of(ssl).note({event::message{std::move(noted)}});
}

unsigned client_key(SSL* ssl, const char*, char* identity, unsigned identity_size,
                    unsigned char* key, unsigned key_size) {
  return of(ssl).keys().client(identity, identity_size, key, key_size);
}

unsigned server_key(SSL* ssl, const char* identity, unsigned char* key, unsigned key_size) {
  return of(ssl).keys().server(identity, key, key_size);
}

result<std::unique_ptr<connection>, error::problem> connection_open(
    context& shared, bool server, std::optional<std::string_view> server_name,
    std::optional<std::tuple<name_kind, std::string_view>> peer) {
  SSL_CTX* ctx = static_cast<Context&>(shared).get();
  SSL* ssl = SSL_new(ctx);
  if (!ssl) return err(last_problem());
  const Policy& policy = policy_of(ctx);
  const Keys::Side keys = server && policy.server_keys    ? Keys::Side::server
                          : !server && policy.client_keys ? Keys::Side::client
                                                          : Keys::Side::none;
  auto made = std::make_unique<Connection>(ssl, server, keys);
  if (server_name && !SSL_set_tlsext_host_name(ssl, std::string(*server_name).c_str()))
    return err(last_problem());
  if (peer) {
    const auto& [kind, name] = *peer;
    X509_VERIFY_PARAM* parameters = SSL_get0_param(ssl);
    const bool set = kind == name_kind::host
                         ? X509_VERIFY_PARAM_set1_host(parameters, name.data(), name.size())
                         : X509_VERIFY_PARAM_set1_ip_asc(parameters, std::string(name).c_str());
    if (!set) return err(last_problem());
  }
  // A server's sessions are its own; a client that has a context of sessions cannot use shared keys
  // in TLS 1.3.
  if (server && !SSL_set_session_id_context(ssl, kSessionContext, sizeof(kSessionContext)))
    return err(last_problem());
  if (server && policy.asks_later)
    SSL_set_verify(ssl, SSL_get_verify_mode(ssl) | SSL_VERIFY_POST_HANDSHAKE, nullptr);
  return std::unique_ptr<connection>(std::move(made));
}

std::string verification_message(std::int64_t code) {
  return X509_verify_cert_error_string(static_cast<long>(code));
}

}  // namespace cap::tls
