// Of the contract pkcs11:token/cryptoki, what signing with a token's key takes (docs/bindings.md
// says how its types are written).
#pragma once

#include <string>
#include <vector>

#include "other_component.hh"

namespace cap::token {

/// variant value, without the lists of mechanisms.
struct Value {
  struct Boolean {
    bool value{};
  };
  struct Number {
    std::uint32_t value{};
  };
  struct Raw {
    bytes value{};
  };
  std::variant<Boolean, Number, Raw> value{};
};

/// record attribute
using Attribute = std::tuple<std::uint32_t, Value>;
/// record mechanism, with the first case of its parameter: none
using Mechanism = std::tuple<std::uint32_t, std::uint32_t>;

/// record error
struct Error {
  std::uint32_t code = 0;
  std::string function, message;

  explicit operator Refusal() const;
};

/// record token-info: label, manufacturer, model, serial, flags...
using Info =
    std::tuple<std::string, std::string, std::string, std::string, std::uint32_t,
               std::tuple<std::uint32_t, std::uint32_t>, std::tuple<std::uint8_t, std::uint8_t>,
               std::tuple<std::uint8_t, std::uint8_t>>;

constexpr const char* kComponent = "pkcs11";
constexpr std::uint32_t kUser = 1, kUserAlreadyLoggedIn = 0x100, kTokenInitialized = 0x400;
constexpr std::uint32_t kClass = 0x0, kLabel = 0x3, kKeyType = 0x100, kId = 0x102;
constexpr std::uint32_t kPrivateKey = 3, kRsa = 0, kEc = 3;
constexpr std::uint32_t kRsaPkcs = 0x1, kRsaX509 = 0x3, kEcdsa = 0x1041;

}  // namespace cap::token

namespace cap::glue {

template <>
inline constexpr bool is_variant<token::Value> = true;

template <>
struct record<token::Error> {
  static constexpr auto fields =
      std::tuple(&token::Error::code, &token::Error::function, &token::Error::message);
};

}  // namespace cap::glue
