// What people want to know of certificates.
#include <openssl/asn1.h>
#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <cstdio>

#include "owned.hh"
#include "problem.hh"

namespace cap::x509 {

namespace {

using Name = std::vector<std::vector<std::tuple<std::string, std::string>>>;

/// Text that may be anything: what is no UTF-8 is taken for Latin-1.
std::string text_of(const ASN1_STRING* string) {
  const std::string_view raw(reinterpret_cast<const char*>(ASN1_STRING_get0_data(string)),
                             static_cast<std::size_t>(ASN1_STRING_length(string)));
  std::string out;
  for (const char c : raw) {
    const auto octet = static_cast<unsigned char>(c);
    if (octet < 0x80) {
      out += c;
    } else {
      out += static_cast<char>(0xc0 | octet >> 6);
      out += static_cast<char>(0x80 | (octet & 0x3f));
    }
  }
  return out;
}

/// A value in whatever encoding it says it has.
std::string value_of(const ASN1_STRING* string) {
  unsigned char* data = nullptr;
  const int size = ASN1_STRING_to_UTF8(&data, string);
  if (size < 0) return text_of(string);
  std::string out(reinterpret_cast<const char*>(data), static_cast<std::size_t>(size));
  OPENSSL_free(data);
  return out;
}

std::string type_of(const ASN1_OBJECT* object, bool dotted) {
  char name[256];
  const int size = OBJ_obj2txt(name, sizeof(name), object, dotted);
  return {name, static_cast<std::size_t>(std::clamp(size, 0, static_cast<int>(sizeof(name)) - 1))};
}

Name name_of(const X509_NAME* name) {
  Name out;
  int set = -1;
  for (int i = 0; i < X509_NAME_entry_count(name); ++i) {
    const X509_NAME_ENTRY* entry = X509_NAME_get_entry(name, i);
    if (X509_NAME_ENTRY_set(entry) != set || out.empty()) out.emplace_back();
    set = X509_NAME_ENTRY_set(entry);
    out.back().emplace_back(type_of(X509_NAME_ENTRY_get_object(entry), false),
                            value_of(X509_NAME_ENTRY_get_data(entry)));
  }
  return out;
}

std::string address_of(const ASN1_OCTET_STRING* address) {
  const unsigned char* a = ASN1_STRING_get0_data(address);
  char out[64] = "<invalid>";
  if (ASN1_STRING_length(address) == 4)
    std::snprintf(out, sizeof(out), "%d.%d.%d.%d", a[0], a[1], a[2], a[3]);
  if (ASN1_STRING_length(address) == 16)
    std::snprintf(out, sizeof(out), "%X:%X:%X:%X:%X:%X:%X:%X", a[0] << 8 | a[1], a[2] << 8 | a[3],
                  a[4] << 8 | a[5], a[6] << 8 | a[7], a[8] << 8 | a[9], a[10] << 8 | a[11],
                  a[12] << 8 | a[13], a[14] << 8 | a[15]);
  return out;
}

alternative_name text_name(const char* kind, std::string value) {
  return {alternative_name::text{{kind, std::move(value)}}};
}

alternative_name described(GENERAL_NAME* name) {
  int kind = 0;
  void* value = GENERAL_NAME_get0_value(name, &kind);
  switch (kind) {
    case GEN_DIRNAME:
      return {alternative_name::directory{name_of(static_cast<X509_NAME*>(value))}};
    case GEN_EMAIL:
      return text_name("email", text_of(static_cast<ASN1_STRING*>(value)));
    case GEN_DNS:
      return text_name("DNS", text_of(static_cast<ASN1_STRING*>(value)));
    case GEN_URI:
      return text_name("URI", text_of(static_cast<ASN1_STRING*>(value)));
    case GEN_RID:
      return text_name("Registered ID", type_of(static_cast<ASN1_OBJECT*>(value), true));
    case GEN_IPADD:
      return text_name("IP Address", address_of(static_cast<ASN1_OCTET_STRING*>(value)));
    default:
      break;
  }
  const OwnedBio bio = writer();
  GENERAL_NAME_print(bio.get(), name);
  const std::string_view line = written(bio.get());
  const std::size_t colon = std::min(line.find(':'), line.size());
  return {alternative_name::text{{std::string(line.substr(0, colon)),
                                  std::string(line.substr(std::min(colon + 1, line.size())))}}};
}

std::vector<alternative_name> alternative_names(const X509* certificate) {
  std::vector<alternative_name> out;
  auto* names = static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
  for (int i = 0; i < sk_GENERAL_NAME_num(names); ++i)
    out.push_back(described(sk_GENERAL_NAME_value(names, i)));
  GENERAL_NAMES_free(names);
  return out;
}

/// The addresses under which the authority offers something.
std::vector<std::string> access_locations(const X509* certificate, int what) {
  std::vector<std::string> out;
  auto* entries = static_cast<AUTHORITY_INFO_ACCESS*>(
      X509_get_ext_d2i(certificate, NID_info_access, nullptr, nullptr));
  for (int i = 0; i < sk_ACCESS_DESCRIPTION_num(entries); ++i) {
    const ACCESS_DESCRIPTION* entry = sk_ACCESS_DESCRIPTION_value(entries, i);
    if (OBJ_obj2nid(entry->method) == what && entry->location->type == GEN_URI)
      out.push_back(text_of(entry->location->d.uniformResourceIdentifier));
  }
  AUTHORITY_INFO_ACCESS_free(entries);
  return out;
}

std::vector<std::string> revocation_lists(const X509* certificate) {
  std::vector<std::string> out;
  auto* points = static_cast<CRL_DIST_POINTS*>(
      X509_get_ext_d2i(certificate, NID_crl_distribution_points, nullptr, nullptr));
  for (int i = 0; i < sk_DIST_POINT_num(points); ++i) {
    const DIST_POINT* point = sk_DIST_POINT_value(points, i);
    if (!point->distpoint || point->distpoint->type != 0) continue;
    const GENERAL_NAMES* names = point->distpoint->name.fullname;
    for (int j = 0; j < sk_GENERAL_NAME_num(names); ++j) {
      const GENERAL_NAME* name = sk_GENERAL_NAME_value(names, j);
      if (name->type == GEN_URI) out.push_back(text_of(name->d.uniformResourceIdentifier));
    }
  }
  CRL_DIST_POINTS_free(points);
  return out;
}

std::string time_of(const ASN1_TIME* time) {
  const OwnedBio bio = writer();
  ASN1_TIME_print(bio.get(), time);
  return std::string(written(bio.get()));
}

std::string serial_of(const X509* certificate) {
  const OwnedBio bio = writer();
  i2a_ASN1_INTEGER(bio.get(), X509_get0_serialNumber(certificate));
  return std::string(written(bio.get()));
}

OwnedCertificate parsed(std::span<const std::uint8_t> der) {
  const unsigned char* at = der.data();
  return OwnedCertificate(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
}

std::optional<object_identifier> described(int number, const ASN1_OBJECT* object) {
  const char* brief = OBJ_nid2sn(number);
  const char* full = OBJ_nid2ln(number);
  object_identifier out{number, brief ? brief : "", full ? full : "", std::nullopt};
  if (const std::string dotted = type_of(object, true); !dotted.empty()) out.dotted = dotted;
  return out;
}

}  // namespace

result<description, error::problem> describe(std::span<const std::uint8_t> der) {
  const OwnedCertificate certificate = parsed(der);
  if (!certificate) return err(last_problem());
  const X509* x509 = certificate.get();
  description out{};
  out.subject = name_of(X509_get_subject_name(x509));
  out.issuer = name_of(X509_get_issuer_name(x509));
  out.version = static_cast<std::uint32_t>(X509_get_version(x509) + 1);
  out.serial_number = serial_of(x509);
  out.not_before = time_of(X509_get0_notBefore(x509));
  out.not_after = time_of(X509_get0_notAfter(x509));
  out.alternative_names = alternative_names(x509);
  out.status_services = access_locations(x509, NID_ad_OCSP);
  out.issuer_locations = access_locations(x509, NID_ad_ca_issuers);
  out.revocation_lists = revocation_lists(x509);
  ERR_clear_error();
  return out;
}

result<std::string, error::problem> subject_line(std::span<const std::uint8_t> der) {
  const OwnedCertificate certificate = parsed(der);
  if (!certificate) return err(last_problem());
  const OwnedBio bio = writer();
  X509_NAME_print_ex(bio.get(), X509_get_subject_name(certificate.get()), 0,
                     (ASN1_STRFLGS_RFC2253 & ~ASN1_STRFLGS_ESC_MSB & ~ASN1_STRFLGS_UTF8_CONVERT) |
                         ASN1_STRFLGS_UTF8_CONVERT | XN_FLAG_SEP_COMMA_PLUS | XN_FLAG_FN_SN |
                         XN_FLAG_DN_REV);
  return std::string(written(bio.get()));
}

result<bytes, error::problem> from_pem(std::span<const std::uint8_t> pem) {
  const OwnedBio bio = reader(pem);
  const OwnedCertificate certificate(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
  if (!certificate) return err(last_problem());
  return der_of(certificate.get());
}

std::optional<object_identifier> object_by_text(std::string_view text, bool by_name) {
  const Handle<ASN1_OBJECT, ASN1_OBJECT_free> object(
      OBJ_txt2obj(std::string(text).c_str(), by_name ? 0 : 1));
  ERR_clear_error();
  if (!object) return std::nullopt;
  return described(OBJ_obj2nid(object.get()), object.get());
}

std::optional<object_identifier> object_by_number(std::int32_t number) {
  const ASN1_OBJECT* object = OBJ_nid2obj(number);
  ERR_clear_error();
  if (!object || number == NID_undef) return std::nullopt;
  return described(number, object);
}

}  // namespace cap::x509
