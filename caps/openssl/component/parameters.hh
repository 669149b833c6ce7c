// Parameters of the contract as OpenSSL's.
#pragma once

#include <openssl/params.h>

#include "openssl_cap.hh"

namespace cap {

/// An array of OSSL_PARAM that refers to the parameters that it is made of. Numbers are kept here.
class Parameters {
 public:
  explicit Parameters(std::span<const parameters::parameter> from);
  Parameters(const Parameters&) = delete;
  Parameters& operator=(const Parameters&) = delete;

  const OSSL_PARAM* get() const { return params_.data(); }

 private:
  std::vector<std::int64_t> numbers_;
  std::vector<bytes> integers_;
  std::vector<OSSL_PARAM> params_;
};

}  // namespace cap
