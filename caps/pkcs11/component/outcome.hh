// What PKCS #11's functions return, as results of the contract.
#pragma once

#include "SoftHSM.h"
#include "pkcs11_cap.hh"
#include "platform.hh"

namespace cap::cryptoki {

/// The longest output that is asked for by its length.
constexpr std::uint32_t kLongest = 1 << 20;

inline failure<error> refused(CK_RV code, const char* function) {
  return err(error{static_cast<std::uint32_t>(code), function, take_message()});
}

/// SoftHSM, initialised at its first use. None: it cannot be.
SoftHSM* softhsm();

/// Calls a function of SoftHSM by its name; returns from the caller with the error if there is one.
#define PKCS11_CHECK(function, ...)                                                              \
  do {                                                                                           \
    SoftHSM* const hsm = softhsm();                                                              \
    if (const CK_RV code = hsm ? hsm->function(__VA_ARGS__) : CKR_GENERAL_ERROR; code != CKR_OK) \
      return refused(code, #function);                                                           \
  } while (false)

/// The output of a function that is first asked how long it is, then for the bytes.
template <typename Ask>
result<bytes, error> output(const char* function, Ask ask) {
  CK_ULONG size = 0;
  if (const CK_RV code = ask(nullptr, &size); code != CKR_OK) return refused(code, function);
  bytes out;
  if (!out.try_resize(size ? size : 1)) return refused(CKR_HOST_MEMORY, function);
  if (const CK_RV code = ask(out.data(), &size); code != CKR_OK) return refused(code, function);
  out.resize(size);
  return out;
}

}  // namespace cap::cryptoki
