#include "values.hh"

#include <algorithm>
#include <iterator>

namespace cap::cryptoki {
namespace {

const CK_BBOOL kTrue = CK_TRUE, kFalse = CK_FALSE;

constexpr CK_ATTRIBUTE_TYPE kBooleans[] = {CKA_TOKEN,
                                           CKA_PRIVATE,
                                           CKA_TRUSTED,
                                           CKA_SENSITIVE,
                                           CKA_ENCRYPT,
                                           CKA_DECRYPT,
                                           CKA_WRAP,
                                           CKA_UNWRAP,
                                           CKA_SIGN,
                                           CKA_SIGN_RECOVER,
                                           CKA_VERIFY,
                                           CKA_VERIFY_RECOVER,
                                           CKA_DERIVE,
                                           CKA_EXTRACTABLE,
                                           CKA_LOCAL,
                                           CKA_NEVER_EXTRACTABLE,
                                           CKA_COPYABLE,
                                           CKA_DESTROYABLE,
                                           CKA_ALWAYS_SENSITIVE,
                                           CKA_MODIFIABLE,
                                           CKA_ALWAYS_AUTHENTICATE,
                                           CKA_WRAP_WITH_TRUSTED};

constexpr CK_ATTRIBUTE_TYPE kNumbers[] = {
    CKA_CLASS,        CKA_CERTIFICATE_TYPE,  CKA_CERTIFICATE_CATEGORY,     CKA_KEY_TYPE,
    CKA_MODULUS_BITS, CKA_PRIME_BITS,        CKA_SUB_PRIME_BITS,           CKA_VALUE_BITS,
    CKA_VALUE_LEN,    CKA_KEY_GEN_MECHANISM, CKA_JAVA_MIDP_SECURITY_DOMAIN};

bool is_one_of(std::span<const CK_ATTRIBUTE_TYPE> kinds, std::uint32_t kind) {
  return std::ranges::find(kinds, kind) != kinds.end();
}

CK_ATTRIBUTE entry(std::uint32_t kind, const void* data, std::size_t size) {
  return {kind, const_cast<void*>(data), size};
}

CK_ATTRIBUTE entry_of(const attribute& from) {
  const auto& value = from.value.value;
  if (const auto* boolean = std::get_if<value::boolean>(&value))
    return entry(from.kind, boolean->value ? &kTrue : &kFalse, sizeof(CK_BBOOL));
  if (const auto* number = std::get_if<value::number>(&value))
    return entry(from.kind, &number->value, sizeof number->value);
  if (const auto* bytes = std::get_if<value::bytes>(&value))
    return entry(from.kind, bytes->value.data(), bytes->value.size());
  const auto& mechanisms = std::get_if<value::mechanisms>(&value)->value;
  return entry(from.kind, mechanisms.data(), mechanisms.size() * sizeof(std::uint32_t));
}

}  // namespace

Template::Template(std::span<const attribute> attributes) {
  entries_.reserve(attributes.size());
  std::ranges::transform(attributes, std::back_inserter(entries_), entry_of);
}

Mechanism::Mechanism(const mechanism& from) {
  mechanism_.mechanism = from.kind;
  std::visit([this](const auto& parameter) { set(parameter); }, from.parameter.value);
}

void Mechanism::set(const parameter::bytes& from) {
  mechanism_.pParameter = mutable_bytes<CK_BYTE>(from.value);
  mechanism_.ulParameterLen = from.value.size();
}

void Mechanism::set(const parameter::pss& from) {
  pss_ = {from.value.hash, from.value.generator, from.value.salt_length};
  point_at(pss_);
}

void Mechanism::set(const parameter::oaep& from) {
  const auto& [hash, generator, label] = from.value;
  oaep_ = {hash, generator, CKZ_DATA_SPECIFIED, mutable_bytes<CK_BYTE>(label), label.size()};
  point_at(oaep_);
}

void Mechanism::set(const parameter::gcm& from) {
  const auto& [iv, additional, tag_bits] = from.value;
  gcm_ = {mutable_bytes<CK_BYTE>(iv),         iv.size(),         iv.size() * 8,
          mutable_bytes<CK_BYTE>(additional), additional.size(), tag_bits};
  point_at(gcm_);
}

// A block of another length than a cipher's makes a parameter of the wrong length.
void Mechanism::set(const parameter::ctr& from) {
  const auto& [counter_bits, block] = from.value;
  ctr_ = {counter_bits, {}};
  if (block.size() != sizeof ctr_.cb) return;
  std::ranges::copy(block, ctr_.cb);
  point_at(ctr_);
}

void Mechanism::set(const parameter::ecdh& from) {
  const auto& [derivation, shared, point] = from.value;
  ecdh_ = {derivation, shared.size(), mutable_bytes<CK_BYTE>(shared), point.size(),
           mutable_bytes<CK_BYTE>(point)};
  point_at(ecdh_);
}

value value_of(std::uint32_t kind, bytes raw) {
  if (is_one_of(kBooleans, kind) && raw.size() == sizeof(CK_BBOOL))
    return {value::boolean{raw[0] != CK_FALSE}};
  if (is_one_of(kNumbers, kind) && raw.size() == sizeof(CK_ULONG)) {
    std::uint32_t number;
    std::memcpy(&number, raw.data(), sizeof number);
    return {value::number{number}};
  }
  if (kind == CKA_ALLOWED_MECHANISMS) {
    std::vector<std::uint32_t> mechanisms(raw.size() / sizeof(CK_ULONG));
    std::memcpy(mechanisms.data(), raw.data(), mechanisms.size() * sizeof(CK_ULONG));
    return {value::mechanisms{std::move(mechanisms)}};
  }
  return {value::bytes{std::move(raw)}};
}

}  // namespace cap::cryptoki
