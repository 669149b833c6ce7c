// PKCS #12: a key and its certificates behind a password.
#include <openssl/err.h>
#include <openssl/pkcs12.h>

#include "x509_objects.hh"

namespace cap::x509 {
namespace {

using Bytes = std::span<const std::uint8_t>;
using Bundle = Handle<PKCS12, PKCS12_free>;

// What a key and certificates are encrypted with, and how often a password is hashed.
constexpr int kCipher = NID_aes_256_cbc;
constexpr int kIterations = 100'000;

}  // namespace

result<bundle, problem> open_bundle(Bytes data, std::string_view password) {
  const OwnedBio bio = reader(data);
  const Bundle read(bio && data.size() <= INT32_MAX ? d2i_PKCS12_bio(bio.get(), nullptr) : nullptr);
  EVP_PKEY* key = nullptr;
  X509* own = nullptr;
  STACK_OF(X509)* others = nullptr;
  if (!read || PKCS12_parse(read.get(), std::string(password).c_str(), &key, &own, &others) != 1)
    return err(last_problem());
  bundle out;
  if (key) out.key = make_key(PrivateOrPublicKey(key));
  if (own) out.certificate = make_certificate(OwnedCertificate(own));
  for (int i = 0; i < sk_X509_num(others); ++i)
    out.others.push_back(make_certificate(OwnedCertificate(sk_X509_value(others, i))));
  sk_X509_free(others);
  return out;
}

result<bytes, problem> make_bundle(std::string_view name, key& key, certificate& own,
                                   std::span<certificate* const> others,
                                   std::string_view password) {
  STACK_OF(X509)* stack = sk_X509_new_null();
  bool good = stack;
  for (certificate* one : others) good = good && sk_X509_push(stack, x509_of(*one)) > 0;
  const Bundle made(good ? PKCS12_create(std::string(password).c_str(), std::string(name).c_str(),
                                         pkey_of(key), x509_of(own), stack, kCipher, kCipher,
                                         kIterations, kIterations, 0)
                         : nullptr);
  sk_X509_free(stack);
  if (!made) return err(last_problem());
  return written_by([&](BIO* to) { return i2d_PKCS12_bio(to, made.get()); });
}

}  // namespace cap::x509
