#include "compose/checked_json.hh"

#include <algorithm>

namespace pylon::compose {
namespace {

// Builds the document while the parser reads, and stops it at the first thing that is too much.
class Builder : public Json::json_sax_t {
 public:
  explicit Builder(std::size_t depth) : depth_(depth) {}

  Json document;
  std::string problem;

  bool null() override { return add(nullptr); }
  bool boolean(bool value) override { return add(value); }
  bool number_integer(number_integer_t value) override { return add(value); }
  bool number_unsigned(number_unsigned_t value) override { return add(value); }
  bool number_float(number_float_t value, const string_t&) override { return add(value); }
  bool string(string_t& value) override { return add(std::move(value)); }
  bool binary(binary_t&) override { return stop("has a binary value"); }
  bool start_object(std::size_t) override { return open(Json::object()); }
  bool start_array(std::size_t) override { return open(Json::array()); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }

  bool key(string_t& name) override {
    if (open_.back()->contains(name))
      return stop("has the name '" + name + "' twice in one object");
    name_ = std::move(name);
    return true;
  }

  bool parse_error(std::size_t position, const std::string&, const Json::exception&) override {
    return stop("is no JSON at byte " + std::to_string(position));
  }

 private:
  bool stop(std::string what) {
    problem = std::move(what);
    return false;
  }

  Json* place(Json value) {
    if (open_.empty()) return &(document = std::move(value));
    Json& parent = *open_.back();
    if (parent.is_array()) {
      parent.push_back(std::move(value));
      return &parent.back();
    }
    return &(parent[name_] = std::move(value));
  }

  bool add(Json value) {
    place(std::move(value));
    return true;
  }

  bool open(Json value) {
    if (open_.size() == depth_) return stop("is nested deeper than " + std::to_string(depth_));
    open_.push_back(place(std::move(value)));
    return true;
  }

  bool close() {
    open_.pop_back();
    return true;
  }

  std::size_t depth_;
  std::vector<Json*> open_;
  std::string name_;
};

bool contains(std::initializer_list<std::string_view> list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

bool is_printable(std::string_view text) {
  return std::none_of(text.begin(), text.end(),
                      [](char c) { return static_cast<unsigned char>(c) < 32 || c == 127; });
}

std::string quoted_list(std::initializer_list<std::string_view> words) {
  std::string out;
  for (std::string_view word : words) out += (out.empty() ? "" : ", ") + std::string(word);
  return out;
}

}  // namespace

Result<Json> parse_json(std::string_view text, std::string_view name, ErrorKind kind,
                        const JsonLimits& limits) {
  if (text.size() > limits.bytes)
    return fail(kind, std::string(name) + " is larger than the " + std::to_string(limits.bytes) +
                          " bytes allowed");
  Builder builder(limits.depth);
  if (!Json::sax_parse(text, &builder))
    return fail(kind, std::string(name) + " " + builder.problem);
  return std::move(builder.document);
}

Error JsonValue::error(const std::string& problem, std::string hint) const {
  return Error(kind_, name_ + ": " + (path_.empty() ? "" : path_ + ": ") + problem,
               std::move(hint));
}

JsonValue JsonValue::step(const Json& json, const std::string& path) const {
  JsonValue value(json, name_, kind_);
  value.path_ = path_ + path;
  return value;
}

Result<void> JsonValue::expect_object(std::initializer_list<std::string_view> required,
                                      std::initializer_list<std::string_view> optional) const {
  if (!json_->is_object()) return fail(error("is no object"));
  for (const auto& [field, value] : json_->items())
    if (!contains(required, field) && !contains(optional, field))
      return fail(error("has the unknown field '" + field + "'",
                        "known here: " + quoted_list(required) +
                            (optional.size() ? ", " + quoted_list(optional) : "")));
  for (std::string_view field : required)
    if (!json_->contains(field)) return fail(error("lacks the field '" + std::string(field) + "'"));
  return {};
}

JsonValue JsonValue::at(std::string_view field) const {
  return step((*json_)[field], (path_.empty() ? "" : ".") + std::string(field));
}

Result<std::vector<JsonValue>> JsonValue::elements(std::size_t limit) const {
  if (!json_->is_array()) return fail(error("is no array"));
  if (json_->size() > limit)
    return fail(error("has " + std::to_string(json_->size()) + " elements; at most " +
                      std::to_string(limit) + " are allowed"));
  std::vector<JsonValue> out;
  out.reserve(json_->size());
  for (std::size_t i = 0; i < json_->size(); ++i)
    out.push_back(step((*json_)[i], "[" + std::to_string(i) + "]"));
  return out;
}

Result<std::vector<std::pair<std::string, JsonValue>>> JsonValue::fields(std::size_t limit) const {
  if (!json_->is_object()) return fail(error("is no object"));
  if (json_->size() > limit)
    return fail(error("has more than the " + std::to_string(limit) + " fields allowed"));
  std::vector<std::pair<std::string, JsonValue>> out;
  for (const auto& [name, value] : json_->items()) out.emplace_back(name, at(name));
  return out;
}

Result<std::string> JsonValue::text(std::size_t longest) const {
  if (!json_->is_string()) return fail(error("is no string"));
  const auto& text = json_->get_ref<const std::string&>();
  if (text.empty()) return fail(error("is empty"));
  if (text.size() > longest)
    return fail(error("is longer than the " + std::to_string(longest) + " bytes allowed"));
  if (!is_printable(text)) return fail(error("has a control character"));
  return text;
}

Result<std::uint64_t> JsonValue::unsigned_integer() const {
  if (!json_->is_number_unsigned()) return fail(error("is no unsigned integer"));
  return json_->get<std::uint64_t>();
}

Result<Seconds> JsonValue::time() const {
  PYLON_TRY(string, text());
  Result<Seconds> out = parse_time(string);
  if (!out) return fail(error(out.error().message(), out.error().hint()));
  return out;
}

Result<Digest> JsonValue::digest() const {
  if (json_->is_string()) {
    Result<Digest> digest = Digest::parse(json_->get_ref<const std::string&>());
    if (!digest) return fail(error(digest.error().message(), digest.error().hint()));
    return digest;
  }
  auto malformed = [&] {
    return fail(error("is no digest: neither \"sha256:<hex>\" nor 32 numbers from 0 to 255"));
  };
  if (!json_->is_array() || json_->size() != Digest::kSize) return malformed();
  Digest::Raw raw;
  for (std::size_t i = 0; i < raw.size(); ++i) {
    const Json& byte = (*json_)[i];
    if (!byte.is_number_unsigned() || byte.get<std::uint64_t>() > 255) return malformed();
    raw[i] = byte.get<std::uint8_t>();
  }
  return Digest(raw);
}

Result<std::size_t> JsonValue::one_of(std::initializer_list<std::string_view> words) const {
  if (json_->is_string()) {
    const auto& text = json_->get_ref<const std::string&>();
    const auto found = std::find(words.begin(), words.end(), text);
    if (found != words.end()) return static_cast<std::size_t>(found - words.begin());
  }
  return fail(error("is none of " + quoted_list(words)));
}

}  // namespace pylon::compose
