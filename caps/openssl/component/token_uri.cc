#include "token_uri.hh"

#include <charconv>

namespace cap {
namespace {

// %XX is a byte.
std::optional<std::string> unescaped(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    std::size_t taken = 1;
    char c = text[0];
    if (c == '%') {
      std::uint8_t byte = 0;
      taken = 3;
      if (text.size() < taken) return std::nullopt;
      const auto [end, code] = std::from_chars(text.data() + 1, text.data() + taken, byte, 16);
      if (code != std::errc() || end != text.data() + taken) return std::nullopt;
      c = static_cast<char>(byte);
    }
    out += c;
    text.remove_prefix(taken);
  }
  return out;
}

std::optional<std::string>* field(TokenUri& uri, std::string_view name, bool query) {
  if (query && name == "pin-value") return &uri.pin;
  if (query) return name == "module-path" ? &uri.directory : nullptr;
  if (name == "token") return &uri.token;
  if (name == "serial") return &uri.serial;
  if (name == "manufacturer") return &uri.manufacturer;
  if (name == "model") return &uri.model;
  if (name == "object") return &uri.object;
  if (name == "id") return &uri.id;
  return nullptr;
}

failure<std::string> wrong(std::string_view attribute, std::string_view what) {
  return err("the PKCS #11 URI's attribute " + std::string(attribute) + " " + std::string(what));
}

// In a query, what is not known is the consumer's to ignore; a file cannot be read here.
result<void, std::string> take(TokenUri& uri, std::string_view attribute, bool query) {
  const std::string_view name = attribute.substr(0, attribute.find('='));
  if (name.size() == attribute.size()) return wrong(name, "has no value");
  const auto value = unescaped(attribute.substr(name.size() + 1));
  if (!value) return wrong(name, "is not properly escaped");
  if (name == "pin-source") return wrong(name, "names a file: give pin-value, or the password");
  if (!query && name == "type")
    return *value == "private" ? result<void, std::string>() : wrong(name, "is not private");
  std::optional<std::string>* into = field(uri, name, query);
  if (!into && query) return {};
  if (!into) return wrong(name, "is not known");
  if (*into) return wrong(name, "is given twice");
  *into = *value;
  return {};
}

}  // namespace

result<TokenUri, std::string> TokenUri::parse(std::string_view text) {
  TokenUri uri;
  text.remove_prefix(text.find(':') + 1);
  bool query = false;
  while (!text.empty()) {
    const std::size_t end = text.find_first_of(query ? "&" : ";?");
    const std::string_view attribute = text.substr(0, end);
    if (!attribute.empty())
      if (auto taken = take(uri, attribute, query); !taken) return err(taken.error());
    if (end == text.npos) break;
    query = query || text[end] == '?';
    text.remove_prefix(end + 1);
  }
  return uri;
}

}  // namespace cap
