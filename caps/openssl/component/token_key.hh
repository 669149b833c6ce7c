// Private keys that a token holds and uses: of the plan's cap for PKCS #11, by their URI.
#pragma once

#include <openssl/x509.h>

#include <optional>

#include "other_component.hh"
#include "owned.hh"
#include "token_uri.hh"

namespace cap {

/// Whether what was given as a key is the URI of one.
inline bool is_token_uri(std::span<const std::uint8_t> key) {
  return TokenUri::is_one({reinterpret_cast<const char*>(key.data()), key.size()});
}

/// The key that a URI names and that belongs to the certificate: what is signed with it, the token
/// signs. `pin` is that of the token's user where the URI does not say it; a refusal of code
/// kPinMissing means that one may be what is missing.
result<OwnedKey, Refusal> token_key(std::span<const std::uint8_t> uri,
                                    std::optional<std::span<const std::uint8_t>> pin,
                                    X509* certificate);

constexpr std::uint32_t kPinMissing = 0x101;  // CKR_USER_NOT_LOGGED_IN

}  // namespace cap
