// OpenSSL asks a method of the key for a signature; the one here asks the token.
#define OPENSSL_SUPPRESS_DEPRECATED

#include "token_key.hh"

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/rsa.h>

#include "token_contract.hh"
#include "token_uri.hh"

namespace cap {

token::Error::operator Refusal() const {
  char number[16];
  std::snprintf(number, sizeof number, "CKR 0x%x", static_cast<unsigned>(code));
  return {code, function + ": " + (message.empty() ? number : message)};
}

namespace {

using Bytes = std::span<const std::uint8_t>;
using Component = std::shared_ptr<OtherComponent>;
using token::Error;

failure<Refusal> refused(std::string text) {
  return err(Refusal{0, std::move(text)});
}

// A session with a token.
class Session {
 public:
  static result<std::shared_ptr<Session>, Refusal> open(Component component, std::uint32_t slot) {
    auto number = component->call<std::uint32_t, Error>("session.open", slot, false);
    if (!number) return err(number.error());
    return std::make_shared<Session>(std::move(component), *number);
  }
  Session(Component component, std::uint32_t number)
      : component_(std::move(component)), number_(number) {}
  Session(const Session&) = delete;
  ~Session() { static_cast<void>(component_->call<void, Error>("session.drop", number_)); }

  template <typename T, typename... P>
  result<T, Refusal> call(std::string_view method, const P&... parameters) const {
    return component_->call<T, Error>(method, number_, parameters...);
  }

 private:
  Component component_;
  std::uint32_t number_;
};

// A private key in a session.
struct Key {
  std::shared_ptr<Session> session;
  std::uint32_t object;

