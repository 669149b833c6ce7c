// Certificates, and requests for them.
#include <openssl/err.h>

#include "x509_objects.hh"

namespace cap::x509 {
namespace {

using Bytes = std::span<const std::uint8_t>;

result<std::unique_ptr<key>, problem> key_from(EVP_PKEY* owned) {
  if (!owned) return err(last_problem());
  return make_key(PrivateOrPublicKey(owned));
}

bool holds(int answer) {
  ERR_clear_error();
  return answer == 1;
}

class Certificate final : public certificate {
 public:
  explicit Certificate(OwnedCertificate from) : x509_(std::move(from)) {}
  X509* get() const { return x509_.get(); }

  result<bytes, problem> save(encoding encoding) override {
    return written_by([&](BIO* to) {
      return encoding == encoding::pem ? PEM_write_bio_X509(to, get()) : i2d_X509_bio(to, get());
    });
  }
  result<std::unique_ptr<key>, problem> public_key() override {
    return key_from(X509_get_pubkey(get()));
  }
  bool is_signed_by(key& issuer) override { return holds(X509_verify(get(), pkey_of(issuer))); }
  std::string text() override {
    return printed_by([&](BIO* to) { return X509_print(to, get()); });
  }

 private:
  OwnedCertificate x509_;
};

class Request final : public request {
 public:
  explicit Request(OwnedRequest from) : request_(std::move(from)) {}

  result<bytes, problem> save(encoding encoding) override {
    return written_by([&](BIO* to) {
      return encoding == encoding::pem ? PEM_write_bio_X509_REQ(to, request_.get())
                                       : i2d_X509_REQ_bio(to, request_.get());
    });
  }
  result<std::unique_ptr<key>, problem> public_key() override {
    return key_from(X509_REQ_get_pubkey(request_.get()));
  }
  bool is_genuine() override {
    EVP_PKEY* own = X509_REQ_get0_pubkey(request_.get());
    return own && holds(X509_REQ_verify(request_.get(), own));
  }
  std::string text() override {
    return printed_by([&](BIO* to) { return X509_REQ_print(to, request_.get()); });
  }

 private:
  OwnedRequest request_;
};

bool fill(X509* to, const profile& profile, EVP_PKEY* subject_key, X509* issuer) {
  X509_NAME* subject = X509_get_subject_name(to);
  if (X509_set_version(to, X509_VERSION_3) != 1 ||
      !set_serial(X509_get_serialNumber(to), Bytes(profile.serial_number)) ||
      !set_time(X509_getm_notBefore(to), profile.not_before) ||
      !set_time(X509_getm_notAfter(to), profile.not_after) ||
      !add_attributes(subject, profile.subject) || X509_set_pubkey(to, subject_key) != 1)
    return false;
  if (X509_set_issuer_name(to, issuer ? X509_get_subject_name(issuer) : subject) != 1) return false;
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer ? issuer : to, to, nullptr, nullptr, 0);
  for (const extension& one : profile.extensions) {
    const auto made = extension_of(one, &context);
    if (!made || X509_add_ext(to, made.get(), -1) != 1) return false;
  }
  return true;
}

}  // namespace

X509* x509_of(certificate& of) {
  return static_cast<Certificate&>(of).get();
}

std::unique_ptr<certificate> make_certificate(OwnedCertificate from) {
  return std::make_unique<Certificate>(std::move(from));
}

result<std::unique_ptr<certificate>, problem> certificate_load(Bytes data) {
  OwnedCertificate read = read_either<OwnedCertificate, PEM_read_bio_X509, d2i_X509_bio>(data);
  if (!read) return err(last_problem());
  return make_certificate(std::move(read));
}

result<std::unique_ptr<certificate>, problem> certificate_issue(
    const profile& profile, key& subject_key, std::optional<certificate*> issuer, key& issuer_key,
    std::optional<std::string_view> digest) {
  const auto md = signing_digest(digest);
  if (!md) return err(own_problem("there is no digest of this name"));
  OwnedCertificate made(X509_new());
  if (!made ||
      !fill(made.get(), profile, pkey_of(subject_key), issuer ? x509_of(**issuer) : nullptr) ||
      X509_sign(made.get(), pkey_of(issuer_key), *md) <= 0)
    return err(last_problem());
  return make_certificate(std::move(made));
}

result<std::unique_ptr<request>, problem> request_load(Bytes data) {
  OwnedRequest read = read_either<OwnedRequest, PEM_read_bio_X509_REQ, d2i_X509_REQ_bio>(data);
  if (!read) return err(last_problem());
  return std::unique_ptr<request>(std::make_unique<Request>(std::move(read)));
}

result<std::unique_ptr<request>, problem> request_make(std::span<const attribute> subject,
                                                       std::span<const extension> extensions,
                                                       key& key,
                                                       std::optional<std::string_view> digest) {
  const auto md = signing_digest(digest);
  if (!md) return err(own_problem("there is no digest of this name"));
  OwnedRequest made(X509_REQ_new());
  if (!made || !add_attributes(X509_REQ_get_subject_name(made.get()), subject) ||
      X509_REQ_set_pubkey(made.get(), pkey_of(key)) != 1)
    return err(last_problem());
  X509V3_CTX context;
  X509V3_set_ctx(&context, nullptr, nullptr, made.get(), nullptr, 0);
  STACK_OF(X509_EXTENSION)* all = nullptr;
  bool good = true;
  for (const extension& one : extensions) {
    const auto extension = extension_of(one, &context);
    good = good && extension && X509v3_add_ext(&all, extension.get(), -1);
  }
  good = good && (!all || X509_REQ_add_extensions(made.get(), all) == 1);
  sk_X509_EXTENSION_pop_free(all, X509_EXTENSION_free);
  if (!good || X509_REQ_sign(made.get(), pkey_of(key), *md) <= 0) return err(last_problem());
  // OpenSSL does not find its own signature good before the request has been written and read.
  const auto der = Request(std::move(made)).save(encoding::der);
  if (!der) return err(der.error());
  return request_load(Bytes(*der));
}

}  // namespace cap::x509
