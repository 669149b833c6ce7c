// Which OpenSSL this is.
#include <openssl/crypto.h>

#include "openssl_cap.hh"

namespace cap::error {

release version() {
  return {OpenSSL_version(OPENSSL_VERSION), static_cast<std::uint32_t>(OpenSSL_version_num())};
}

}  // namespace cap::error
