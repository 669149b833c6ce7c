// Symmetric ciphers.
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <algorithm>

#include "handle.hh"
#include "problem.hh"

namespace cap::cipher {
namespace {

using Method = Handle<EVP_CIPHER, EVP_CIPHER_free>;
using Context = Handle<EVP_CIPHER_CTX, EVP_CIPHER_CTX_free>;
using Bytes = std::span<const std::uint8_t>;

constexpr std::size_t kLargestPiece = INT32_MAX - EVP_MAX_BLOCK_LENGTH;

Method method(std::string_view name) {
  return Method(EVP_CIPHER_fetch(nullptr, std::string(name).c_str(), nullptr));
}

bool authenticates(const EVP_CIPHER* of) {
  return EVP_CIPHER_get_flags(of) & EVP_CIPH_FLAG_AEAD_CIPHER;
}

/// SIV takes any number of pieces of additional data, and its tag before the ciphertext.
bool takes_pieces(const EVP_CIPHER* of) {
  return EVP_CIPHER_get_mode(of) == EVP_CIPH_SIV_MODE;
}

algorithm describe(const EVP_CIPHER* of) {
  std::string name = EVP_CIPHER_get0_name(of);
  std::ranges::transform(name, name.begin(), [](unsigned char c) { return std::tolower(c); });
  return {std::move(name), static_cast<std::uint32_t>(EVP_CIPHER_get_key_length(of)),
          static_cast<std::uint32_t>(EVP_CIPHER_get_iv_length(of)),
          static_cast<std::uint32_t>(EVP_CIPHER_get_block_size(of)), authenticates(of)};
}

/// Sets cipher and direction, then the lengths that are not the cipher's own, then key and nonce.
bool begin(EVP_CIPHER_CTX* context, const EVP_CIPHER* of, bool encrypt, Bytes key, Bytes iv) {
  if (EVP_CipherInit_ex2(context, of, nullptr, nullptr, encrypt, nullptr) != 1) return false;
  if (key.size() != static_cast<std::size_t>(EVP_CIPHER_CTX_get_key_length(context)) &&
      EVP_CIPHER_CTX_set_key_length(context, static_cast<int>(key.size())) != 1)
    return false;
  const auto own = static_cast<std::size_t>(EVP_CIPHER_CTX_get_iv_length(context));
  if (iv.size() != own && (!authenticates(of) || takes_pieces(of) ||
                           EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_IVLEN,
                                               static_cast<int>(iv.size()), nullptr) != 1))
    return iv.empty() && takes_pieces(of);
  return true;
}

bool load(EVP_CIPHER_CTX* context, Bytes key, Bytes iv) {
  return EVP_CipherInit_ex2(context, nullptr, key.data(), iv.empty() ? nullptr : iv.data(), -1,
                            nullptr) == 1;
}

bool set_tag(EVP_CIPHER_CTX* context, const std::uint8_t* tag, std::size_t size) {
  return EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, static_cast<int>(size),
                             const_cast<std::uint8_t*>(tag)) == 1;
}

problem wrong_iv() {
  return own_problem("the cipher takes no initialisation vector of this length");
}

class Sealer final : public sealer {
 public:
  Sealer(Method method, Bytes key, std::size_t tag)
      : method_(std::move(method)), key_(key), tag_(tag) {}
  ~Sealer() override { OPENSSL_cleanse(key_.data(), key_.size()); }

  result<bytes, problem> seal(Bytes nonce, std::span<const Bytes> additional,
                              Bytes plaintext) override {
    bytes out;
    if (!out.try_resize(plaintext.size() + tag_)) return err(no_memory());
    const Context context = start(true, nonce, additional, {}, plaintext.size());
    std::uint8_t* tag = out.data() + plaintext.size();
    if (!context || !run(context.get(), plaintext, out.data()) ||
        EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, static_cast<int>(tag_), tag) != 1)
      return err(last_problem());
    return out;
  }

  result<bytes, problem> unseal(Bytes nonce, std::span<const Bytes> additional,
                                Bytes ciphertext) override {
    if (ciphertext.size() < tag_) return err(own_problem("authentication failed"));
    const Bytes text = ciphertext.first(ciphertext.size() - tag_);
    bytes out;
    if (!out.try_resize(text.size())) return err(no_memory());
    const Context context =
        start(false, nonce, additional, ciphertext.subspan(text.size()), text.size());
    if (!context) return err(last_problem());
    if (run(context.get(), text, out.data())) return out;
    OPENSSL_cleanse(out.data(), out.size());
    // OpenSSL says nothing of a wrong tag.
    static_cast<void>(last_problem());
    return err(own_problem("authentication failed"));
  }

 private:
  /// A context that has taken all but the text; null if something is wrong with the nonce.
  Context start(bool encrypt, Bytes nonce, std::span<const Bytes> additional, Bytes tag,
                std::size_t length) const {
    Context context(EVP_CIPHER_CTX_new());
    const bool is_ccm = EVP_CIPHER_get_mode(method_.get()) == EVP_CIPH_CCM_MODE;
    int ignored = 0;
    if (!context || !begin(context.get(), method_.get(), encrypt, Bytes(key_), nonce))
      return nullptr;
    // CCM and OCB have to know how long the tag is before they take the key.
    const bool takes_length = is_ccm || EVP_CIPHER_get_mode(method_.get()) == EVP_CIPH_OCB_MODE;
    if (encrypt ? takes_length && !set_tag(context.get(), nullptr, tag_)
                : !set_tag(context.get(), tag.data(), tag.size()))
      return nullptr;
    if (!load(context.get(), Bytes(key_), nonce)) return nullptr;
    if (is_ccm &&
        EVP_CipherUpdate(context.get(), nullptr, &ignored, nullptr, static_cast<int>(length)) != 1)
      return nullptr;
    for (const Bytes& piece : additional)
      if ((takes_pieces(method_.get()) || !piece.empty()) && !authenticate(context.get(), piece))
        return nullptr;
    return context;
  }

  static bool authenticate(EVP_CIPHER_CTX* context, Bytes piece) {
    static constexpr std::uint8_t kNothing = 0;
    int ignored = 0;
    return piece.size() <= kLargestPiece &&
           EVP_CipherUpdate(context, nullptr, &ignored, piece.empty() ? &kNothing : piece.data(),
                            static_cast<int>(piece.size())) == 1;
  }

  static bool run(EVP_CIPHER_CTX* context, Bytes in, std::uint8_t* out) {
    std::uint8_t none = 0;
    int done = 0, last = 0;
    const bool fits = in.size() <= kLargestPiece;
    const bool updated =
        fits && EVP_CipherUpdate(context, in.empty() ? &none : out, &done,
                                 in.empty() ? &none : in.data(), static_cast<int>(in.size())) == 1;
    return updated && EVP_CipherFinal_ex(context, in.empty() ? &none : out + done, &last) == 1;
  }

  Method method_;
  bytes key_;
  std::size_t tag_;
};

