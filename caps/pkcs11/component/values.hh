// Attributes and mechanisms of the contract as PKCS #11's own structures.
#pragma once

#include <vector>

#include "cryptoki.h"
#include "pkcs11_cap.hh"

static_assert(sizeof(CK_ULONG) == sizeof(std::uint32_t));

namespace cap::cryptoki {

/// A template. It points into the attributes that it is made of.
class Template {
 public:
  explicit Template(std::span<const attribute> attributes);

  CK_ATTRIBUTE* data() { return entries_.data(); }
  CK_ULONG size() const { return entries_.size(); }

 private:
  std::vector<CK_ATTRIBUTE> entries_;
};

/// A mechanism with its parameter. It points into the one that it is made of.
class Mechanism {
 public:
  explicit Mechanism(const mechanism& from);

  CK_MECHANISM* get() { return &mechanism_; }

 private:
  void set(const parameter::none&) {}
  void set(const parameter::bytes&);
  void set(const parameter::pss&);
  void set(const parameter::oaep&);
  void set(const parameter::gcm&);
  void set(const parameter::ctr&);
  void set(const parameter::ecdh&);
  template <typename T>
  void point_at(T& parameter) {
    mechanism_.pParameter = &parameter;
    mechanism_.ulParameterLen = sizeof parameter;
  }

  CK_MECHANISM mechanism_ = {};
  union {
    CK_RSA_PKCS_PSS_PARAMS pss_;
    CK_RSA_PKCS_OAEP_PARAMS oaep_;
    CK_GCM_PARAMS gcm_;
    CK_AES_CTR_PARAMS ctr_;
    CK_ECDH1_DERIVE_PARAMS ecdh_;
  };
};

/// The bytes of an attribute of that kind as a value.
value value_of(std::uint32_t kind, bytes raw);

/// A pointer for functions that do not know const.
template <typename Byte>
Byte* mutable_bytes(std::span<const std::uint8_t> from) {
  return const_cast<Byte*>(from.data());
}

}  // namespace cap::cryptoki
