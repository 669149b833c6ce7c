// Arithmetic of whole numbers.
#include <openssl/bn.h>

#include "handle.hh"
#include "problem.hh"

namespace cap::bignum {
namespace {

using Number = Handle<BIGNUM, BN_clear_free>;
using Context = Handle<BN_CTX, BN_CTX_free>;
using Bytes = std::span<const std::uint8_t>;

constexpr std::uint32_t kLargestPrime = 16384;  // bits

Number number() {
  return Number(BN_secure_new());
}

Number number(Bytes from) {
  if (from.size() > INT32_MAX / 8) return nullptr;
  return Number(BN_bin2bn(from.data(), static_cast<int>(from.size()), nullptr));
}

Context scratch() {
  return Context(BN_CTX_secure_new());
}

result<bytes, problem> value(const BIGNUM* of, std::size_t size) {
  bytes out(size);
  if (BN_bn2binpad(of, out.data(), static_cast<int>(size)) < 0) return err(last_problem());
  return out;
}

result<bytes, problem> value(const BIGNUM* of) {
  return value(of, static_cast<std::size_t>(BN_num_bytes(of)));
}

}  // namespace

result<bytes, problem> mod_exp(Bytes base, Bytes exponent, Bytes modulus) {
  const Number b = number(base), e = number(exponent), m = number(modulus), out = number();
  const Context context = scratch();
  if (!b || !e || !m || !out || !context) return err(last_problem());
  BN_set_flags(e.get(), BN_FLG_CONSTTIME);
  if (!BN_is_odd(m.get())) return err(own_problem("the modulus is even"));
  if (BN_mod_exp_mont_consttime(out.get(), b.get(), e.get(), m.get(), context.get(), nullptr) != 1)
    return err(last_problem());
  return value(out.get(), modulus.size());
}

result<bytes, problem> mod_inverse(Bytes of, Bytes modulus) {
  const Number n = number(of), m = number(modulus), out = number();
  const Context context = scratch();
  if (!n || !m || !out || !context) return err(last_problem());
  if (BN_is_zero(m.get())) return err(own_problem("the modulus is 0"));
  BN_set_flags(n.get(), BN_FLG_CONSTTIME);
  if (!BN_mod_inverse(out.get(), n.get(), m.get(), context.get())) return err(last_problem());
  return value(out.get(), modulus.size());
}

result<bytes, problem> random_below(Bytes limit) {
  const Number range = number(limit), out = number();
  if (!range || !out || BN_priv_rand_range_ex(out.get(), range.get(), 0, nullptr) != 1)
    return err(last_problem());
  return value(out.get(), limit.size());
}

result<bytes, problem> generate_prime(std::uint32_t bits, bool safe) {
  if (bits > kLargestPrime) return err(own_problem("a prime of so many bits is not looked for"));
  const Number out = number();
  const Context context = scratch();
  if (!out || !context ||
      BN_generate_prime_ex2(out.get(), static_cast<int>(bits), safe, nullptr, nullptr, nullptr,
                            context.get()) != 1)
    return err(last_problem());
  return value(out.get());
}

result<bool, problem> is_prime(Bytes of) {
  const Number n = number(of);
  const Context context = scratch();
  if (!n || !context) return err(last_problem());
  const int answer = BN_check_prime(n.get(), context.get(), nullptr);
  if (answer < 0) return err(last_problem());
  return answer == 1;
}

}  // namespace cap::bignum