class Transformer final : public transformer {
 public:
  explicit Transformer(Context context) : context_(std::move(context)) {}

  result<void, problem> authenticate(Bytes data) override {
    int ignored = 0;
    if (data.size() > kLargestPiece) return err(own_problem("too much data"));
    if (EVP_CipherUpdate(context_.get(), nullptr, &ignored, data.data(),
                         static_cast<int>(data.size())) != 1)
      return err(last_problem());
    return {};
  }

  result<bytes, problem> update(Bytes data) override {
    bytes out;
    if (data.size() > kLargestPiece) return err(own_problem("too much data"));
    if (data.empty()) return out;
    if (!out.try_resize(data.size() + EVP_MAX_BLOCK_LENGTH)) return err(no_memory());
    int size = 0;
    if (EVP_CipherUpdate(context_.get(), out.data(), &size, data.data(),
                         static_cast<int>(data.size())) != 1)
      return err(last_problem());
    out.resize(static_cast<std::size_t>(size));
    return out;
  }

  result<void, problem> expect(Bytes tag) override {
    if (!set_tag(context_.get(), tag.data(), tag.size())) return err(last_problem());
    return {};
  }

  result<bytes, problem> finish() override {
    bytes out(EVP_MAX_BLOCK_LENGTH);
    int size = 0;
    if (EVP_CipherFinal_ex(context_.get(), out.data(), &size) != 1) {
      if (authenticates(EVP_CIPHER_CTX_get0_cipher(context_.get())))
        return err(own_problem("authentication failed"));
      return err(last_problem());
    }
    out.resize(static_cast<std::size_t>(size));
    return out;
  }

  result<bytes, problem> tag(std::uint32_t length) override {
    bytes out;
    if (length > EVP_MAX_AEAD_TAG_LENGTH) return err(own_problem("no tag is that long"));
    out.resize(length);
    if (EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_AEAD_GET_TAG, static_cast<int>(length),
                            out.data()) != 1)
      return err(last_problem());
    return out;
  }

 private:
  Context context_;
};

}  // namespace

std::vector<algorithm> algorithms() {
  std::vector<algorithm> out;
  EVP_CIPHER_do_all_provided(
      nullptr,
      [](EVP_CIPHER* of, void* to) {
        static_cast<std::vector<algorithm>*>(to)->push_back(describe(of));
      },
      &out);
  return out;
}

result<algorithm, problem> describe(std::string_view name) {
  const Method of = method(name);
  if (!of) return err(last_problem());
  return describe(of.get());
}

result<std::unique_ptr<sealer>, problem> sealer_open(std::string_view name, Bytes key,
                                                     std::uint32_t tag_length) {
  Method of = method(name);
  if (!of) return err(last_problem());
  if (!authenticates(of.get())) return err(own_problem("the cipher does not authenticate"));
  if (key.size() != static_cast<std::size_t>(EVP_CIPHER_get_key_length(of.get())))
    return err(own_problem("invalid key length"));
  if (tag_length < 4 || tag_length > EVP_MAX_AEAD_TAG_LENGTH)
    return err(own_problem("invalid tag length"));
  return std::unique_ptr<sealer>(std::make_unique<Sealer>(std::move(of), key, tag_length));
}

result<std::unique_ptr<transformer>, problem> transformer_open(std::string_view name,
                                                               direction direction, Bytes key,
                                                               Bytes iv, bool padding) {
  const Method of = method(name);
  Context context(of ? EVP_CIPHER_CTX_new() : nullptr);
  if (!context) return err(last_problem());
  const bool encrypt = direction == direction::encrypt;
  if (!begin(context.get(), of.get(), encrypt, key, iv)) {
    problem what = last_problem();
    return err(what.code ? std::move(what) : wrong_iv());
  }
  if (!load(context.get(), key, iv) || EVP_CIPHER_CTX_set_padding(context.get(), padding) != 1)
    return err(last_problem());
  return std::unique_ptr<transformer>(std::make_unique<Transformer>(std::move(context)));
}

}  // namespace cap::cipher
