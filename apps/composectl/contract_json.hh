// JSON for what crosses a capability's boundary: arguments in, results and errors out, as the
// contract's types say (docs/bindings.md, "Payloads").
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "base/error.hh"
#include "base/file.hh"

namespace pylon::composectl {

/// A function of a contract that is called with JSON. Bytes are {"base64": "..."}, on the way in
/// also a text, whose UTF-8 is meant, or a list of numbers; records are objects or lists, variants
/// {"case": value} or "case", flags lists of names, results {"ok": value} or {"err": value}; NaN
/// and infinities are the texts "nan", "inf" and "-inf".
class JsonMethod {
 public:
  using Json = nlohmann::ordered_json;

  /// Finds a method in a schema. kInput if there is none (with the names that there are), or if it
  /// takes or returns objects of the provider, which would be gone with the call.
  static Result<JsonMethod> find(std::span<const std::uint8_t> schema, const std::string& method);

  /// The payload for arguments: an array in the order of the parameters, or an object by their
  /// names; options may be left out at the end. kInput, with the place, for what does not fit.
  Result<Bytes> payload(const Json& arguments) const;

  /// What the answer of a call that went well says, or the error value of one that did not.
  /// kCorrupt if it is not of the type that the contract says.
  Result<Json> result(std::span<const std::uint8_t> answer) const;
  Result<Json> error(std::span<const std::uint8_t> answer) const;

 private:
  JsonMethod(Json types, Json function)
      : types_(std::move(types)), function_(std::move(function)) {}

  Result<Json> read(std::span<const std::uint8_t> answer, const Json& ref, bool raw) const;
  Json outcome(std::size_t place) const;

  Json types_;     // of the schema
  Json function_;  // [kind, name, method, docs, [* param], result]
};

}  // namespace pylon::composectl
