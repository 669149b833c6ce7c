// URIs of a token's objects (RFC 7512): pkcs11:token=main;object=web?pin-value=1234
// `module-path` is the directory of the tokens.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "cap.hh"

namespace cap {

struct TokenUri {
  /// What is not given is not asked for.
  std::optional<std::string> token, serial, manufacturer, model, object, id, pin, directory;

  static bool is_one(std::string_view text) { return text.starts_with("pkcs11:"); }
  /// The URI of a private key, or what is wrong with it.
  static result<TokenUri, std::string> parse(std::string_view text);
};

}  // namespace cap
