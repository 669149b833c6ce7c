#include <openssl/evp.h>

#include <algorithm>

#include "fetched.hh"
#include "handle.hh"
#include "problem.hh"

namespace cap::digest {
namespace {

using Context = Handle<EVP_MD_CTX, EVP_MD_CTX_free>;
using Bytes = std::span<const std::uint8_t>;

EVP_MD* method(std::string_view name) {
  static Fetched<EVP_MD, EVP_MD_fetch, EVP_MD_free> fetched;
  return fetched.find(name);
}

bool is_extendable(const EVP_MD* md) {
  return EVP_MD_get_flags(md) & EVP_MD_FLAG_XOF;
}

algorithm describe(const EVP_MD* md) {
  std::string name = EVP_MD_get0_name(md);
  std::ranges::transform(name, name.begin(), [](unsigned char c) { return std::tolower(c); });
  const bool extendable = is_extendable(md);
  return {std::move(name), extendable ? 0u : static_cast<std::uint32_t>(EVP_MD_get_size(md)),
          static_cast<std::uint32_t>(EVP_MD_get_block_size(md)), extendable};
}

Context begin(std::string_view name) {
  EVP_MD* md = method(name);
  Context context(md ? EVP_MD_CTX_new() : nullptr);
  if (!context || EVP_DigestInit_ex2(context.get(), md, nullptr) != 1) return nullptr;
  return context;
}

/// Ends a context.
result<bytes, problem> finish(EVP_MD_CTX* context, std::optional<std::uint32_t> length) {
  const EVP_MD* md = EVP_MD_CTX_get0_md(context);
  const bool extendable = is_extendable(md);
  if (extendable != length.has_value())
    return err(own_problem(extendable ? "the digest needs a length"
                                      : "the length of the digest is fixed"));
  bytes out;
  if (!out.try_resize(extendable ? *length : static_cast<std::size_t>(EVP_MD_get_size(md))))
    return err(no_memory());
  if (extendable && out.empty()) return out;
  const int done = extendable ? EVP_DigestFinalXOF(context, out.data(), out.size())
                              : EVP_DigestFinal_ex(context, out.data(), nullptr);
  if (done != 1) return err(last_problem());
  return out;
}

class Hasher final : public hasher {
 public:
  explicit Hasher(Context context) : context_(std::move(context)) {}

  result<void, problem> update(Bytes data) override {
    if (EVP_DigestUpdate(context_.get(), data.data(), data.size()) != 1) return err(last_problem());
    return {};
  }

  result<bytes, problem> digest(std::optional<std::uint32_t> length) override {
    const Context end = duplicate();
    if (!end) return err(last_problem());
    return finish(end.get(), length);
  }

  result<std::unique_ptr<hasher>, problem> copy() override {
    Context other = duplicate();
    if (!other) return err(last_problem());
    return std::unique_ptr<hasher>(std::make_unique<Hasher>(std::move(other)));
  }

 private:
  Context duplicate() const {
    Context other(EVP_MD_CTX_new());
    if (!other || EVP_MD_CTX_copy_ex(other.get(), context_.get()) != 1) return nullptr;
    return other;
  }

  Context context_;
};

}  // namespace

std::vector<algorithm> algorithms() {
  std::vector<algorithm> out;
  EVP_MD_do_all_provided(
      nullptr,
      [](EVP_MD* md, void* to) {
        if (EVP_MD_get_block_size(md) > 0 || is_extendable(md))
          static_cast<std::vector<algorithm>*>(to)->push_back(describe(md));
      },
      &out);
  return out;
}

result<algorithm, problem> describe(std::string_view name) {
  EVP_MD* md = method(name);
  if (!md) return err(last_problem());
  return describe(md);
}

result<bytes, problem> hash(std::string_view name, Bytes data,
                            std::optional<std::uint32_t> length) {
  const Context context = begin(name);
  if (!context || EVP_DigestUpdate(context.get(), data.data(), data.size()) != 1)
    return err(last_problem());
  return finish(context.get(), length);
}

result<std::unique_ptr<hasher>, problem> hasher_open(std::string_view name) {
  Context context = begin(name);
  if (!context) return err(last_problem());
  return std::unique_ptr<hasher>(std::make_unique<Hasher>(std::move(context)));
}

}  // namespace cap::digest
