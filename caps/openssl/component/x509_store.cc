// Whom to trust.
#include <openssl/err.h>

#include "x509_objects.hh"

namespace cap::x509 {
namespace {

using Context = Handle<X509_STORE_CTX, X509_STORE_CTX_free>;
using OwnedStore = Handle<X509_STORE, X509_STORE_free>;

struct Stack {
  STACK_OF(X509) * certificates = sk_X509_new_null();
  Stack() = default;
  Stack(const Stack&) = delete;
  Stack& operator=(const Stack&) = delete;
  ~Stack() { sk_X509_free(certificates); }
};

refusal refused(int code, int depth = 0) {
  ERR_clear_error();
  return {code, X509_verify_cert_error_string(code), static_cast<std::uint32_t>(depth)};
}

bool ask(X509_VERIFY_PARAM* of, const question& question) {
  unsigned long flags = 0;
  if (question.check_revocation) flags |= X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL;
  if (question.strict) flags |= X509_V_FLAG_X509_STRICT;
  if (flags && X509_VERIFY_PARAM_set_flags(of, flags) != 1) return false;
  if (question.at) X509_VERIFY_PARAM_set_time(of, *question.at);
  if (question.purpose) {
    const int place = X509_PURPOSE_get_by_sname(question.purpose->c_str());
    const X509_PURPOSE* purpose = place < 0 ? nullptr : X509_PURPOSE_get0(place);
    if (!purpose || X509_VERIFY_PARAM_set_purpose(of, X509_PURPOSE_get_id(purpose)) != 1)
      return false;
  }
  if (question.host &&
      X509_VERIFY_PARAM_set1_host(of, question.host->data(), question.host->size()) != 1)
    return false;
  return !question.address ||
         X509_VERIFY_PARAM_set1_ip(of, question.address->data(), question.address->size()) == 1;
}

class Store final : public store {
 public:
  result<void, problem> add(certificate& trusted) override {
    if (X509_STORE_add_cert(store_.get(), x509_of(trusted)) != 1) return err(last_problem());
    return {};
  }

  result<void, problem> add_list(revocation_list& revoked) override {
    if (X509_STORE_add_crl(store_.get(), crl_of(revoked)) != 1) return err(last_problem());
    return {};
  }

  result<std::vector<std::unique_ptr<certificate>>, refusal> verify(
      certificate& leaf, std::span<certificate* const> between, const question& question) override {
    const Context context(X509_STORE_CTX_new());
    const Stack untrusted;
    bool good = context && untrusted.certificates;
    for (certificate* one : between)
      good = good && sk_X509_push(untrusted.certificates, x509_of(*one)) > 0;
    if (!good || X509_STORE_CTX_init(context.get(), store_.get(), x509_of(leaf),
                                     untrusted.certificates) != 1)
      return err(refused(X509_V_ERR_OUT_OF_MEM));
    if (!ask(X509_STORE_CTX_get0_param(context.get()), question))
      return err(refused(X509_V_ERR_INVALID_CALL));
    if (X509_verify_cert(context.get()) != 1)
      return err(refused(X509_STORE_CTX_get_error(context.get()),
                         X509_STORE_CTX_get_error_depth(context.get())));
    ERR_clear_error();
    std::vector<std::unique_ptr<certificate>> chain;
    const STACK_OF(X509)* found = X509_STORE_CTX_get0_chain(context.get());
    for (int i = 0; i < sk_X509_num(found); ++i) {
      X509* one = sk_X509_value(found, i);
      X509_up_ref(one);
      chain.push_back(make_certificate(OwnedCertificate(one)));
    }
    return chain;
  }

 private:
  OwnedStore store_{X509_STORE_new()};
};

}  // namespace

std::unique_ptr<store> make_store() {
  return std::make_unique<Store>();
}

}  // namespace cap::x509
