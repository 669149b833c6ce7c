// The library, its slots and their tokens.
#include "outcome.hh"
#include "token_store.hh"
#include "values.hh"

namespace cap::cryptoki {
namespace {

constexpr std::size_t kLabelLength = 32;

// Texts are padded with blanks.
template <typename Byte, std::size_t N>
std::string text(const Byte (&from)[N]) {
  std::string out(reinterpret_cast<const char*>(from), N);
  out.erase(out.find_last_not_of(' ') + 1);
  return out;
}

std::tuple<std::uint8_t, std::uint8_t> version(const CK_VERSION& from) {
  return {from.major, from.minor};
}

bool initialised = false;

}  // namespace

SoftHSM* softhsm() {
  if (!initialised) initialised = SoftHSM::i()->C_Initialize(nullptr) == CKR_OK;
  return initialised ? SoftHSM::i() : nullptr;
}

result<void, error> initialise(std::optional<std::string_view> directory) {
  constexpr const char* kFunction = "C_Initialize";
  if (initialised &&
      directory.value_or("") != (token_store::is_durable() ? token_store::root() : ""))
    return refused(CKR_CRYPTOKI_ALREADY_INITIALIZED, kFunction);
  if (!initialised && directory && !token_store::keep_in(std::string(*directory)))
    return err(error{CKR_DEVICE_ERROR, kFunction,
                     std::string(*directory) +
                         " is no directory that is granted to this component for writing"});
  if (!softhsm()) return refused(CKR_GENERAL_ERROR, kFunction);
  return {};
}

result<library_info, error> info() {
  CK_INFO from;
  PKCS11_CHECK(C_GetInfo, &from);
  library_info out{version(from.cryptokiVersion),
                   text(from.manufacturerID),
                   text(from.libraryDescription),
                   version(from.libraryVersion),
                   {}};
  if (token_store::is_durable()) out.directory = token_store::root();
  return out;
}

result<std::vector<std::uint32_t>, error> slots(bool token_present) {
  CK_ULONG count = 0;
  PKCS11_CHECK(C_GetSlotList, token_present, nullptr, &count);
  std::vector<CK_SLOT_ID> ids(count);
  PKCS11_CHECK(C_GetSlotList, token_present, ids.data(), &count);
  return std::vector<std::uint32_t>(ids.begin(), ids.begin() + static_cast<std::ptrdiff_t>(count));
}

result<slot_info, error> get_slot_info(std::uint32_t slot) {
  CK_SLOT_INFO from;
  PKCS11_CHECK(C_GetSlotInfo, slot, &from);
  return slot_info{text(from.slotDescription), text(from.manufacturerID),
                   static_cast<std::uint32_t>(from.flags), version(from.hardwareVersion),
                   version(from.firmwareVersion)};
}

result<token_info, error> get_token_info(std::uint32_t slot) {
  CK_TOKEN_INFO from;
  PKCS11_CHECK(C_GetTokenInfo, slot, &from);
  return token_info{text(from.label),
                    text(from.manufacturerID),
                    text(from.model),
                    text(from.serialNumber),
                    static_cast<std::uint32_t>(from.flags),
                    {from.ulMinPinLen, from.ulMaxPinLen},
                    version(from.hardwareVersion),
                    version(from.firmwareVersion)};
}

result<std::vector<std::uint32_t>, error> mechanisms(std::uint32_t slot) {
  CK_ULONG count = 0;
  PKCS11_CHECK(C_GetMechanismList, slot, nullptr, &count);
  std::vector<CK_MECHANISM_TYPE> kinds(count);
  PKCS11_CHECK(C_GetMechanismList, slot, kinds.data(), &count);
  return std::vector<std::uint32_t>(kinds.begin(), kinds.end());
}

result<mechanism_info, error> get_mechanism_info(std::uint32_t slot, std::uint32_t mechanism) {
  CK_MECHANISM_INFO from;
  PKCS11_CHECK(C_GetMechanismInfo, slot, mechanism, &from);
  return mechanism_info{{from.ulMinKeySize, from.ulMaxKeySize},
                        static_cast<std::uint32_t>(from.flags)};
}

result<void, error> initialise_token(std::uint32_t slot, std::span<const std::uint8_t> pin,
                                     std::string_view label) {
  if (label.size() > kLabelLength) return refused(CKR_ARGUMENTS_BAD, "C_InitToken");
  std::string padded(label);
  padded.resize(kLabelLength, ' ');
  PKCS11_CHECK(C_InitToken, slot, mutable_bytes<CK_UTF8CHAR>(pin), pin.size(),
               reinterpret_cast<CK_UTF8CHAR*>(padded.data()));
  return {};
}

}  // namespace cap::cryptoki
