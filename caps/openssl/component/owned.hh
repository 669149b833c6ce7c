// OpenSSL's objects with an owner.
#pragma once

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <span>
#include <string>
#include <string_view>

#include "cap.hh"
#include "handle.hh"

namespace cap {

using OwnedBio = Handle<BIO, BIO_free_all>;
using OwnedCertificate = Handle<X509, X509_free>;
using OwnedKey = Handle<EVP_PKEY, EVP_PKEY_free>;

/// Reads from bytes that outlive it.
inline OwnedBio reader(std::span<const std::uint8_t> data) {
  return OwnedBio(BIO_new_mem_buf(data.data(), static_cast<int>(data.size())));
}

inline OwnedBio writer() {
  return OwnedBio(BIO_new(BIO_s_mem()));
}

/// What was written to a BIO of memory.
inline std::string_view written(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return {data, size > 0 ? static_cast<std::size_t>(size) : 0};
}

/// A certificate's DER.
inline bytes der_of(const X509* certificate) {
  bytes out;
  const int size = i2d_X509(certificate, nullptr);
  if (size <= 0) return out;
  out.resize(static_cast<std::size_t>(size));
  unsigned char* end = out.data();
  i2d_X509(certificate, &end);
  return out;
}

}  // namespace cap
