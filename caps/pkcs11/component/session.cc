// What is done in a session with a token.
#include <openssl/crypto.h>

#include "outcome.hh"
#include "values.hh"

namespace cap::cryptoki {
namespace {

using Bytes = std::span<const std::uint8_t>;
using Attributes = std::span<const attribute>;

// A PIN that is wiped when it has been used.
class Pin {
 public:
  explicit Pin(Bytes pin) : pin_(pin) {}
  Pin(const Pin&) = delete;
  ~Pin() { OPENSSL_cleanse(data(), pin_.size()); }

  CK_UTF8CHAR* data() { return mutable_bytes<CK_UTF8CHAR>(pin_); }
  CK_ULONG size() const { return pin_.size(); }

 private:
  Bytes pin_;
};

class Session final : public session {
 public:
  explicit Session(CK_SESSION_HANDLE handle) : handle_(handle) {}
  ~Session() override { softhsm()->C_CloseSession(handle_); }

  result<session_info, error> info() override {
    CK_SESSION_INFO from;
    PKCS11_CHECK(C_GetSessionInfo, handle_, &from);
    return session_info{static_cast<std::uint32_t>(from.slotID),
                        static_cast<std::uint32_t>(from.state),
                        static_cast<std::uint32_t>(from.flags)};
  }

  result<void, error> login(std::uint32_t user, Bytes pin) override {
    Pin wiped(pin);
    PKCS11_CHECK(C_Login, handle_, user, wiped.data(), wiped.size());
    return {};
  }

  result<void, error> logout() override {
    PKCS11_CHECK(C_Logout, handle_);
    return {};
  }

  result<void, error> initialise_pin(Bytes pin) override {
    Pin wiped(pin);
    PKCS11_CHECK(C_InitPIN, handle_, wiped.data(), wiped.size());
    return {};
  }

  result<void, error> set_pin(Bytes old, Bytes pin) override {
    Pin wiped_old(old), wiped(pin);
    PKCS11_CHECK(C_SetPIN, handle_, wiped_old.data(), wiped_old.size(), wiped.data(), wiped.size());
    return {};
  }

  result<void, error> seed_random(Bytes seed) override {
    PKCS11_CHECK(C_SeedRandom, handle_, mutable_bytes<CK_BYTE>(seed), seed.size());
    return {};
  }

  result<bytes, error> random(std::uint32_t length) override {
    if (length > kLongest) return refused(CKR_ARGUMENTS_BAD, "C_GenerateRandom");
    bytes out(length);
    PKCS11_CHECK(C_GenerateRandom, handle_, out.data(), length);
    return out;
  }

  result<std::uint32_t, error> create(Attributes attributes) override {
    Template made(attributes);
    CK_OBJECT_HANDLE object;
    PKCS11_CHECK(C_CreateObject, handle_, made.data(), made.size(), &object);
    return static_cast<std::uint32_t>(object);
  }

  result<std::uint32_t, error> copy(std::uint32_t from, Attributes attributes) override {
    Template changed(attributes);
    CK_OBJECT_HANDLE object;
    PKCS11_CHECK(C_CopyObject, handle_, from, changed.data(), changed.size(), &object);
    return static_cast<std::uint32_t>(object);
  }

  result<void, error> destroy(std::uint32_t object) override {
    PKCS11_CHECK(C_DestroyObject, handle_, object);
    return {};
  }

  result<value, error> get(std::uint32_t object, std::uint32_t kind) override {
    CK_ATTRIBUTE wanted = {kind, nullptr, 0};
    PKCS11_CHECK(C_GetAttributeValue, handle_, object, &wanted, 1);
    bytes raw;
    if (!raw.try_resize(wanted.ulValueLen)) return refused(CKR_HOST_MEMORY, "C_GetAttributeValue");
    if (raw.empty()) return value_of(kind, std::move(raw));
    wanted.pValue = raw.data();
    PKCS11_CHECK(C_GetAttributeValue, handle_, object, &wanted, 1);
    raw.resize(wanted.ulValueLen);
    return value_of(kind, std::move(raw));
  }

  result<void, error> set(std::uint32_t object, Attributes attributes) override {
    Template changed(attributes);
    PKCS11_CHECK(C_SetAttributeValue, handle_, object, changed.data(), changed.size());
    return {};
  }

  result<std::vector<std::uint32_t>, error> find(Attributes attributes) override {
    Template wanted(attributes);
    PKCS11_CHECK(C_FindObjectsInit, handle_, wanted.data(), wanted.size());
    std::vector<std::uint32_t> found;
    CK_OBJECT_HANDLE some[64];
    CK_ULONG count = 0;
    CK_RV code;
    while ((code = softhsm()->C_FindObjects(handle_, some, std::size(some), &count)) == CKR_OK &&
           count > 0)
      found.insert(found.end(), some, some + count);
    softhsm()->C_FindObjectsFinal(handle_);
    if (code != CKR_OK) return refused(code, "C_FindObjects");
    return found;
  }