  result<bytes, Refusal> sign(std::uint32_t mechanism, Bytes data) const {
    return session->call<bytes>("session.sign", token::Mechanism(mechanism, 0), object, data);
  }
};

// --- finding the key

bool matches(const std::optional<std::string>& wanted, const std::string& is) {
  return !wanted || *wanted == is;
}

bool matches(const TokenUri& uri, const token::Info& info) {
  return std::get<4>(info) & token::kTokenInitialized && matches(uri.token, std::get<0>(info)) &&
         matches(uri.manufacturer, std::get<1>(info)) && matches(uri.model, std::get<2>(info)) &&
         matches(uri.serial, std::get<3>(info));
}

result<std::uint32_t, Refusal> find_token(const OtherComponent& component, const TokenUri& uri) {
  auto slots = component.call<std::vector<std::uint32_t>, Error>("slots", true);
  if (!slots) return err(slots.error());
  std::optional<std::uint32_t> found;
  for (std::uint32_t slot : *slots) {
    auto info = component.call<token::Info, Error>("get-token-info", slot);
    if (!info || !matches(uri, *info)) continue;
    if (found) return refused("more than one token matches the PKCS #11 URI");
    found = slot;
  }
  if (!found) return refused("no token matches the PKCS #11 URI");
  return *found;
}

token::Value raw(const std::string& text) {
  return {token::Value::Raw{
      bytes(Bytes(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()))}};
}

result<std::uint32_t, Refusal> find_key(const Session& session, const TokenUri& uri, int kind) {
  const std::uint32_t type = kind == EVP_PKEY_RSA ? token::kRsa : token::kEc;
  std::vector<token::Attribute> wanted = {
      {token::kClass, {token::Value::Number{token::kPrivateKey}}},
      {token::kKeyType, {token::Value::Number{type}}}};
  if (uri.object) wanted.emplace_back(token::kLabel, raw(*uri.object));
  if (uri.id) wanted.emplace_back(token::kId, raw(*uri.id));
  auto found = session.call<std::vector<std::uint32_t>>("session.find", wanted);
  if (!found) return err(found.error());
  if (found->empty())
    return err(Refusal{
        kPinMissing,
        "the token shows no private key of the certificate's kind that matches the PKCS #11 URI"});
  if (found->size() > 1) return refused("more than one private key matches the PKCS #11 URI");
  return found->front();
}

result<void, Refusal> log_in(const Session& session, const TokenUri& uri,
                             std::optional<Bytes> pin) {
  if (uri.pin) pin = Bytes(reinterpret_cast<const std::uint8_t*>(uri.pin->data()), uri.pin->size());
  if (!pin) return {};
  auto done = session.call<void>("session.login", token::kUser, *pin);
  if (done || done.error().code == token::kUserAlreadyLoggedIn) return {};
  return err(done.error());
}

result<Key, Refusal> find(const TokenUri& uri, std::optional<Bytes> pin, int kind) {
  auto component = OtherComponent::resolve(token::kComponent);
  if (!component) return refused("the plan gives TLS no tokens: " + component.error().text);
  if (uri.directory)
    if (auto done = (*component)->call<void, Error>("initialise", uri.directory); !done)
      return err(done.error());
  auto slot = find_token(**component, uri);
  if (!slot) return err(slot.error());
  auto session = Session::open(std::move(*component), *slot);
  if (!session) return err(session.error());
  if (auto done = log_in(**session, uri, pin); !done) return err(done.error());
  auto object = find_key(**session, uri, kind);
  if (!object) return err(object.error());
  return Key{std::move(*session), *object};
}

// --- the key as OpenSSL's

void free_key(void*, void* key, CRYPTO_EX_DATA*, int, long, void*) {
  delete static_cast<Key*>(key);
}

int rsa_index() {
  static const int index = RSA_get_ex_new_index(0, nullptr, nullptr, nullptr, free_key);
  return index;
}

int ec_index() {
  static const int index = EC_KEY_get_ex_new_index(0, nullptr, nullptr, nullptr, free_key);
  return index;
}

// The token's signature; none, with OpenSSL's queue telling why.
std::optional<bytes> signature(const void* key, std::uint32_t mechanism, Bytes data) {
  auto signature = static_cast<const Key*>(key)->sign(mechanism, data);
  if (signature) return std::move(*signature);
  ERR_raise_data(ERR_LIB_EVP, ERR_R_OPERATION_FAIL, "the token did not sign: %s",
                 signature.error().text.c_str());
  return std::nullopt;
}

int rsa_sign(int size, const unsigned char* data, unsigned char* out, RSA* rsa, int padding) {
  const std::uint32_t mechanism = padding == RSA_PKCS1_PADDING ? token::kRsaPkcs : token::kRsaX509;
  if (padding != RSA_PKCS1_PADDING && padding != RSA_NO_PADDING) return -1;
  auto made = signature(RSA_get_ex_data(rsa, rsa_index()), mechanism,
                        {data, static_cast<std::size_t>(size)});
  if (!made || made->size() != static_cast<std::size_t>(RSA_size(rsa))) return -1;
  std::memcpy(out, made->data(), made->size());
  return static_cast<int>(made->size());
}

// Keys that decrypt are not offered: TLS has no use for them but without forward secrecy.
int rsa_decrypt(int, const unsigned char*, unsigned char*, RSA*, int) {
  ERR_raise_data(ERR_LIB_EVP, ERR_R_UNSUPPORTED, "the token's key is for signatures only");
  return -1;
}

ECDSA_SIG* ec_sign(const unsigned char* digest, int size, const BIGNUM*, const BIGNUM*,
                   EC_KEY* key) {
  auto made = signature(EC_KEY_get_ex_data(key, ec_index()), token::kEcdsa,
                        {digest, static_cast<std::size_t>(size)});
  if (!made || made->size() % 2) return nullptr;
  const int half = static_cast<int>(made->size() / 2);
  ECDSA_SIG* out = ECDSA_SIG_new();
  BIGNUM* r = BN_bin2bn(made->data(), half, nullptr);
  BIGNUM* s = BN_bin2bn(made->data() + half, half, nullptr);
  if (out && r && s && ECDSA_SIG_set0(out, r, s)) return out;
  BN_free(r);
  BN_free(s);
  ECDSA_SIG_free(out);
  return nullptr;
}

int ec_sign_der(int, const unsigned char* digest, int size, unsigned char* out,
                unsigned int* out_size, const BIGNUM*, const BIGNUM*, EC_KEY* key) {
  ECDSA_SIG* made = ec_sign(digest, size, nullptr, nullptr, key);
  const int written = made ? i2d_ECDSA_SIG(made, &out) : -1;
  ECDSA_SIG_free(made);
  *out_size = written > 0 ? static_cast<unsigned int>(written) : 0;
  return written > 0;
}

const RSA_METHOD* rsa_method() {
  static RSA_METHOD* const method = [] {
    RSA_METHOD* made = RSA_meth_dup(RSA_PKCS1_OpenSSL());
    RSA_meth_set_priv_enc(made, rsa_sign);
    RSA_meth_set_priv_dec(made, rsa_decrypt);
    return made;
  }();
  return method;
}

const EC_KEY_METHOD* ec_method() {
  static EC_KEY_METHOD* const method = [] {
    EC_KEY_METHOD* made = EC_KEY_METHOD_new(EC_KEY_OpenSSL());
    EC_KEY_METHOD_set_sign(made, ec_sign_der, nullptr, ec_sign);
    return made;
  }();
  return method;
}

OwnedKey rsa_key(EVP_PKEY* of, Key key) {
  const RSA* from = EVP_PKEY_get0_RSA(of);
  RSA* rsa = RSA_new();
  OwnedKey out(EVP_PKEY_new());
  if (!from || !rsa || !out ||
      !RSA_set0_key(rsa, BN_dup(RSA_get0_n(from)), BN_dup(RSA_get0_e(from)), nullptr) ||
      !RSA_set_method(rsa, rsa_method()) ||
      !RSA_set_ex_data(rsa, rsa_index(), new Key(std::move(key))) ||
      !EVP_PKEY_assign_RSA(out.get(), rsa)) {
    RSA_free(rsa);
    return nullptr;
  }
  return out;
}

OwnedKey ec_key(EVP_PKEY* of, Key key) {
  const EC_KEY* from = EVP_PKEY_get0_EC_KEY(of);
  EC_KEY* ec = EC_KEY_new();
  OwnedKey out(EVP_PKEY_new());
  if (!from || !ec || !out || !EC_KEY_set_group(ec, EC_KEY_get0_group(from)) ||
      !EC_KEY_set_public_key(ec, EC_KEY_get0_public_key(from)) ||
      !EC_KEY_set_method(ec, ec_method()) ||
      !EC_KEY_set_ex_data(ec, ec_index(), new Key(std::move(key))) ||
      !EVP_PKEY_assign_EC_KEY(out.get(), ec)) {
    EC_KEY_free(ec);
    return nullptr;
  }
  return out;
}

// Whether a signature of one verifies with the other.
result<void, Refusal> check_pair(EVP_PKEY* key, EVP_PKEY* of) {
  constexpr std::uint8_t kText[] = "the key of this certificate";
  constexpr const char* kNotThePair = "the token's key is not that of the certificate";
  using Context = Handle<EVP_MD_CTX, EVP_MD_CTX_free>;
  const Context signing(EVP_MD_CTX_new()), verifying(EVP_MD_CTX_new());
  std::size_t size = static_cast<std::size_t>(EVP_PKEY_get_size(key));
  bytes signature(size);
  if (!EVP_DigestSignInit(signing.get(), nullptr, EVP_sha256(), nullptr, key) ||
      !EVP_DigestSign(signing.get(), signature.data(), &size, kText, sizeof kText)) {
    const char* detail = nullptr;
    int flags = 0;
    ERR_peek_last_error_all(nullptr, nullptr, nullptr, &detail, &flags);
    return refused(detail && flags & ERR_TXT_STRING ? detail : kNotThePair);
  }
  if (EVP_DigestVerifyInit(verifying.get(), nullptr, EVP_sha256(), nullptr, of) &&
      EVP_DigestVerify(verifying.get(), signature.data(), size, kText, sizeof kText) == 1)
    return {};
  return refused(kNotThePair);
}

}  // namespace

result<OwnedKey, Refusal> token_key(Bytes text, std::optional<Bytes> pin, X509* certificate) {
  EVP_PKEY* of = certificate ? X509_get0_pubkey(certificate) : nullptr;
  if (!of) return refused("there is no certificate to use the token's key with");
  auto uri = TokenUri::parse({reinterpret_cast<const char*>(text.data()), text.size()});
  if (!uri) return refused(uri.error());
  const int kind = EVP_PKEY_get_base_id(of);
  if (kind != EVP_PKEY_RSA && kind != EVP_PKEY_EC)
    return refused("a token's key can be used with certificates of RSA and ECDSA keys only");
  auto found = find(*uri, pin, kind);
  if (!found && (uri->pin || pin)) return refused(found.error().text);
  if (!found) return err(found.error());
  OwnedKey key =
      kind == EVP_PKEY_RSA ? rsa_key(of, std::move(*found)) : ec_key(of, std::move(*found));
  if (!key) return refused("out of memory");
  auto pair = check_pair(key.get(), of);
  ERR_clear_error();
  if (!pair) return err(pair.error());
  return key;
}

}  // namespace cap
