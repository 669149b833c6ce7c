#include "x509_objects.hh"

#include <openssl/conf.h>

namespace cap::x509 {

std::optional<const EVP_MD*> signing_digest(std::optional<std::string_view> name) {
  if (!name) return nullptr;
  const EVP_MD* digest = EVP_get_digestbyname(std::string(*name).c_str());
  if (!digest) return std::nullopt;
  return digest;
}

bool add_attributes(X509_NAME* to, std::span<const attribute> attributes) {
  for (const attribute& one : attributes)
    if (X509_NAME_add_entry_by_txt(to, one.name.c_str(), MBSTRING_UTF8,
                                   reinterpret_cast<const unsigned char*>(one.value.data()),
                                   static_cast<int>(one.value.size()), -1, 0) != 1)
      return false;
  return true;
}

Handle<X509_EXTENSION, X509_EXTENSION_free> extension_of(const extension& from,
                                                         X509V3_CTX* context) {
  // Some extensions are read only where there is a configuration, even an empty one.
  static CONF* const empty = NCONF_new(nullptr);
  X509V3_set_nconf(context, empty);
  const std::string value = (from.critical ? "critical," : "") + from.value;
  return Handle<X509_EXTENSION, X509_EXTENSION_free>(
      X509V3_EXT_nconf(nullptr, context, from.name.c_str(), value.c_str()));
}

bool set_serial(ASN1_INTEGER* to, std::span<const std::uint8_t> number) {
  const Handle<BIGNUM, BN_free> value(
      BN_bin2bn(number.data(), static_cast<int>(number.size()), nullptr));
  return value && BN_to_ASN1_INTEGER(value.get(), to);
}

bool set_time(ASN1_TIME* to, std::int64_t seconds) {
  constexpr std::int64_t kYear1 = -62'135'596'800, kYear10000 = 253'402'300'800;
  return seconds >= kYear1 && seconds < kYear10000 && ASN1_TIME_set(to, seconds);
}

}  // namespace cap::x509