  result<std::uint32_t, error> generate_key(const mechanism& how, Attributes attributes) override {
    Mechanism by(how);
    Template wanted(attributes);
    CK_OBJECT_HANDLE key;
    PKCS11_CHECK(C_GenerateKey, handle_, by.get(), wanted.data(), wanted.size(), &key);
    return static_cast<std::uint32_t>(key);
  }

  result<std::tuple<std::uint32_t, std::uint32_t>, error> generate_key_pair(
      const mechanism& how, Attributes public_part, Attributes private_part) override {
    Mechanism by(how);
    Template open(public_part), secret(private_part);
    CK_OBJECT_HANDLE public_key, private_key;
    PKCS11_CHECK(C_GenerateKeyPair, handle_, by.get(), open.data(), open.size(), secret.data(),
                 secret.size(), &public_key, &private_key);
    return std::tuple<std::uint32_t, std::uint32_t>(public_key, private_key);
  }

  result<std::uint32_t, error> derive(const mechanism& how, std::uint32_t from,
                                      Attributes attributes) override {
    Mechanism by(how);
    Template wanted(attributes);
    CK_OBJECT_HANDLE key;
    PKCS11_CHECK(C_DeriveKey, handle_, by.get(), from, wanted.data(), wanted.size(), &key);
    return static_cast<std::uint32_t>(key);
  }

  result<bytes, error> wrap(const mechanism& how, std::uint32_t wrapping,
                            std::uint32_t key) override {
    Mechanism by(how);
    return output("C_WrapKey", [&](CK_BYTE* to, CK_ULONG* size) {
      return softhsm()->C_WrapKey(handle_, by.get(), wrapping, key, to, size);
    });
  }

  result<std::uint32_t, error> unwrap(const mechanism& how, std::uint32_t wrapping, Bytes wrapped,
                                      Attributes attributes) override {
    Mechanism by(how);
    Template wanted(attributes);
    CK_OBJECT_HANDLE key;
    PKCS11_CHECK(C_UnwrapKey, handle_, by.get(), wrapping, mutable_bytes<CK_BYTE>(wrapped),
                 wrapped.size(), wanted.data(), wanted.size(), &key);
    return static_cast<std::uint32_t>(key);
  }

  result<bytes, error> digest(const mechanism& how, Bytes data) override {
    Mechanism by(how);
    PKCS11_CHECK(C_DigestInit, handle_, by.get());
    return finish("C_Digest", &SoftHSM::C_Digest, data);
  }

  result<bytes, error> sign(const mechanism& how, std::uint32_t key, Bytes data) override {
    Mechanism by(how);
    PKCS11_CHECK(C_SignInit, handle_, by.get(), key);
    return finish("C_Sign", &SoftHSM::C_Sign, data);
  }

  result<void, error> verify(const mechanism& how, std::uint32_t key, Bytes data,
                             Bytes signature) override {
    Mechanism by(how);
    PKCS11_CHECK(C_VerifyInit, handle_, by.get(), key);
    PKCS11_CHECK(C_Verify, handle_, mutable_bytes<CK_BYTE>(data), data.size(),
                 mutable_bytes<CK_BYTE>(signature), signature.size());
    return {};
  }

  result<bytes, error> encrypt(const mechanism& how, std::uint32_t key, Bytes data) override {
    Mechanism by(how);
    PKCS11_CHECK(C_EncryptInit, handle_, by.get(), key);
    return finish("C_Encrypt", &SoftHSM::C_Encrypt, data);
  }

  result<bytes, error> decrypt(const mechanism& how, std::uint32_t key, Bytes data) override {
    Mechanism by(how);
    PKCS11_CHECK(C_DecryptInit, handle_, by.get(), key);
    return finish("C_Decrypt", &SoftHSM::C_Decrypt, data);
  }

 private:
  using Operation = CK_RV (SoftHSM::*)(CK_SESSION_HANDLE, CK_BYTE*, CK_ULONG, CK_BYTE*, CK_ULONG*);

  // The one step of an operation that was begun.
  result<bytes, error> finish(const char* function, Operation operation, Bytes data) {
    CK_BYTE nothing;
    CK_BYTE* const from = data.empty() ? &nothing : mutable_bytes<CK_BYTE>(data);
    return output(function, [&](CK_BYTE* to, CK_ULONG* size) {
      return (softhsm()->*operation)(handle_, from, data.size(), to, size);
    });
  }

  CK_SESSION_HANDLE handle_;
};

}  // namespace

result<std::unique_ptr<session>, error> session_open(std::uint32_t slot, bool writable) {
  CK_SESSION_HANDLE handle;
  const CK_FLAGS flags = CKF_SERIAL_SESSION | (writable ? CKF_RW_SESSION : 0);
  PKCS11_CHECK(C_OpenSession, slot, flags, nullptr, nullptr, &handle);
  return std::unique_ptr<session>(std::make_unique<Session>(handle));
}

}  // namespace cap::cryptoki
