// Message authentication codes.
#include <openssl/core_names.h>
#include <openssl/evp.h>

#include "fetched.hh"
#include "handle.hh"
#include "parameters.hh"
#include "problem.hh"

namespace cap::mac {
namespace {

using Context = Handle<EVP_MAC_CTX, EVP_MAC_CTX_free>;
using Bytes = std::span<const std::uint8_t>;

Context begin(std::string_view name, Bytes key, std::span<const parameter> parameters) {
  // A null key would mean the key of before.
  static constexpr std::uint8_t kNoKey = 0;
  static Fetched<EVP_MAC, EVP_MAC_fetch, EVP_MAC_free> fetched;
  EVP_MAC* method = fetched.find(name);
  Context context(method ? EVP_MAC_CTX_new(method) : nullptr);
  const Parameters params(parameters);
  if (!context || EVP_MAC_init(context.get(), key.empty() ? &kNoKey : key.data(), key.size(),
                               params.get()) != 1)
    return nullptr;
  return context;
}

/// Ends a context.
result<bytes, problem> finish(EVP_MAC_CTX* context) {
  bytes out;
  if (!out.try_resize(EVP_MAC_CTX_get_mac_size(context))) return err(no_memory());
  std::size_t size = 0;
  if (EVP_MAC_final(context, out.data(), &size, out.size()) != 1) return err(last_problem());
  out.resize(size);
  return out;
}

class Authenticator final : public authenticator {
 public:
  explicit Authenticator(Context context) : context_(std::move(context)) {}

  result<void, problem> update(Bytes data) override {
    if (EVP_MAC_update(context_.get(), data.data(), data.size()) != 1) return err(last_problem());
    return {};
  }

  result<bytes, problem> digest() override {
    const Context end(EVP_MAC_CTX_dup(context_.get()));
    if (!end) return err(last_problem());
    return finish(end.get());
  }

  result<std::unique_ptr<authenticator>, problem> copy() override {
    Context other(EVP_MAC_CTX_dup(context_.get()));
    if (!other) return err(last_problem());
    return std::unique_ptr<authenticator>(std::make_unique<Authenticator>(std::move(other)));
  }

 private:
  Context context_;
};

}  // namespace

result<bytes, problem> compute(std::string_view name, Bytes key,
                               std::span<const parameter> parameters, Bytes data) {
  const Context context = begin(name, key, parameters);
  if (!context || EVP_MAC_update(context.get(), data.data(), data.size()) != 1)
    return err(last_problem());
  return finish(context.get());
}

result<std::unique_ptr<authenticator>, problem> authenticator_open(
    std::string_view name, Bytes key, std::span<const parameter> parameters) {
  Context context = begin(name, key, parameters);
  if (!context) return err(last_problem());
  return std::unique_ptr<authenticator>(std::make_unique<Authenticator>(std::move(context)));
}

}  // namespace cap::mac
