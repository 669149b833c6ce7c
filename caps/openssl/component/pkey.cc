// Public-key cryptography.
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/decoder.h>
#include <openssl/encoder.h>
#include <openssl/err.h>

#include <algorithm>

#include "key.hh"
#include "parameters.hh"
#include "problem.hh"

namespace cap::pkey {
namespace {

using Context = Handle<EVP_PKEY_CTX, EVP_PKEY_CTX_free>;
using DigestContext = Handle<EVP_MD_CTX, EVP_MD_CTX_free>;
using Decoder = Handle<OSSL_DECODER_CTX, OSSL_DECODER_CTX_free>;
using Encoder = Handle<OSSL_ENCODER_CTX, OSSL_ENCODER_CTX_free>;
using Bytes = std::span<const std::uint8_t>;

int selection(part which) {
  return which == part::private_ ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY;
}

/// Calls `step(out, &size)` twice: for the size, and for the bytes.
template <typename Step>
result<bytes, problem> sized(Step step) {
  bytes out;
  std::size_t size = 0;
  if (step(nullptr, &size) != 1) return err(last_problem());
  if (!out.try_resize(size)) return err(no_memory());
  if (step(out.data(), &size) != 1) return err(last_problem());
  out.resize(size);
  return out;
}

class Key final : public key {
 public:
  explicit Key(PrivateOrPublicKey key) : key_(std::move(key)) {}
  EVP_PKEY* get() const { return key_.get(); }

  description describe() override;
  result<value, problem> component(std::string_view name) override;
  result<bytes, problem> raw(part which) override;
  result<bytes, problem> save(part which, format format, encoding encoding,
                              std::optional<protection> protection) override;
  bool equals(key& other) override {
    const bool same = EVP_PKEY_eq(get(), pkey_of(other)) == 1;
    ERR_clear_error();
    return same;
  }
  result<void, problem> check(part which) override;
  result<bytes, problem> sign(subject subject, std::optional<std::string_view> digest,
                              std::span<const parameter> parameters, Bytes data) override;
  result<bool, problem> verify(subject subject, std::optional<std::string_view> digest,
                               std::span<const parameter> parameters, Bytes data,
                               Bytes signature) override;
  result<bytes, problem> encrypt(std::span<const parameter> parameters, Bytes data) override;
  result<bytes, problem> decrypt(std::span<const parameter> parameters, Bytes data) override;
  result<bytes, problem> derive(key& peer, std::span<const parameter> parameters) override;
  result<encapsulated, problem> encapsulate(std::span<const parameter> parameters) override;
  result<bytes, problem> decapsulate(std::span<const parameter> parameters,
                                     Bytes ciphertext) override;

 private:
  Context context() const { return Context(EVP_PKEY_CTX_new_from_pkey(nullptr, get(), nullptr)); }
  PrivateOrPublicKey key_;
};

result<std::unique_ptr<key>, problem> made(EVP_PKEY* raw) {
  if (!raw) return err(last_problem());
  return make_key(PrivateOrPublicKey(raw));
}

bool set_digest(EVP_PKEY_CTX* context, const char* name) {
  if (!name) return true;
  OSSL_PARAM params[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_SIGNATURE_PARAM_DIGEST, const_cast<char*>(name), 0),
      OSSL_PARAM_construct_end()};
  return EVP_PKEY_CTX_set_params(context, params) == 1;
}

/// Whether there is a private part: every algorithm has it under one of two names.
bool has_private(const EVP_PKEY* key) {
  bool found = false;
  for (const char* name : {OSSL_PKEY_PARAM_RSA_D, OSSL_PKEY_PARAM_PRIV_KEY}) {
    BIGNUM* number = nullptr;
    std::size_t size = 0;
    found = found || EVP_PKEY_get_octet_string_param(key, name, nullptr, 0, &size) == 1 ||
            EVP_PKEY_get_bn_param(key, name, &number) == 1;
    BN_clear_free(number);
  }
  ERR_clear_error();
  return found;
}

/// Gives a password where one is asked for, and remembers that one was.
struct PasswordSource {
  std::optional<Bytes> password;
  bool asked = false;

