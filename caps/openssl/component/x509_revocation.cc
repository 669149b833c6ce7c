// Lists of certificates that are revoked.
#include <openssl/err.h>

#include "x509_objects.hh"

namespace cap::x509 {
namespace {

using Bytes = std::span<const std::uint8_t>;
using Time = Handle<ASN1_TIME, ASN1_TIME_free>;

class RevocationList final : public revocation_list {
 public:
  explicit RevocationList(OwnedList from) : list_(std::move(from)) {}
  X509_CRL* get() const { return list_.get(); }

  result<bytes, problem> save(encoding encoding) override {
    return written_by([&](BIO* to) {
      return encoding == encoding::pem ? PEM_write_bio_X509_CRL(to, get())
                                       : i2d_X509_CRL_bio(to, get());
    });
  }
  bool is_signed_by(key& issuer) override {
    const bool is = X509_CRL_verify(get(), pkey_of(issuer)) == 1;
    ERR_clear_error();
    return is;
  }
  std::string text() override {
    return printed_by([&](BIO* to) { return X509_CRL_print(to, get()); });
  }

 private:
  OwnedList list_;
};

bool add(X509_CRL* to, const revocation& entry) {
  Handle<X509_REVOKED, X509_REVOKED_free> made(X509_REVOKED_new());
  const Handle<ASN1_INTEGER, ASN1_INTEGER_free> serial(ASN1_INTEGER_new());
  const Time at(ASN1_TIME_new());
  if (!made || !serial || !at || !set_time(at.get(), entry.at) ||
      !set_serial(serial.get(), Bytes(entry.serial_number)) ||
      X509_REVOKED_set_serialNumber(made.get(), serial.get()) != 1 ||
      X509_REVOKED_set_revocationDate(made.get(), at.get()) != 1 ||
      X509_CRL_add0_revoked(to, made.get()) != 1)
    return false;
  static_cast<void>(made.release());
  return true;
}

}  // namespace

X509_CRL* crl_of(revocation_list& of) {
  return static_cast<RevocationList&>(of).get();
}

result<std::unique_ptr<revocation_list>, problem> revocation_list_load(Bytes data) {
  OwnedList read = read_either<OwnedList, PEM_read_bio_X509_CRL, d2i_X509_CRL_bio>(data);
  if (!read) return err(last_problem());
  return std::unique_ptr<revocation_list>(std::make_unique<RevocationList>(std::move(read)));
}

result<std::unique_ptr<revocation_list>, problem> revocation_list_issue(
    certificate& issuer, key& issuer_key, std::optional<std::string_view> digest,
    std::int64_t this_update, std::int64_t next_update, std::span<const revocation> revoked) {
  const auto md = signing_digest(digest);
  if (!md) return err(own_problem("there is no digest of this name"));
  OwnedList made(X509_CRL_new());
  const Time now(ASN1_TIME_new()), then(ASN1_TIME_new());
  if (!made || !now || !then || !set_time(now.get(), this_update) ||
      !set_time(then.get(), next_update) ||
      X509_CRL_set_version(made.get(), X509_CRL_VERSION_2) != 1 ||
      X509_CRL_set_issuer_name(made.get(), X509_get_subject_name(x509_of(issuer))) != 1 ||
      X509_CRL_set1_lastUpdate(made.get(), now.get()) != 1 ||
      X509_CRL_set1_nextUpdate(made.get(), then.get()) != 1)
    return err(last_problem());
  for (const revocation& entry : revoked)
    if (!add(made.get(), entry)) return err(last_problem());
  if (X509_CRL_sort(made.get()) != 1 || X509_CRL_sign(made.get(), pkey_of(issuer_key), *md) <= 0)
    return err(last_problem());
  return std::unique_ptr<revocation_list>(std::make_unique<RevocationList>(std::move(made)));
}

}  // namespace cap::x509
