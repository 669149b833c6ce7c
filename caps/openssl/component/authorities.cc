#include "authorities.hh"

#include <openssl/asn1.h>
#include <openssl/err.h>

#include <webpki-root-certs/authorities.inc>

namespace cap {

namespace {

using Name = Handle<X509_NAME, X509_NAME_free>;

/// Goes into (`inside`) or behind the value that begins at `at`; false if there is none.
bool pass(const unsigned char*& at, const unsigned char* end, bool inside) {
  const unsigned char* content = at;
  long size = 0;
  int tag = 0, kind = 0;
  if (ASN1_get_object(&content, &size, &tag, &kind, end - at) & 0x80) return false;
  at = inside ? content : content + size;
  return true;
}

/// The subject of a certificate (RFC 5280, 4.1), found without parsing the rest. All of these are of
/// version 3: before the subject stand version, serial number, algorithm, issuer and validity.
Name subject_of(std::span<const std::uint8_t> der) {
  const unsigned char *at = der.data(), *end = at + der.size();
  if (!pass(at, end, true) || !pass(at, end, true)) return nullptr;
  for (int i = 0; i < 5; ++i)
    if (!pass(at, end, false)) return nullptr;
  return Name(d2i_X509_NAME(nullptr, &at, end - at));
}

}  // namespace

std::vector<OwnedCertificate> own_authorities(const X509_NAME* subject) {
  std::vector<OwnedCertificate> out;
  for (const auto& [data, size] : kAuthorities) {
    const std::span der(reinterpret_cast<const std::uint8_t*>(data), size);
    if (subject) {
      const Name name = subject_of(der);
      if (!name || X509_NAME_cmp(name.get(), subject) != 0) continue;
    }
    const unsigned char* at = der.data();
    if (X509* made = d2i_X509(nullptr, &at, static_cast<long>(size))) out.emplace_back(made);
  }
  return out;
}

}  // namespace cap