  static int answer(char* to, int size, int, void* of) {
    auto& self = *static_cast<PasswordSource*>(of);
    self.asked = true;
    if (!self.password || self.password->size() > static_cast<std::size_t>(size)) return -1;
    std::ranges::copy(*self.password, to);
    return static_cast<int>(self.password->size());
  }
};

// ---- what a key is ----

description Key::describe() {
  char group[80];
  std::size_t size = 0;
  const bool named = EVP_PKEY_get_group_name(get(), group, sizeof group, &size) == 1;
  const auto number = [](int n) { return static_cast<std::uint32_t>(std::max(n, 0)); };
  description out{EVP_PKEY_get0_type_name(get()),
                  number(EVP_PKEY_get_bits(get())),
                  number(EVP_PKEY_get_security_bits(get())),
                  number(EVP_PKEY_get_size(get())),
                  has_private(get()),
                  std::nullopt};
  if (named) out.group = std::string(group, size);
  ERR_clear_error();
  return out;
}

result<value, problem> Key::component(std::string_view name) {
  const std::string wanted(name);
  const OSSL_PARAM* known =
      OSSL_PARAM_locate_const(EVP_PKEY_gettable_params(get()), wanted.c_str());
  if (!known) return err(own_problem("such a key has no component of this name"));
  if (known->data_type == OSSL_PARAM_OCTET_STRING) {
    auto octets = sized([&](std::uint8_t* to, std::size_t* size) {
      return EVP_PKEY_get_octet_string_param(get(), wanted.c_str(), to, *size, size);
    });
    if (!octets) return err(octets.error());
    return value{value::octets{std::move(*octets)}};
  }
  if (known->data_type == OSSL_PARAM_UTF8_STRING) {
    char text[256];
    std::size_t size = 0;
    if (EVP_PKEY_get_utf8_string_param(get(), wanted.c_str(), text, sizeof text, &size) != 1)
      return err(last_problem());
    return value{value::text{std::string(text, size)}};
  }
  BIGNUM* number = nullptr;
  if (EVP_PKEY_get_bn_param(get(), wanted.c_str(), &number) != 1) return err(last_problem());
  const Handle<BIGNUM, BN_clear_free> owned(number);
  bytes out(static_cast<std::size_t>(BN_num_bytes(number)));
  BN_bn2bin(number, out.data());
  return value{value::integer{std::move(out)}};
}

result<bytes, problem> Key::raw(part which) {
  return sized([&](std::uint8_t* to, std::size_t* size) {
    return which == part::public_ ? EVP_PKEY_get_raw_public_key(get(), to, size)
                                  : EVP_PKEY_get_raw_private_key(get(), to, size);
  });
}

result<bytes, problem> Key::save(part which, format format, encoding encoding,
                                 std::optional<protection> protection) {
  const bool is_private = which == part::private_;
  if (is_private && !has_private(get())) return err(own_problem("the key has no private part"));
  const char* structure = format == format::traditional ? "type-specific"
                          : is_private                  ? "PrivateKeyInfo"
                                                        : "SubjectPublicKeyInfo";
  const Encoder encoder(OSSL_ENCODER_CTX_new_for_pkey(
      get(), selection(which), encoding == encoding::pem ? "PEM" : "DER", structure, nullptr));
  if (!encoder || OSSL_ENCODER_CTX_get_num_encoders(encoder.get()) == 0)
    return err(own_problem("a key of this algorithm is not written in this format"));
  if (protection &&
      (OSSL_ENCODER_CTX_set_cipher(encoder.get(), protection->cipher.c_str(), nullptr) != 1 ||
       OSSL_ENCODER_CTX_set_passphrase(encoder.get(), protection->password.data(),
                                       protection->password.size()) != 1))
    return err(last_problem());
  std::uint8_t* data = nullptr;
  std::size_t size = 0;
  if (OSSL_ENCODER_to_data(encoder.get(), &data, &size) != 1) return err(last_problem());
  bytes out(Bytes(data, size));
  OPENSSL_clear_free(data, size);
  return out;
}

result<void, problem> Key::check(part which) {
  const Context checker = context();
  if (!checker) return err(last_problem());
  const int answer = which == part::public_ ? EVP_PKEY_public_check(checker.get())
                                            : EVP_PKEY_pairwise_check(checker.get());
  if (answer != 1) return err(last_problem());
  return {};
}

// ---- what it does ----

result<bytes, problem> Key::sign(subject subject, std::optional<std::string_view> digest,
                                 std::span<const parameter> parameters, Bytes data) {
  const Parameters params(parameters);
  const std::string name(digest.value_or(""));
  const char* md = digest ? name.c_str() : nullptr;
  if (subject == subject::message) {
    const DigestContext signer(EVP_MD_CTX_new());
    if (!signer || EVP_DigestSignInit_ex(signer.get(), nullptr, md, nullptr, nullptr, get(),
                                         params.get()) != 1)
      return err(last_problem());
    return sized([&](std::uint8_t* to, std::size_t* size) {
      return EVP_DigestSign(signer.get(), to, size, data.data(), data.size());
    });
  }
  const Context signer = context();
  if (!signer || EVP_PKEY_sign_init(signer.get()) != 1 || !set_digest(signer.get(), md) ||
      EVP_PKEY_CTX_set_params(signer.get(), params.get()) != 1)
    return err(last_problem());
  return sized([&](std::uint8_t* to, std::size_t* size) {
    return EVP_PKEY_sign(signer.get(), to, size, data.data(), data.size());
  });
}

result<bool, problem> Key::verify(subject subject, std::optional<std::string_view> digest,
                                  std::span<const parameter> parameters, Bytes data,
                                  Bytes signature) {
  const Parameters params(parameters);
  const std::string name(digest.value_or(""));
  const char* md = digest ? name.c_str() : nullptr;
  int answer = 0;
  if (subject == subject::message) {
    const DigestContext verifier(EVP_MD_CTX_new());
    if (!verifier || EVP_DigestVerifyInit_ex(verifier.get(), nullptr, md, nullptr, nullptr, get(),
                                             params.get()) != 1)
      return err(last_problem());
    answer = EVP_DigestVerify(verifier.get(), signature.data(), signature.size(), data.data(),
                              data.size());
  } else {
    const Context verifier = context();
    if (!verifier || EVP_PKEY_verify_init(verifier.get()) != 1 || !set_digest(verifier.get(), md) ||
        EVP_PKEY_CTX_set_params(verifier.get(), params.get()) != 1)
      return err(last_problem());
    answer = EVP_PKEY_verify(verifier.get(), signature.data(), signature.size(), data.data(),
                             data.size());
  }
  // A signature that cannot even be read is a bad one.
  ERR_clear_error();
  return answer == 1;
}

result<bytes, problem> Key::encrypt(std::span<const parameter> parameters, Bytes data) {
  const Parameters params(parameters);
  const Context worker = context();
  if (!worker || EVP_PKEY_encrypt_init_ex(worker.get(), params.get()) != 1)
    return err(last_problem());
  return sized([&](std::uint8_t* to, std::size_t* size) {
    return EVP_PKEY_encrypt(worker.get(), to, size, data.data(), data.size());
  });
}

result<bytes, problem> Key::decrypt(std::span<const parameter> parameters, Bytes data) {
  const Parameters params(parameters);
  const Context worker = context();
  if (!worker || EVP_PKEY_decrypt_init_ex(worker.get(), params.get()) != 1)
    return err(last_problem());
  return sized([&](std::uint8_t* to, std::size_t* size) {
    return EVP_PKEY_decrypt(worker.get(), to, size, data.data(), data.size());
  });
}

result<bytes, problem> Key::derive(key& peer, std::span<const parameter> parameters) {
  const Parameters params(parameters);
  const Context worker = context();
  if (!worker || EVP_PKEY_derive_init_ex(worker.get(), params.get()) != 1 ||
      EVP_PKEY_derive_set_peer_ex(worker.get(), pkey_of(peer), 1) != 1)
    return err(last_problem());
  return sized(
      [&](std::uint8_t* to, std::size_t* size) { return EVP_PKEY_derive(worker.get(), to, size); });
}

result<encapsulated, problem> Key::encapsulate(std::span<const parameter> parameters) {
  const Parameters params(parameters);
  const Context worker = context();
  std::size_t size = 0, secret_size = 0;
  if (!worker || EVP_PKEY_encapsulate_init(worker.get(), params.get()) != 1 ||
      EVP_PKEY_encapsulate(worker.get(), nullptr, &size, nullptr, &secret_size) != 1)
    return err(last_problem());
  encapsulated out{bytes(size), bytes(secret_size)};
  if (EVP_PKEY_encapsulate(worker.get(), out.ciphertext.data(), &size, out.secret.data(),
                           &secret_size) != 1)
    return err(last_problem());
  return out;
}

result<bytes, problem> Key::decapsulate(std::span<const parameter> parameters, Bytes ciphertext) {
  const Parameters params(parameters);
  const Context worker = context();
  if (!worker || EVP_PKEY_decapsulate_init(worker.get(), params.get()) != 1)
    return err(last_problem());
  return sized([&](std::uint8_t* to, std::size_t* size) {
    return EVP_PKEY_decapsulate(worker.get(), to, size, ciphertext.data(), ciphertext.size());
  });
}

}  // namespace

