#include "composectl/contract_json.hh"

#include <sodium.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>
#include <vector>

#include "base/utf8.hh"
#include "bindgen/contract.hh"
#include "bindgen/guest/wire.hh"

namespace pylon::composectl {
namespace {

using bindgen::Type;
using bindgen::TypeRef;
using cap::glue::reader;
using cap::glue::wire;
using Json = JsonMethod::Json;

constexpr int kDeepest = 100;
constexpr std::size_t kMostFlags = 32;

// ---- reading the schema

Error malformed_schema() {
  return Error(ErrorKind::kCorrupt, "the schema is not of version 1");
}

bool is_ref(const Json& json) {
  return json.is_number_unsigned();
}

bool is_ref_or_null(const Json& json) {
  return is_ref(json) || json.is_null();
}

// Fields, cases or flags: arrays that begin with a name.
bool are_members(const Json& list, std::size_t size, bool (*is_type)(const Json&)) {
  return list.is_array() && std::ranges::all_of(list, [&](const Json& one) {
           return one.is_array() && one.size() == size && one[0].is_string() &&
                  (!is_type || is_type(one[1]));
         });
}

// A type as the schema may have it, so that nothing has to be looked at twice.
bool is_type(const Json& type) {
  if (!type.is_array() || type.empty() || !is_ref(type[0])) return false;
  const auto shaped = [&](std::size_t size) { return type.size() == size; };
  switch (type[0].get<unsigned>()) {
    case Type::kList:
    case Type::kOption:
    case Type::kOwn:
    case Type::kBorrow:
      return shaped(2) && is_ref(type[1]);
    case Type::kResult:
      return shaped(3) && is_ref_or_null(type[1]) && is_ref_or_null(type[2]);
    case Type::kTuple:
      return shaped(2) && type[1].is_array() && std::ranges::all_of(type[1], is_ref);
    case Type::kRecord:
      return shaped(5) && are_members(type[4], 3, is_ref);
    case Type::kVariant:
      return shaped(5) && are_members(type[4], 3, is_ref_or_null);
    case Type::kEnum:
      return shaped(5) && are_members(type[4], 2, nullptr);
    case Type::kFlags:
      return shaped(5) && are_members(type[4], 2, nullptr) && type[4].size() <= kMostFlags;
    case Type::kResource:
      return shaped(6) && type[5].is_array();
    default:
      return false;
  }
}

bool is_function(const Json& part) {
  return part.is_array() && part.size() == 6 && is_ref(part[0]) && part[2].is_string() &&
         are_members(part[4], 2, is_ref) && is_ref_or_null(part[5]);
}

// A type's entry in the schema; null for one that has none.
const Json* entry(const Json& types, const Json& ref) {
  if (!is_ref(ref) || ref < TypeRef::kFirstIndex) return nullptr;
  const std::size_t index = ref.get<std::size_t>() - TypeRef::kFirstIndex;
  return index < types.size() ? &types[index] : nullptr;
}

// The functions that a schema offers, those of resources too; nothing if it is no schema.
std::optional<std::vector<const Json*>> functions_of(const Json& schema) {
  if (!schema.is_array() || schema.size() != 5 || schema[0] != 1 || !schema[3].is_array() ||
      !schema[4].is_array() || !std::ranges::all_of(schema[4], is_type))
    return std::nullopt;
  std::vector<const Json*> lists, out;
  for (const Json& interface : schema[3]) {
    if (!interface.is_array() || interface.size() != 6) return std::nullopt;
    if (interface[0] == bindgen::Interface::kExported) lists.push_back(&interface[5]);
  }
  for (const Json& type : schema[4])
    if (type[0] == Type::kResource) lists.push_back(&type[5]);
  for (const Json* list : lists) {
    if (!list->is_array() || !std::ranges::all_of(*list, is_function)) return std::nullopt;
    for (const Json& function : *list) out.push_back(&function);
  }
  return out;
}

// Whether a value of a type holds an object of the provider; `seen` are types that were looked at.
bool holds_object(const Json& types, const Json& ref, std::set<std::size_t>& seen) {
  const Json* type = entry(types, ref);
  if (!type || !seen.insert(ref.get<std::size_t>()).second) return false;
  const auto kind = (*type)[0].get<unsigned>();
  if (kind == Type::kResource || kind == Type::kOwn || kind == Type::kBorrow) return true;
  if (kind == Type::kEnum || kind == Type::kFlags) return false;
  const bool members = kind == Type::kRecord || kind == Type::kVariant;
  const Json& parts = members ? (*type)[4] : kind == Type::kTuple ? (*type)[1] : *type;
  for (std::size_t i = members || kind == Type::kTuple ? 0 : 1; i < parts.size(); ++i)
    if (holds_object(types, members ? parts[i][1] : parts[i], seen)) return true;
  return false;
}

// ---- bytes as JSON

std::string base64_of(std::span<const std::uint8_t> bytes) {
  std::string out(sodium_base64_encoded_len(bytes.size(), sodium_base64_VARIANT_ORIGINAL), '\0');
  sodium_bin2base64(out.data(), out.size(), bytes.data(), bytes.size(),
                    sodium_base64_VARIANT_ORIGINAL);
  out.pop_back();  // the terminating zero
  return out;
}

std::optional<Bytes> bytes_of(const Json& json) {
  if (json.is_string()) {
    const auto& text = json.get_ref<const std::string&>();
    return Bytes(text.begin(), text.end());
  }
  if (json.is_array()) {
    Bytes out;
    for (const Json& one : json) {
      if (!one.is_number_unsigned() || one > 255) return std::nullopt;
      out.push_back(one.get<std::uint8_t>());
    }
    return out;
  }
  if (!json.is_object() || json.size() != 1 || !json.contains("base64") ||
      !json["base64"].is_string())
    return std::nullopt;
  const auto& text = json["base64"].get_ref<const std::string&>();
  Bytes out(text.size());
  std::size_t size = 0;
  if (sodium_base642bin(out.data(), out.size(), text.data(), text.size(), nullptr, &size, nullptr,
                        sodium_base64_VARIANT_ORIGINAL) != 0)
    return std::nullopt;
  out.resize(size);
  return out;
}

// ---- numbers

struct IntegerType {
  unsigned bits;
  bool sign;
  std::uint64_t most;
};

std::optional<IntegerType> integer_type(unsigned code) {
  if (code < TypeRef::kU8 || code > TypeRef::kS64) return std::nullopt;
  const bool sign = code >= TypeRef::kS8;
  const unsigned bits = 8u << (code - (sign ? TypeRef::kS8 : TypeRef::kU8));
  return IntegerType{bits, sign, ~std::uint64_t{0} >> (64 - bits + (sign ? 1 : 0))};
}

// The tag of a list of these numbers (RFC 8746); 0 if it is none.
unsigned block_tag(unsigned code) {
  static constexpr unsigned kTags[] = {0, 0, 69, 70, 71, 72, 77, 78, 79, 85, 86};
  return code < std::size(kTags) ? kTags[code] : 0;
}

unsigned block_width(unsigned code) {
  if (const auto integer = integer_type(code)) return integer->bits / 8;
  return code == TypeRef::kF32 ? 4 : 8;
}

// An integer as CBOR has it: negative ones are -1 - value.
struct Integer {
  bool negative;
  std::uint64_t value;
};

std::optional<Integer> integer_of(const Json& json, const IntegerType& type) {
  if (!json.is_number_integer()) return std::nullopt;
  const bool negative = !json.is_number_unsigned() && json.get<std::int64_t>() < 0;
  const std::uint64_t value = negative ? static_cast<std::uint64_t>(-(json.get<std::int64_t>() + 1))
                                       : json.get<std::uint64_t>();
  if ((negative && !type.sign) || value > type.most) return std::nullopt;
  return Integer{negative, value};
}

std::optional<double> float_of(const Json& json) {
  if (json.is_number()) return json.get<double>();
  if (json == "nan") return std::nan("");
  if (json == "inf") return HUGE_VAL;
  if (json == "-inf") return -HUGE_VAL;
  return std::nullopt;
}

Json json_of(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  return value;
}

std::string type_name(unsigned code) {
  static constexpr const char* kNames[] = {
      "bool",   "u8",
      "u16",    "u32",
      "u64",    "s8",
      "s16",    "s32",
      "s64",    "f32",
      "f64",    "char",
      "string", "list of bytes: {\"base64\": \"...\"}, a text or a list of numbers"};
  return code < std::size(kNames) ? kNames[code] : "type";
}

// ---- JSON to CBOR

class Writer {
 public:
  explicit Writer(const Json& types) : types_(types) {}

