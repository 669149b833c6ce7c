#include "tls_context.hh"

#include <openssl/core_names.h>
#include <openssl/decoder.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <cstring>
#include <utility>

#include "authorities.hh"
#include "problem.hh"
#include "token_key.hh"

namespace cap::tls {

namespace {

// Without forward secrecy or authentication, with old ciphers or MACs: none of these, unless they
// are asked for.
constexpr char kCiphers[] =
    "@SECLEVEL=2:ECDH+AESGCM:ECDH+CHACHA20:ECDH+AES:DHE+AES:!aNULL:!eNULL:!aDSS:!SHA1:!AESCCM";

void free_policy(void*, void* policy, CRYPTO_EX_DATA*, int, long, void*) {
  delete static_cast<Policy*>(policy);
}

int policy_index() {
  static const int index =
      CRYPTO_get_ex_new_index(CRYPTO_EX_INDEX_SSL_CTX, 0, nullptr, nullptr, nullptr, free_policy);
  return index;
}

// The methods of one version are OpenSSL's own names for what PROTOCOL_TLSv1 and the like promise.
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wdeprecated-declarations"
const SSL_METHOD* method_of(method which) {
  switch (which) {
    case method::any:
      return TLS_method();
    case method::client:
      return TLS_client_method();
    case method::server:
      return TLS_server_method();
    case method::tls1:
      return TLSv1_method();
    case method::tls1_1:
      return TLSv1_1_method();
    case method::tls1_2:
      return TLSv1_2_method();
  }
  return nullptr;
}
#pragma clang diagnostic pop

int select_protocol(SSL* ssl, const unsigned char** out, unsigned char* out_size,
                    const unsigned char* offered, unsigned offered_size, void*) {
  const bytes& ours = policy_of(SSL_get_SSL_CTX(ssl)).application_protocols;
  if (ours.empty()) return SSL_TLSEXT_ERR_NOACK;
  const int chosen =
      SSL_select_next_proto(const_cast<unsigned char**>(out), out_size, ours.data(),
                            static_cast<unsigned>(ours.size()), offered, offered_size);
  return chosen == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
}

/// The entries of the folder that may hold what has this subject, `<hash>.<number>`.
template <typename Visit>
void visit_folder(Policy& policy, const X509_NAME* name, const char* infix, Visit&& visit) {
  char key[32];
  const unsigned long hash = X509_NAME_hash_ex(name, nullptr, nullptr, nullptr);
  std::snprintf(key, sizeof(key), "%08lx.%s", hash, infix);
  const std::size_t length = std::strlen(key);
  for (auto at = policy.folder.lower_bound(std::string_view(key));
       at != policy.folder.end() && at->first.starts_with(key);) {
    const bool digits = at->first.find_first_not_of("0123456789", length) == std::string::npos;
    if (!digits) {
      ++at;
      continue;
    }
    visit(at->second);
    at = policy.folder.erase(at);
  }
}

int look_up(X509_LOOKUP* lookup, X509_LOOKUP_TYPE type, const X509_NAME* name, X509_OBJECT* out) {
  X509_STORE* store = X509_LOOKUP_get_store(lookup);
  auto& policy = *static_cast<Policy*>(X509_LOOKUP_get_method_data(lookup));
  int found = 0;
  ERR_set_mark();
  if (type == X509_LU_X509) {
    if (policy.own_authorities)
      for (const OwnedCertificate& certificate : own_authorities(name))
        if (X509_STORE_add_cert(store, certificate.get()) && !found)
          found = X509_OBJECT_set1_X509(out, certificate.get());
    visit_folder(policy, name, "", [&](const bytes& file) {
      const OwnedBio bio = reader(file);
      OwnedCertificate certificate(PEM_read_bio_X509_AUX(bio.get(), nullptr, nullptr, nullptr));
      if (!certificate || !X509_STORE_add_cert(store, certificate.get())) return;
      if (!found && X509_NAME_cmp(X509_get_subject_name(certificate.get()), name) == 0)
        found = X509_OBJECT_set1_X509(out, certificate.get());
    });
  } else if (type == X509_LU_CRL) {
    visit_folder(policy, name, "r", [&](const bytes& file) {
      const OwnedBio bio = reader(file);
      Handle<X509_CRL, X509_CRL_free> list(
          PEM_read_bio_X509_CRL(bio.get(), nullptr, nullptr, nullptr));
      if (!list || !X509_STORE_add_crl(store, list.get())) return;
      if (!found && X509_NAME_cmp(X509_CRL_get_issuer(list.get()), name) == 0)
        found = X509_OBJECT_set1_X509_CRL(out, list.get());
    });
  }
  ERR_pop_to_mark();
  return found;
}

X509_LOOKUP_METHOD* folder_method() {
  static X509_LOOKUP_METHOD* made = [] {
    X509_LOOKUP_METHOD* method = X509_LOOKUP_meth_new("folder of authorities");
    X509_LOOKUP_meth_set_get_by_subject(method, look_up);
    return method;
  }();
  return made;
}

/// Sets exactly these flags.
result<void, error::problem> set_options(SSL_CTX* context, std::uint64_t wanted) {
  const std::uint64_t now = SSL_CTX_get_options(context);
  SSL_CTX_clear_options(context, now & ~wanted);
  SSL_CTX_set_options(context, wanted & ~now);
  return {};
}

result<void, error::problem> set_verify_flags(SSL_CTX* context, unsigned long wanted) {
  X509_VERIFY_PARAM* parameters = SSL_CTX_get0_param(context);
  const unsigned long now = X509_VERIFY_PARAM_get_flags(parameters);
  if (!X509_VERIFY_PARAM_clear_flags(parameters, now & ~wanted) ||
      !X509_VERIFY_PARAM_set_flags(parameters, wanted & ~now))
    return err(last_problem());
  return {};
}

void set_host_flags(SSL_CTX* context, unsigned flags) {
  policy_of(context).host_flags = flags;
  X509_VERIFY_PARAM_set_hostflags(SSL_CTX_get0_param(context), flags);
}

result<void, error::problem> checked(long done) {
  if (done > 0) return {};
  return err(last_problem());
}

struct Password {
  std::optional<std::span<const std::uint8_t>> text;
  bool missing = false;
  std::string refusal;  // what a token says that has the key
};

int give_password(char* out, int size, int, void* data) {
  auto& password = *static_cast<Password*>(data);
  if (!password.text) {
    password.missing = true;
    return -1;
  }
  if (password.text->size() > static_cast<std::size_t>(size)) return -1;
  std::memcpy(out, password.text->data(), password.text->size());
  return static_cast<int>(password.text->size());
}

/// OpenSSL's own readers of files say it like this.
bool fail_reading() {
  ERR_raise(ERR_LIB_SSL, ERR_R_PEM_LIB);
  return false;
}

bool use_chain(SSL_CTX* context, std::span<const std::uint8_t> pem, Password& password) {
  const OwnedBio bio = reader(pem);
  const OwnedCertificate first(PEM_read_bio_X509_AUX(bio.get(), nullptr, give_password, &password));
  if (!first) return fail_reading();
  if (!SSL_CTX_use_certificate(context, first.get()) || !SSL_CTX_clear_chain_certs(context))
    return false;
  while (X509* next = PEM_read_bio_X509(bio.get(), nullptr, give_password, &password)) {
    if (SSL_CTX_add0_chain_cert(context, next)) continue;
    X509_free(next);
    return false;
  }
  const unsigned long code = ERR_peek_last_error();
  if (ERR_GET_LIB(code) != ERR_LIB_PEM || ERR_GET_REASON(code) != PEM_R_NO_START_LINE) return false;
  ERR_clear_error();
  return true;
}

OwnedKey read_key(std::span<const std::uint8_t> pem, Password& password) {
  const OwnedBio bio = reader(pem);
  OwnedKey key(PEM_read_bio_PrivateKey(bio.get(), nullptr, give_password, &password));
  if (!key) fail_reading();
  return key;
}

OwnedKey key_of_token(SSL_CTX* context, std::span<const std::uint8_t> uri, Password& password) {
  auto key = token_key(uri, password.text, SSL_CTX_get0_certificate(context));
  if (key) return std::move(*key);
  password.missing = key.error().code == kPinMissing;
  password.refusal = key.error().text;
  return nullptr;
}

bool use_key(SSL_CTX* context, std::span<const std::uint8_t> text, Password& password) {
  const OwnedKey key =
      is_token_uri(text) ? key_of_token(context, text, password) : read_key(text, password);
  if (!key) return false;
  return SSL_CTX_use_PrivateKey(context, key.get()) && SSL_CTX_check_private_key(context);
}

result<std::uint32_t, error::problem> trust_pem(X509_STORE* store,
                                                std::span<const std::uint8_t> data) {
  const OwnedBio bio = reader(data);
  STACK_OF(X509_INFO)* infos = PEM_X509_INFO_read_bio(bio.get(), nullptr, nullptr, nullptr);
  if (!infos) {
    ERR_raise(ERR_LIB_X509, ERR_R_PEM_LIB);
    return err(last_problem());
  }
  std::uint32_t count = 0;
  bool good = true;
  for (int i = 0; i < sk_X509_INFO_num(infos); ++i) {
    const X509_INFO* info = sk_X509_INFO_value(infos, i);
    if (info->x509) good = good && X509_STORE_add_cert(store, info->x509) && ++count;
    if (info->crl) good = good && X509_STORE_add_crl(store, info->crl) && ++count;
  }
  sk_X509_INFO_pop_free(infos, X509_INFO_free);
  if (!good) return err(last_problem());
  return count;
}

result<std::uint32_t, error::problem> trust_der(X509_STORE* store,
                                                std::span<const std::uint8_t> data) {
  std::uint32_t count = 0;
  const unsigned char* at = data.data();
  const unsigned char* end = at + data.size();
  while (at < end) {
    const OwnedCertificate certificate(d2i_X509(nullptr, &at, end - at));
    if (!certificate || !X509_STORE_add_cert(store, certificate.get())) return err(last_problem());
    ++count;
  }
  return count;
}

/// A name of an algorithm, if there is one.
std::optional<std::string> name_of(int number) {
  if (number == NID_undef) return std::nullopt;
  const char* name = OBJ_nid2ln(number);
  return name ? std::optional<std::string>(name) : std::nullopt;
}

}  // namespace

Policy& policy_of(const SSL_CTX* context) {
  return *static_cast<Policy*>(SSL_CTX_get_ex_data(context, policy_index()));
}

cipher described(const SSL_CIPHER* suite) {
  char text[256] = "";
  SSL_CIPHER_description(suite, text, sizeof(text));
  cipher out{};
  out.id = SSL_CIPHER_get_id(suite);
  out.name = SSL_CIPHER_get_name(suite);
  out.protocol = SSL_CIPHER_get_version(suite);
  out.description = std::string_view(text).substr(0, std::string_view(text).find('\n'));
  out.strength_bits = SSL_CIPHER_get_bits(suite, &out.algorithm_bits);
  out.aead = SSL_CIPHER_is_aead(suite);
  out.symmetric = name_of(SSL_CIPHER_get_cipher_nid(suite));
  out.digest = name_of(SSL_CIPHER_get_digest_nid(suite));
  out.key_exchange = name_of(SSL_CIPHER_get_kx_nid(suite));
  out.authentication = name_of(SSL_CIPHER_get_auth_nid(suite));
  return out;
}

result<std::unique_ptr<context>, error::problem> context_open(method method) {
  SSL_CTX* made = SSL_CTX_new(method_of(method));
  if (!made) return err(last_problem());
  auto out = std::make_unique<Context>(made);
  auto policy = std::make_unique<Policy>();
  if (!SSL_CTX_set_ex_data(made, policy_index(), policy.get())) return err(last_problem());
  X509_LOOKUP* lookup = X509_STORE_add_lookup(SSL_CTX_get_cert_store(made), folder_method());
  if (!lookup || !X509_LOOKUP_set_method_data(lookup, policy.get())) return err(last_problem());
  policy.release();
  SSL_CTX_set_options(made, (SSL_OP_ALL & ~SSL_OP_DONT_INSERT_EMPTY_FRAGMENTS) | SSL_OP_NO_SSLv3 |
                                SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                                SSL_OP_SINGLE_DH_USE | SSL_OP_SINGLE_ECDH_USE);
  SSL_CTX_set_mode(
      made, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_AUTO_RETRY | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  const bool negotiates =
      method == method::any || method == method::client || method == method::server;
  if (!SSL_CTX_set_cipher_list(made, kCiphers) ||
      (negotiates && !SSL_CTX_set_min_proto_version(made, TLS1_2_VERSION)))
    return err(last_problem());
  X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(made), X509_V_FLAG_TRUSTED_FIRST);
  set_host_flags(made, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  SSL_CTX_set_post_handshake_auth(made, 0);
  SSL_CTX_set_alpn_select_cb(made, select_protocol, nullptr);
  SSL_CTX_set_client_hello_cb(made, stop_at_client_hello, nullptr);
  return std::unique_ptr<context>(std::move(out));
}

std::int64_t Context::get(setting what) {
  SSL_CTX* ctx = get();
  switch (what) {
    case setting::options:
      return static_cast<std::int64_t>(SSL_CTX_get_options(ctx));
    case setting::verify_mode:
      return SSL_CTX_get_verify_mode(ctx);
    case setting::verify_flags:
      return static_cast<std::int64_t>(X509_VERIFY_PARAM_get_flags(SSL_CTX_get0_param(ctx)));
    case setting::host_flags:
      return policy_of(ctx).host_flags;
    case setting::minimum_version:
      return SSL_CTX_get_min_proto_version(ctx);
    case setting::maximum_version:
      return SSL_CTX_get_max_proto_version(ctx);
    case setting::security_level:
      return SSL_CTX_get_security_level(ctx);
    case setting::tickets:
      return static_cast<std::int64_t>(SSL_CTX_get_num_tickets(ctx));
    case setting::client_hello_stops:
      return policy_of(ctx).client_hello_stops;
    default:
      return 0;
  }
}

result<void, error::problem> Context::set(setting what, std::int64_t value) {
  SSL_CTX* ctx = get();
  const auto flags = static_cast<unsigned>(value);
  switch (what) {
    case setting::options:
      return set_options(ctx, static_cast<std::uint64_t>(value));
    case setting::verify_mode:
      SSL_CTX_set_verify(ctx, static_cast<int>(value), nullptr);
      break;
    case setting::verify_flags:
      return set_verify_flags(ctx, flags);
    case setting::host_flags:
      set_host_flags(ctx, flags);
      break;
    case setting::minimum_version:
      return checked(SSL_CTX_set_min_proto_version(ctx, static_cast<int>(value)));
    case setting::maximum_version:
      return checked(SSL_CTX_set_max_proto_version(ctx, static_cast<int>(value)));
    case setting::security_level:
      SSL_CTX_set_security_level(ctx, static_cast<int>(value));
      break;
    case setting::tickets:
      return checked(SSL_CTX_set_num_tickets(ctx, flags));
    case setting::post_handshake_authentication:
      policy_of(ctx).asks_later = value != 0;
      SSL_CTX_set_post_handshake_auth(ctx, value != 0);
      break;
    case setting::client_hello_stops:
      policy_of(ctx).client_hello_stops = value != 0;
      break;
    case setting::key_log:
      SSL_CTX_set_keylog_callback(ctx, value ? log_secret : nullptr);
      break;
    case setting::messages:
      SSL_CTX_set_msg_callback(ctx, value ? note_message : nullptr);
      break;
    case setting::client_keys:
      policy_of(ctx).client_keys = value != 0;
      SSL_CTX_set_psk_client_callback(ctx, value ? client_key : nullptr);
      break;
    case setting::server_keys:
      policy_of(ctx).server_keys = value != 0;
      SSL_CTX_set_psk_server_callback(ctx, value ? server_key : nullptr);
      break;
  }
  return {};
}

result<void, error::problem> Context::set_ciphers(std::string_view ciphers) {
  return checked(SSL_CTX_set_cipher_list(get(), std::string(ciphers).c_str()));
}

std::vector<cipher> Context::ciphers() {
  std::vector<cipher> out;
  const STACK_OF(SSL_CIPHER)* suites = SSL_CTX_get_ciphers(get());
  for (int i = 0; i < sk_SSL_CIPHER_num(suites); ++i)
    out.push_back(described(sk_SSL_CIPHER_value(suites, i)));
  return out;
}

result<void, error::problem> Context::set_groups(std::string_view groups) {
  return checked(SSL_CTX_set1_groups_list(get(), std::string(groups).c_str()));
}

result<void, error::problem> Context::set_application_protocols(
    std::span<const std::uint8_t> protocols) {
  bytes& ours = policy_of(get()).application_protocols;
  ours.resize(0);
  ours.append(protocols);
  if (SSL_CTX_set_alpn_protos(get(), protocols.data(), static_cast<unsigned>(protocols.size())))
    return err(last_problem());
  return {};
}

result<loaded, error::problem> Context::load_certificate(
    std::span<const std::uint8_t> chain, std::span<const std::uint8_t> key,
    std::optional<std::span<const std::uint8_t>> password) {
  ERR_clear_error();
  Password asked{password};
  if (use_chain(get(), chain, asked) && use_key(get(), key, asked)) return loaded::done;
  if (!asked.missing && !asked.refusal.empty()) return err(own_problem(asked.refusal));
  if (!asked.missing) return err(last_problem());
  ERR_clear_error();
  return loaded::password_needed;
}

result<void, error::problem> Context::load_parameters(std::span<const std::uint8_t> pem) {
  const OwnedBio bio = reader(pem);
  unsigned char* der = nullptr;
  long size = 0;
  if (!PEM_bytes_read_bio(&der, &size, nullptr, PEM_STRING_DHPARAMS, bio.get(), nullptr, nullptr))
    return err(last_problem());
  const unsigned char* at = der;
  EVP_PKEY* parameters = d2i_KeyParams(EVP_PKEY_DH, nullptr, &at, size);
  OPENSSL_free(der);
  if (!parameters) return err(last_problem());
  if (SSL_CTX_set0_tmp_dh_pkey(get(), parameters)) return {};
  EVP_PKEY_free(parameters);
  return err(last_problem());
}

result<std::uint32_t, error::problem> Context::trust(std::span<const std::uint8_t> data,
                                                     encoding encoding) {
  X509_STORE* store = SSL_CTX_get_cert_store(get());
  return encoding == encoding::pem ? trust_pem(store, data) : trust_der(store, data);
}

void Context::trust_folder(
    std::span<const std::tuple<std::string_view, std::span<const std::uint8_t>>> files) {
  auto& folder = policy_of(get()).folder;
  for (const auto& [name, content] : files) {
    bytes copy;
    copy.append(content);
    folder.insert_or_assign(std::string(name), std::move(copy));
  }
}

void Context::trust_own() {
  policy_of(get()).own_authorities = true;
}

STACK_OF(X509_OBJECT) * Context::trusted() {
  X509_STORE* store = SSL_CTX_get_cert_store(get());
  if (std::exchange(policy_of(get()).own_authorities, false))
    for (const OwnedCertificate& certificate : own_authorities(nullptr))
      X509_STORE_add_cert(store, certificate.get());
  return X509_STORE_get0_objects(store);
}

std::vector<bytes> Context::authorities() {
  std::vector<bytes> out;
  STACK_OF(X509_OBJECT)* objects = trusted();
  for (int i = 0; i < sk_X509_OBJECT_num(objects); ++i) {
    X509* certificate = X509_OBJECT_get0_X509(sk_X509_OBJECT_value(objects, i));
    if (certificate && X509_check_ca(certificate)) out.push_back(der_of(certificate));
  }
  ERR_clear_error();
  return out;
}

tls::store_statistics Context::store_statistics() {
  tls::store_statistics out{};
  STACK_OF(X509_OBJECT)* objects = trusted();
  for (int i = 0; i < sk_X509_OBJECT_num(objects); ++i) {
    X509_OBJECT* object = sk_X509_OBJECT_value(objects, i);
    if (X509_OBJECT_get_type(object) == X509_LU_CRL) ++out.revocation_lists;
    X509* certificate = X509_OBJECT_get0_X509(object);
    if (!certificate) continue;
    ++out.certificates;
    if (X509_check_ca(certificate)) ++out.authorities;
  }
  ERR_clear_error();
  return out;
}

tls::session_statistics Context::session_statistics() {
  SSL_CTX* ctx = get();
  return {SSL_CTX_sess_number(ctx),
          SSL_CTX_sess_connect(ctx),
          SSL_CTX_sess_connect_good(ctx),
          SSL_CTX_sess_connect_renegotiate(ctx),
          SSL_CTX_sess_accept(ctx),
          SSL_CTX_sess_accept_good(ctx),
          SSL_CTX_sess_accept_renegotiate(ctx),
          SSL_CTX_sess_hits(ctx),
          SSL_CTX_sess_misses(ctx),
          SSL_CTX_sess_timeouts(ctx),
          SSL_CTX_sess_cache_full(ctx)};
}

result<void, error::problem> Context::set_key_hint(std::optional<std::string_view> hint) {
  return checked(SSL_CTX_use_psk_identity_hint(get(), hint ? std::string(*hint).c_str() : nullptr));
}

}  // namespace cap::tls