// ---- how one comes to be ----

result<std::unique_ptr<key>, problem> key_generate(std::string_view algorithm,
                                                   std::span<const parameter> parameters) {
  const Parameters params(parameters);
  const Context maker(EVP_PKEY_CTX_new_from_name(nullptr, std::string(algorithm).c_str(), nullptr));
  EVP_PKEY* out = nullptr;
  if (!maker || EVP_PKEY_keygen_init(maker.get()) != 1 ||
      EVP_PKEY_CTX_set_params(maker.get(), params.get()) != 1 ||
      EVP_PKEY_generate(maker.get(), &out) != 1)
    return err(last_problem());
  return made(out);
}

result<std::unique_ptr<key>, problem> key_load(Bytes data, std::optional<Bytes> password) {
  EVP_PKEY* out = nullptr;
  PasswordSource source{password};
  const Decoder decoder(
      OSSL_DECODER_CTX_new_for_pkey(&out, nullptr, nullptr, nullptr, 0, nullptr, nullptr));
  if (!decoder ||
      OSSL_DECODER_CTX_set_pem_password_cb(decoder.get(), PasswordSource::answer, &source) != 1)
    return err(last_problem());
  const std::uint8_t* at = data.data();
  std::size_t left = data.size();
  if (OSSL_DECODER_from_data(decoder.get(), &at, &left) == 1 && out) return made(out);
  problem what = last_problem();
  if (source.asked && !password) return err(own_problem("password needed"));
  return err(std::move(what));
}

