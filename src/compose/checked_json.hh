// Reads JSON that nobody vouches for: bounded, without duplicate names, every field accounted for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hh"
#include "compose/digest.hh"
#include "compose/time.hh"

namespace pylon::compose {

using Json = nlohmann::json;

/// Bounds of a JSON text.
struct JsonLimits {
  std::size_t bytes = 1'000'000;
  std::size_t depth = 100;
};

/// Parses one JSON text. Too long, too deep, malformed, a name twice in one object: an error of
/// `kind` that begins with `name` (the file's) and says where.
Result<Json> parse_json(std::string_view text, std::string_view name, ErrorKind kind,
                        const JsonLimits& limits = {});

/// A value on its way from JSON to a struct: knows its place ("plan.json: components[3].digest")
/// for messages. Points into the document, which must outlive it.
class JsonValue {
 public:
  JsonValue(const Json& json, std::string_view name, ErrorKind kind)
      : json_(&json), kind_(kind), name_(name) {}

  const Json& json() const { return *json_; }
  /// "components[3].digest"; empty for the whole document.
  const std::string& path() const { return path_; }

  /// An error unless this is an object that has each required field, and no field that is in
  /// neither list.
  Result<void> expect_object(std::initializer_list<std::string_view> required,
                             std::initializer_list<std::string_view> optional = {}) const;
  bool has(std::string_view field) const { return json_->contains(field); }
  /// A field that is there: check with expect_object or has.
  JsonValue at(std::string_view field) const;

  /// The elements of an array of at most `limit`.
  Result<std::vector<JsonValue>> elements(std::size_t limit) const;

  /// The fields of an object of any names, sorted by name, at most `limit`.
  Result<std::vector<std::pair<std::string, JsonValue>>> fields(std::size_t limit) const;

  /// A string without control characters, of 1 to `longest` bytes.
  Result<std::string> text(std::size_t longest = 1024) const;
  Result<std::uint64_t> unsigned_integer() const;
  /// A point in time, as parse_time() reads it.
  Result<Seconds> time() const;
  /// "sha256:<hex>", or an array of 32 numbers from 0 to 255.
  Result<Digest> digest() const;
  /// One of `words`: its index.
  Result<std::size_t> one_of(std::initializer_list<std::string_view> words) const;

  /// The error that `problem` is, at this place.
  Error error(const std::string& problem, std::string hint = {}) const;

 private:
  JsonValue step(const Json& json, const std::string& path) const;

  const Json* json_;
  ErrorKind kind_;
  std::string name_;
  std::string path_;
};

}  // namespace pylon::compose
