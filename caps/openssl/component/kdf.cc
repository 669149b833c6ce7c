// Key derivation.
#include <openssl/kdf.h>

#include "handle.hh"
#include "parameters.hh"
#include "problem.hh"

namespace cap::kdf {
namespace {

using Method = Handle<EVP_KDF, EVP_KDF_free>;
using Context = Handle<EVP_KDF_CTX, EVP_KDF_CTX_free>;

}  // namespace

result<bytes, problem> derive(std::string_view name, std::span<const parameter> parameters,
                              std::uint32_t length) {
  const Method method(EVP_KDF_fetch(nullptr, std::string(name).c_str(), nullptr));
  const Context context(method ? EVP_KDF_CTX_new(method.get()) : nullptr);
  if (!context) return err(last_problem());
  bytes out;
  if (!out.try_resize(length)) return err(no_memory());
  const Parameters params(parameters);
  if (EVP_KDF_derive(context.get(), out.data(), out.size(), params.get()) != 1)
    return err(last_problem());
  return out;
}

}  // namespace cap::kdf