  Bytes out;

  void head(unsigned major, std::uint64_t value) {
    std::uint8_t room[9];
    std::uint8_t* end = room;
    cap::glue::put_head(end, major, value);
    out.insert(out.end(), room, end);
  }

  Result<void> value(const Json& ref, const Json& json, const std::string& place) {
    if (const Json* type = entry(types_, ref)) return composed(*type, json, place);
    return primitive(ref.get<unsigned>(), json, place);
  }

 private:
  using Step = Result<void>;

  static tl::unexpected<Error> wrong(const std::string& place, const std::string& what) {
    return fail(ErrorKind::kInput, place + " is not " + what);
  }

  template <typename T>
  void scalar(T value) {
    std::uint8_t room[16];
    std::uint8_t* end = room;
    wire<T>::write(end, value);
    out.insert(out.end(), room, end);
  }

  void block(unsigned major, std::span<const std::uint8_t> bytes) {
    head(major, bytes.size());
    out.insert(out.end(), bytes.begin(), bytes.end());
  }

  Step primitive(unsigned code, const Json& json, const std::string& place) {
    const std::string what = "a value of the type " + type_name(code);
    if (const auto type = integer_type(code)) {
      const auto integer = integer_of(json, *type);
      if (!integer) return wrong(place, what);
      head(integer->negative ? 1 : 0, integer->value);
      return {};
    }
    if (code == TypeRef::kBool) {
      if (!json.is_boolean()) return wrong(place, what);
      scalar(json.get<bool>());
      return {};
    }
    if (code == TypeRef::kF32 || code == TypeRef::kF64) {
      const auto number = float_of(json);
      if (!number) return wrong(place, what);
      code == TypeRef::kF32 ? scalar(static_cast<float>(*number)) : scalar(*number);
      return {};
    }
    if (code == TypeRef::kBytes) {
      const auto bytes = bytes_of(json);
      if (!bytes) return wrong(place, "a " + type_name(code));
      block(2, *bytes);
      return {};
    }
    if (!json.is_string()) return wrong(place, what);
    return text(code, json.get_ref<const std::string&>(), wrong(place, what));
  }