result<std::unique_ptr<key>, problem> key_from_raw(std::string_view algorithm, part which,
                                                   Bytes data) {
  const std::string name(algorithm);
  return made(
      which == part::public_
          ? EVP_PKEY_new_raw_public_key_ex(nullptr, name.c_str(), nullptr, data.data(), data.size())
          : EVP_PKEY_new_raw_private_key_ex(nullptr, name.c_str(), nullptr, data.data(),
                                            data.size()));
}

result<std::unique_ptr<key>, problem> key_from_parts(std::string_view algorithm, part which,
                                                     std::span<const parameter> parameters) {
  const Parameters params(parameters);
  const Context maker(EVP_PKEY_CTX_new_from_name(nullptr, std::string(algorithm).c_str(), nullptr));
  EVP_PKEY* out = nullptr;
  // OpenSSL only reads them.
  if (!maker || EVP_PKEY_fromdata_init(maker.get()) != 1 ||
      EVP_PKEY_fromdata(maker.get(), &out, selection(which),
                        const_cast<OSSL_PARAM*>(params.get())) != 1)
    return err(last_problem());
  return made(out);
}

}  // namespace cap::pkey

namespace cap {

EVP_PKEY* pkey_of(pkey::key& key) {
  return static_cast<pkey::Key&>(key).get();
}

std::unique_ptr<pkey::key> make_key(PrivateOrPublicKey key) {
  return std::make_unique<pkey::Key>(std::move(key));
}

}  // namespace cap
