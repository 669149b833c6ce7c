// Fuzz target: any bytes as a signature, a public key and a secret key.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "compose/minisign.hh"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pylon::compose;
  static const SecretKey secret = SecretKey::generate();
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto key = PublicKey::parse(text))
    if (*PublicKey::parse(key->file_text()) != *key) __builtin_trap();
  if (const auto key = SecretKey::parse(text))
    if (!SecretKey::parse(key->file_text())) __builtin_trap();
  if (const auto signature = Signature::parse(text)) {
    // Nothing made of other bytes may pass as a signature of a key drawn just now.
    const PublicKey other(signature->key_id(), secret.public_key().raw());
    if (signature->verify(other, {data, size})) __builtin_trap();
  }
  return 0;
}