  Step text(unsigned code, const std::string& text, tl::unexpected<Error> otherwise) {
    if (code == TypeRef::kString) {
      block(3, {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
      return {};
    }
    const std::u32string points = utf32(text);
    if (code != TypeRef::kChar || points.size() != 1) return otherwise;
    head(0, points[0]);
    return {};
  }

  // JSON's texts are valid UTF-8.
  static std::u32string utf32(const std::string& text) {
    std::u32string out;
    for (const char c : text) {
      const auto byte = static_cast<std::uint8_t>(c);
      if (byte >> 6 == 2)
        out.back() = out.back() << 6 | (byte & 0x3f);
      else
        out.push_back(byte < 0x80 ? byte : byte & (byte >= 0xf0 ? 7 : byte >= 0xe0 ? 15 : 31));
    }
    return out;
  }

  Step composed(const Json& type, const Json& json, const std::string& place) {
    switch (type[0].get<unsigned>()) {
      case Type::kList:
        return list(type[1], json, place);
      case Type::kOption:
        return option(type[1], json, place);
      case Type::kResult:
        return outcome(type, json, place);
      case Type::kTuple:
        return tuple(type[1], json, place);
      case Type::kRecord:
        return record(type[4], json, place);
      case Type::kVariant:
        return variant(type[4], json, place);
      case Type::kEnum:
        return enumeration(type[4], json, place);
      case Type::kFlags:
        return flags(type[4], json, place);
      default:
        return fail(malformed_schema());
    }
  }

  Step list(const Json& of, const Json& json, const std::string& place) {
    if (!json.is_array()) return wrong(place, "a list");
    const unsigned code = of.get<unsigned>();
    if (block_tag(code) != 0) return numbers(code, json, place);
    head(4, json.size());
    for (std::size_t i = 0; i < json.size(); ++i)
      PYLON_CHECK(value(of, json[i], place + "[" + std::to_string(i) + "]"));
    return {};
  }

  Step numbers(unsigned code, const Json& json, const std::string& place) {
    const unsigned width = block_width(code);
    head(6, block_tag(code));
    head(2, json.size() * width);
    for (std::size_t i = 0; i < json.size(); ++i) {
      const auto bits = bits_of(code, json[i]);
      if (!bits)
        return wrong(place + "[" + std::to_string(i) + "]",
                     "a value of the type " + type_name(code));
      for (unsigned byte = 0; byte < width; ++byte)
        out.push_back(static_cast<std::uint8_t>(*bits >> (8 * byte)));
    }
    return {};
  }

  static std::optional<std::uint64_t> bits_of(unsigned code, const Json& json) {
    if (const auto type = integer_type(code)) {
      const auto integer = integer_of(json, *type);
      if (!integer) return std::nullopt;
      return integer->negative ? ~integer->value : integer->value;
    }
    const auto number = float_of(json);
    if (!number) return std::nullopt;
    if (code == TypeRef::kF32) return std::bit_cast<std::uint32_t>(static_cast<float>(*number));
    return std::bit_cast<std::uint64_t>(*number);
  }

  Step option(const Json& of, const Json& json, const std::string& place) {
    if (json.is_null()) {
      out.push_back(0xf6);
      return {};
    }
    const Json* inner = entry(types_, of);
    if (!inner || (*inner)[0] != Type::kOption) return value(of, json, place);
    if (!json.is_array() || json.size() != 1)
      return wrong(place, "null or a list of one: it is an option of an option");
    head(4, 1);
    return value(of, json[0], place + "[0]");
  }

  Step outcome(const Json& type, const Json& json, const std::string& place) {
    const bool good = json.is_object() && json.contains("ok");
    if (!json.is_object() || json.size() != 1 || !(good || json.contains("err")))
      return wrong(place, "{\"ok\": value} or {\"err\": value}");
    return choice(good ? 0 : 1, type[good ? 1 : 2], json[good ? "ok" : "err"], place);
  }

  // A case by its index, alone or with what it holds.
  Step choice(std::size_t index, const Json& of, const Json& json, const std::string& place) {
    if (!of.is_null()) head(4, 2);
    head(0, index);
    if (!of.is_null()) return value(of, json, place);
    if (!json.is_null()) return wrong(place, "null: the case holds nothing");
    return {};
  }

  Step tuple(const Json& of, const Json& json, const std::string& place) {
    if (!json.is_array() || json.size() != of.size())
      return wrong(place, "a list of " + std::to_string(of.size()));
    head(4, of.size());
    for (std::size_t i = 0; i < of.size(); ++i)
      PYLON_CHECK(value(of[i], json[i], place + "[" + std::to_string(i) + "]"));
    return {};
  }

  Step record(const Json& fields, const Json& json, const std::string& place) {
    if (!json.is_object() && !(json.is_array() && json.size() == fields.size()))
      return wrong(place, "an object");
    head(4, fields.size());
    std::size_t used = 0;
    for (std::size_t i = 0; i < fields.size(); ++i) {
      const auto name = fields[i][0].get<std::string>();
      const bool there = json.is_array() || json.contains(name);
      used += there ? 1 : 0;
      const Json* type = entry(types_, fields[i][1]);
      if (!there && !(type && (*type)[0] == Type::kOption))
        return fail(ErrorKind::kInput, place + " has no " + name);
      PYLON_CHECK(value(fields[i][1],
                        !there            ? Json()
                        : json.is_array() ? json[i]
                                          : json[name],
                        place + "." + name));
    }
    if (used == json.size()) return {};
    return fail(ErrorKind::kInput, place + " has a field that the contract does not know",
                names_of(fields, "its fields: "));
  }

  Step variant(const Json& cases, const Json& json, const std::string& place) {
    const bool bare = json.is_string();
    if (!bare && !(json.is_object() && json.size() == 1))
      return wrong(place, "a case: \"case\" or {\"case\": value}");
    const std::string name = bare ? json.get<std::string>() : json.begin().key();
    for (std::size_t i = 0; i < cases.size(); ++i)
      if (cases[i][0] == name)
        return choice(i, cases[i][1], bare ? Json() : *json.begin(), place + "." + name);
    return unknown(name, cases, place);
  }

  Step enumeration(const Json& cases, const Json& json, const std::string& place) {
    for (std::size_t i = 0; i < cases.size(); ++i)
      if (cases[i][0] == json) {
        head(0, i);
        return {};
      }
    return unknown(json.dump(), cases, place);
  }

  Step flags(const Json& names, const Json& json, const std::string& place) {
    if (!json.is_array()) return wrong(place, "a list of names");
    std::uint64_t bits = 0;
    for (const Json& one : json) {
      std::size_t i = 0;
      while (i < names.size() && names[i][0] != one) ++i;
      if (i == names.size()) return unknown(one.dump(), names, place);
      bits |= std::uint64_t{1} << i;
    }
    head(0, bits);
    return {};
  }

  static std::string names_of(const Json& members, std::string out) {
    for (std::size_t i = 0; i < members.size(); ++i)
      out += (i ? ", " : "") + members[i][0].get<std::string>();
    return out;
  }

  static tl::unexpected<Error> unknown(const std::string& name, const Json& members,
                                       const std::string& place) {
    return fail(ErrorKind::kInput, place + ": there is no " + name, names_of(members, "there is "));
  }

  const Json& types_;
};

// ---- CBOR to JSON; false for what the contract does not say

class Reader {
 public:
  Reader(const Json& types, std::span<const std::uint8_t> bytes) : types_(types), in(bytes) {}

  bool value(const Json& ref, Json& out, int depth = 0) {
    if (depth > kDeepest) return false;
    if (const Json* type = entry(types_, ref)) return composed(*type, out, depth + 1);
    return ref.is_number_unsigned() && primitive(ref.get<unsigned>(), out);
  }
  bool at_end() const { return in.at_end(); }

 private:
  template <typename T>
  bool scalar(Json& out) {
    T value{};
    if (!wire<T>::read(in, value)) return false;
    if constexpr (std::is_floating_point_v<T>)
      out = json_of(static_cast<double>(value));
    else
      out = value;
    return true;
  }

  bool block(unsigned major, std::span<const std::uint8_t>& out) {
    std::uint64_t size = 0;
    const std::uint8_t* data = nullptr;
    if (!in.head(major, size) || !in.take(size, data)) return false;
    out = {data, static_cast<std::size_t>(size)};
    return true;
  }

  bool integer(const IntegerType& type, Json& out) {
    std::uint64_t value = 0;
    if (type.sign && in.peek() >> 5 == 1) {
      if (!in.head(1, value) || value > type.most) return false;
      out = -1 - static_cast<std::int64_t>(value);
      return true;
    }
    if (!in.head(0, value) || value > type.most) return false;
    out = value;
    return true;
  }

  bool primitive(unsigned code, Json& out) {
    if (const auto type = integer_type(code)) return integer(*type, out);
    std::span<const std::uint8_t> bytes;
    switch (code) {
      case TypeRef::kBool:
        return scalar<bool>(out);
      case TypeRef::kF32:
        return scalar<float>(out);
      case TypeRef::kF64:
        return scalar<double>(out);
      case TypeRef::kChar:
        return character(out);
      case TypeRef::kString:
        if (!block(3, bytes)) return false;
        out = std::string(bytes.begin(), bytes.end());
        return is_utf8(out.get_ref<const std::string&>());
      case TypeRef::kBytes:
        if (!block(2, bytes)) return false;
        out = {{"base64", base64_of(bytes)}};
        return true;
      default:
        return false;
    }
  }

  bool character(Json& out) {
    char32_t c = 0;
    if (!wire<char32_t>::read(in, c)) return false;
    std::string text;
    const auto tail = [&](int shift) { text += static_cast<char>(0x80 | (c >> shift & 0x3f)); };
    if (c < 0x80) {
      text += static_cast<char>(c);
    } else if (c < 0x800) {
      text += static_cast<char>(0xc0 | c >> 6);
      tail(0);
    } else if (c < 0x10000) {
      text += static_cast<char>(0xe0 | c >> 12);
      tail(6), tail(0);
    } else {
      text += static_cast<char>(0xf0 | c >> 18);
      tail(12), tail(6), tail(0);
    }
    out = text;
    return true;
  }

  bool composed(const Json& type, Json& out, int depth) {
    switch (type[0].get<unsigned>()) {
      case Type::kList:
        return list(type[1], out, depth);
      case Type::kOption:
        return option(type[1], out, depth);
      case Type::kResult:
        return outcome(type, out, depth);
      case Type::kTuple:
        return tuple(type[1], out, depth);
      case Type::kRecord:
        return record(type[4], out, depth);
      case Type::kVariant:
        return variant(type[4], out, depth);
      case Type::kEnum:
        return enumeration(type[4], out);
      case Type::kFlags:
        return flags(type[4], out);
      default:
        return false;
    }
  }

  bool list(const Json& of, Json& out, int depth) {
    out = Json::array();
    const unsigned code = of.get<unsigned>();
    if (block_tag(code) != 0) return numbers(code, out);
    std::uint64_t count = 0;
    if (!in.head(4, count) || count > in.left()) return false;
    for (; count > 0; --count)
      if (!value(of, out.emplace_back(), depth)) return false;
    return true;
  }

  bool numbers(unsigned code, Json& out) {
    std::uint64_t tag = 0;
    std::span<const std::uint8_t> bytes;
    const unsigned width = block_width(code);
    if (!in.head(6, tag) || tag != block_tag(code) || !block(2, bytes) || bytes.size() % width)
      return false;
    for (std::size_t at = 0; at < bytes.size(); at += width) {
      std::uint64_t bits = 0;
      for (unsigned i = width; i-- > 0;) bits = bits << 8 | bytes[at + i];
      out.push_back(number(code, bits));
    }
    return true;
  }

  static Json number(unsigned code, std::uint64_t bits) {
    if (code == TypeRef::kF32)
      return json_of(static_cast<double>(std::bit_cast<float>(static_cast<std::uint32_t>(bits))));
    if (code == TypeRef::kF64) return json_of(std::bit_cast<double>(bits));
    const IntegerType type = *integer_type(code);
    if (!type.sign) return bits;
    const unsigned unused = 64 - type.bits;
    return static_cast<std::int64_t>(bits << unused) >> unused;
  }

  bool option(const Json& of, Json& out, int depth) {
    out = nullptr;
    if (in.peek() == 0xf6) {
      in.skip();
      return true;
    }
    const Json* inner = entry(types_, of);
    if (!inner || (*inner)[0] != Type::kOption) return value(of, out, depth);
    out = Json::array({nullptr});
    return in.array(1) && value(of, out[0], depth);
  }

  bool outcome(const Json& type, Json& out, int depth) {
    const bool pair = in.peek() >> 5 == 4;
    std::uint64_t index = 0;
    if ((pair && !in.array(2)) || !in.head(0, index) || index > 1) return false;
    const Json& of = type[1 + index];
    if (pair == of.is_null()) return false;
    Json held = nullptr;
    if (pair && !value(of, held, depth)) return false;
    out = {{index == 0 ? "ok" : "err", held}};
    return true;
  }

  bool tuple(const Json& of, Json& out, int depth) {
    out = Json::array();
    if (!in.array(of.size())) return false;
    for (const Json& one : of)
      if (!value(one, out.emplace_back(), depth)) return false;
    return true;
  }

  bool record(const Json& fields, Json& out, int depth) {
    out = Json::object();
    if (!in.array(fields.size())) return false;
    for (const Json& field : fields)
      if (!value(field[1], out[field[0].get<std::string>()], depth)) return false;
    return true;
  }

  bool variant(const Json& cases, Json& out, int depth) {
    const bool pair = in.peek() >> 5 == 4;
    std::uint64_t index = 0;
    if ((pair && !in.array(2)) || !in.head(0, index) || index >= cases.size()) return false;
    const Json& one = cases[index];
    if (pair == one[1].is_null()) return false;
    if (!pair) {
      out = one[0];
      return true;
    }
    out = Json::object();
    return value(one[1], out[one[0].get<std::string>()], depth);
  }

  bool enumeration(const Json& cases, Json& out) {
    std::uint64_t index = 0;
    if (!in.head(0, index) || index >= cases.size()) return false;
    out = cases[index][0];
    return true;
  }

  bool flags(const Json& names, Json& out) {
    out = Json::array();
    std::uint64_t bits = 0;
    if (!in.head(0, bits) || (names.size() < 64 && bits >> names.size() != 0)) return false;
    for (std::size_t i = 0; i < names.size(); ++i)
      if (bits >> i & 1) out.push_back(names[i][0]);
    return true;
  }

  const Json& types_;
  reader in;
};

bool is_option(const Json& types, const Json& ref) {
  const Json* type = entry(types, ref);
  return type && (*type)[0] == Type::kOption;
}

}  // namespace

Result<JsonMethod> JsonMethod::find(std::span<const std::uint8_t> schema,
                                    const std::string& method) {
  const Json json = Json::from_cbor(schema.begin(), schema.end(), true, false);
  const auto functions = functions_of(json);
  if (!functions) return fail(malformed_schema());
  std::string names;
  for (const Json* function : *functions) {
    if ((*function)[2] != method) {
      names += (names.empty() ? "" : ", ") + (*function)[2].get<std::string>();
      continue;
    }
    bool objects = (*function)[0] != bindgen::Function::kFree;
    std::set<std::size_t> seen;
    for (const Json& param : (*function)[4]) objects |= holds_object(json[4], param[1], seen);
    if (!objects && !holds_object(json[4], (*function)[5], seen))
      return JsonMethod(json[4], *function);
    return fail(ErrorKind::kInput,
                "'" + method +
                    "' takes or returns objects of the provider, which live no longer "
                    "than this one call",
                "call it from a program: `pylon --plan=FILE PROGRAM`");
  }
  return fail(ErrorKind::kInput, "the contract has no method '" + method + "'", "it has: " + names);
}

Result<Bytes> JsonMethod::payload(const Json& arguments) const {
  const Json& params = function_[4];
  if (!arguments.is_array() && !arguments.is_object())
    return fail(ErrorKind::kInput, "the arguments are no JSON array or object");
  if (arguments.size() > params.size())
    return fail(ErrorKind::kInput, "there are " + std::to_string(arguments.size()) +
                                       " arguments, but the function takes " +
                                       std::to_string(params.size()));
  Writer writer(types_);
  if (params.size() == 1 && params[0][1] == TypeRef::kBytes && arguments.size() == 1)
    if (const auto bytes = bytes_of(*arguments.begin())) return *bytes;
  writer.head(4, params.size());
  std::size_t used = 0;
  for (std::size_t i = 0; i < params.size(); ++i) {
    const auto name = params[i][0].get<std::string>();
    const bool there = arguments.is_array() ? i < arguments.size() : arguments.contains(name);
    used += there ? 1 : 0;
    if (!there && !is_option(types_, params[i][1]))
      return fail(ErrorKind::kInput, "the argument '" + name + "' is missing");
    const Json value = !there ? Json() : arguments.is_array() ? arguments[i] : arguments[name];
    PYLON_CHECK(writer.value(params[i][1], value, "the argument '" + name + "'"));
  }
  if (used != arguments.size())
    return fail(ErrorKind::kInput, "an argument has a name that the function does not know");
  return std::move(writer.out);
}

// Of a result<T, E>: T for 1, E for 2. Of anything else it is the type of the result.
Json JsonMethod::outcome(std::size_t place) const {
  const Json* type = entry(types_, function_[5]);
  if (type && (*type)[0] == Type::kResult) return (*type)[place];
  return place == 1 ? function_[5] : Json();
}

Result<Json> JsonMethod::read(std::span<const std::uint8_t> answer, const Json& ref,
                              bool raw) const {
  if (raw && ref == TypeRef::kBytes) return Json{{"base64", base64_of(answer)}};
  Reader reader(types_, answer);
  Json out;
  if (ref.is_null() ? !answer.empty() : !reader.value(ref, out) || !reader.at_end())
    return fail(ErrorKind::kCorrupt, "the answer is not what the contract says");
  return out;
}

Result<Json> JsonMethod::result(std::span<const std::uint8_t> answer) const {
  return read(answer, outcome(1), true);
}

Result<Json> JsonMethod::error(std::span<const std::uint8_t> answer) const {
  return read(answer, outcome(2), false);
}

}  // namespace pylon::composectl
