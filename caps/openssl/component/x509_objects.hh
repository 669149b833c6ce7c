// Certificates, requests and lists of the contract over OpenSSL's objects, and what is signed into
// them.
#pragma once

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "key.hh"
#include "owned.hh"
#include "printable.hh"
#include "problem.hh"

namespace cap::x509 {

using OwnedRequest = Handle<X509_REQ, X509_REQ_free>;
using OwnedList = Handle<X509_CRL, X509_CRL_free>;

/// OpenSSL's object of a certificate or a list; it stays its owner's.
X509* x509_of(certificate& of);
X509_CRL* crl_of(revocation_list& of);

std::unique_ptr<certificate> make_certificate(OwnedCertificate from);

/// The digest to sign with: null for keys that have their own, nothing if there is none of that
/// name.
std::optional<const EVP_MD*> signing_digest(std::optional<std::string_view> name);

/// Adds attributes to a name; false if one is unknown or does not fit.
bool add_attributes(X509_NAME* to, std::span<const attribute> attributes);

/// The extension in the context of who is signed by whom; null if it cannot be read.
Handle<X509_EXTENSION, X509_EXTENSION_free> extension_of(const extension& from,
                                                         X509V3_CTX* context);

/// Sets seconds since 1970; false if the year does not have four digits.
bool set_time(ASN1_TIME* to, std::int64_t seconds);

bool set_serial(ASN1_INTEGER* to, std::span<const std::uint8_t> number);

/// An object as PEM or DER, whichever it is, by OpenSSL's two readers.
template <typename Owned, auto read_pem, auto read_der>
Owned read_either(std::span<const std::uint8_t> data) {
  const OwnedBio pem = reader(data);
  if (data.size() > INT32_MAX || !pem) return nullptr;
  ERR_set_mark();
  if (auto* object =
          read_pem(pem.get(), nullptr, [](char*, int, int, void*) { return -1; }, nullptr)) {
    ERR_pop_to_mark();
    return Owned(object);
  }
  ERR_pop_to_mark();
  const OwnedBio der = reader(data);
  return Owned(der ? read_der(der.get(), nullptr) : nullptr);
}

/// What `write(bio)` writes.
template <typename Write>
result<bytes, problem> written_by(Write write) {
  const OwnedBio bio = writer();
  if (!bio || write(bio.get()) != 1) return err(last_problem());
  const std::string_view text = written(bio.get());
  return bytes({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

/// The text that `print(bio)` prints.
template <typename Print>
std::string printed_by(Print print) {
  const OwnedBio bio = writer();
  if (!bio || print(bio.get()) != 1) {
    ERR_clear_error();
    return "";
  }
  return printable(written(bio.get()));
}

}  // namespace cap::x509
