#include <openssl/rand.h>

#include "problem.hh"

namespace cap::random {
namespace {

result<cap::bytes, problem> draw(std::uint32_t length, int (*source)(OSSL_LIB_CTX*, unsigned char*,
                                                                     std::size_t, unsigned int)) {
  cap::bytes out;
  if (!out.try_resize(length)) return err(no_memory());
  if (length && source(nullptr, out.data(), length, 0) != 1) return err(last_problem());
  return out;
}

}  // namespace

result<cap::bytes, problem> bytes(std::uint32_t length) {
  return draw(length, RAND_bytes_ex);
}

result<cap::bytes, problem> private_bytes(std::uint32_t length) {
  return draw(length, RAND_priv_bytes_ex);
}

result<void, problem> mix(std::span<const std::uint8_t> data) {
  if (data.size() > INT32_MAX) return err(own_problem("too much data"));
  // Counts as no entropy: the host's seed stands by itself.
  RAND_add(data.data(), static_cast<int>(data.size()), 0.0);
  return {};
}

}  // namespace cap::random
