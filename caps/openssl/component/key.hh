// A key of the contract, for what else needs one.
#pragma once

#include <openssl/evp.h>

#include "handle.hh"
#include "openssl_cap.hh"

namespace cap {

using PrivateOrPublicKey = Handle<EVP_PKEY, EVP_PKEY_free>;

/// OpenSSL's object of a key; it stays the key's.
EVP_PKEY* pkey_of(pkey::key& key);

/// A key of the contract.
std::unique_ptr<pkey::key> make_key(PrivateOrPublicKey key);

}  // namespace cap
