#include "given_value.hh"

#include "duckdb/common/types/decimal.hpp"
#include "duckdb/common/types/uuid.hpp"
#include "duckdb/main/client_context.hpp"

namespace cap::database {
namespace {

using duckdb::LogicalType;
using duckdb::Value;
using dynamic::kind;

constexpr unsigned kDeepest = 64;

[[noreturn]] void malformed() {
  throw duckdb::InvalidInputException("a value is not in the form that the contract knows");
}

Value integer_value(std::int64_t number) {
  return number == static_cast<std::int32_t>(number)
             ? Value::INTEGER(static_cast<std::int32_t>(number))
             : Value::BIGINT(number);
}

// A number of any length as the smallest type that holds it; beyond 128 bits, as a DOUBLE.
Value huge_value(const std::string& digits) {
  for (const LogicalType& type : {LogicalType::HUGEINT, LogicalType::UHUGEINT, LogicalType::DOUBLE})
    if (Value number(digits); number.DefaultTryCastAs(type)) return number;
  malformed();
}

// "-1.50" has as many digits as are written; what no DECIMAL holds becomes a DOUBLE.
Value decimal_value(const std::string& text) {
  const std::size_t point = text.find('.');
  const std::size_t scale = point == std::string::npos ? 0 : text.size() - point - 1;
  std::size_t width = text.size() - (point != std::string::npos) - (text.starts_with('-'));
  width = std::max({width, scale, std::size_t{1}});
  const LogicalType type = width <= duckdb::Decimal::MAX_WIDTH_DECIMAL
                               ? LogicalType::DECIMAL(width, scale)
                               : LogicalType(LogicalType::DOUBLE);
  return Value(text).DefaultCastAs(type);
}

}  // namespace

LogicalType type_of(duckdb::optional_ptr<duckdb::ClientContext> context, std::string_view sql) {
  const std::string text(sql);
  if (duckdb::StringUtil::CIEquals(text, "ANY")) return LogicalType::ANY;
  if (!context) return duckdb::TransformStringToLogicalType(text);
  if (context->transaction.HasActiveTransaction())
    return duckdb::TransformStringToLogicalType(text, *context);
  LogicalType type;
  context->RunFunctionInTransaction(
      [&] { type = duckdb::TransformStringToLogicalType(text, *context); });
  return type;
}

dynamic::value GivenValues::next() {
  dynamic::value out;
  if (!dynamic::read(in_, out)) malformed();
  return out;
}

std::uint64_t GivenValues::array() {
  const dynamic::value head = next();
  if (head.kind != kind::array) malformed();
  return head.count;
}

void GivenValues::array(std::uint64_t count) {
  if (array() != count) malformed();
}

std::string_view GivenValues::text() {
  const dynamic::value text = next();
  if (text.kind != kind::text) malformed();
  return text.text();
}

std::int64_t GivenValues::integer() {
  const dynamic::value number = next();
  if (number.kind != kind::integer) malformed();
  return number.integer;
}

bool GivenValues::null() {
  const bool is_null = in_.peek() == 0xf6;
  if (is_null) in_.skip();
  return is_null;
}

void GivenValues::end() {
  if (!in_.at_end()) malformed();
}

Value GivenValues::value() {
  const dynamic::value one = next();
  switch (one.kind) {
    case kind::null:
      return Value();
    case kind::boolean:
      return Value::BOOLEAN(one.boolean);
    case kind::integer:
      return integer_value(one.integer);
    case kind::large:
      return Value::UBIGINT(one.large);
    case kind::real:
      return Value::DOUBLE(one.real);
    case kind::text:
      return Value(std::string(one.text()));
    case kind::blob:
      return Value::BLOB(one.data.data(), one.data.size());
    case kind::array:
      break;
  }
  if (one.count != 2 || depth_ == kDeepest) malformed();
  ++depth_;
  Value out = tagged();
  --depth_;
  return out;
}

const std::unordered_map<std::string_view, GivenValues::Maker>& GivenValues::makers() {
  static const std::unordered_map<std::string_view, Maker> all = {
      {"list", &GivenValues::list},
      {"struct", &GivenValues::structure},
      {"map", &GivenValues::map},
      {"hugeint", &GivenValues::hugeint},
      {"decimal", &GivenValues::decimal},
      {"date", &GivenValues::date},
      {"time", &GivenValues::time},
      {"timetz", &GivenValues::timetz},
      {"timestamp", &GivenValues::timestamp},
      {"timestamptz", &GivenValues::timestamptz},
      {"timestamp_ns", &GivenValues::timestamp_ns},
      {"interval", &GivenValues::interval},
      {"uuid", &GivenValues::uuid},
      {"cast", &GivenValues::cast},
  };
  return all;
}

Value GivenValues::tagged() {
  const auto maker = makers().find(text());
  if (maker == makers().end()) malformed();
  return (this->*maker->second)();
}

duckdb::vector<Value> GivenValues::values() {
  duckdb::vector<Value> out;
  for (std::uint64_t left = array(); left > 0; --left) out.push_back(value());
  return out;
}

Value GivenValues::as(const LogicalType& type, const Value& value) {
  return context_ ? value.CastAs(*context_, type) : value.DefaultCastAs(type);
}

LogicalType GivenValues::unify(duckdb::vector<Value>& values) {
  LogicalType type = LogicalType::SQLNULL;
  for (const Value& one : values) type = LogicalType::ForceMaxLogicalType(type, one.type());
  for (Value& one : values) one = as(type, one);
  return type;
}

Value GivenValues::list() {
  duckdb::vector<Value> items = values();
  const LogicalType type = unify(items);
  return Value::LIST(type, std::move(items));
}

Value GivenValues::structure() {
  duckdb::child_list_t<Value> fields;
  for (std::uint64_t left = array(); left > 0; --left) {
    array(2);
    std::string name(text());
    fields.emplace_back(std::move(name), value());
  }
  return Value::STRUCT(std::move(fields));
}

Value GivenValues::map() {
  duckdb::vector<Value> keys, items;
  for (std::uint64_t left = array(); left > 0; --left) {
    array(2);
    keys.push_back(value());
    items.push_back(value());
  }
  const LogicalType key = unify(keys), item = unify(items);
  return Value::MAP(key, item, std::move(keys), std::move(items));
}

Value GivenValues::hugeint() {
  return huge_value(std::string(text()));
}

Value GivenValues::decimal() {
  return decimal_value(std::string(text()));
}

Value GivenValues::date() {
  return Value::DATE(duckdb::date_t(static_cast<std::int32_t>(integer())));
}

Value GivenValues::time() {
  return Value::TIME(duckdb::dtime_t(integer()));
}

Value GivenValues::timetz() {
  array(2);
  const std::int64_t micros = integer(), offset = integer();
  return Value::TIMETZ(
      duckdb::dtime_tz_t(duckdb::dtime_t(micros), static_cast<std::int32_t>(offset)));
}

Value GivenValues::timestamp() {
  return Value::TIMESTAMP(duckdb::timestamp_t(integer()));
}

Value GivenValues::timestamptz() {
  return Value::TIMESTAMPTZ(duckdb::timestamp_tz_t(integer()));
}

Value GivenValues::timestamp_ns() {
  return Value::TIMESTAMPNS(duckdb::timestamp_ns_t(integer()));
}

Value GivenValues::interval() {
  array(3);
  const std::int64_t months = integer(), days = integer(), micros = integer();
  return Value::INTERVAL(static_cast<std::int32_t>(months), static_cast<std::int32_t>(days),
                         micros);
}

Value GivenValues::uuid() {
  const dynamic::value bytes = next();
  if (bytes.kind != kind::blob || bytes.data.size() != 16) malformed();
  return Value::UUID(duckdb::BaseUUID::FromBlob(bytes.data.data()));
}

Value GivenValues::cast() {
  array(2);
  const LogicalType type = type_of(context_, text());
  return as(type, value());
}

duckdb::case_insensitive_map_t<duckdb::BoundParameterData> given_row(GivenValues& from) {
  duckdb::case_insensitive_map_t<duckdb::BoundParameterData> out;
  const std::uint64_t count = from.array();
  for (std::uint64_t i = 1; i <= count; ++i)
    out[std::to_string(i)] = duckdb::BoundParameterData(from.value());
  return out;
}

duckdb::case_insensitive_map_t<duckdb::BoundParameterData> given_parameters(GivenValues& from) {
  if (from.null()) return {};
  from.array(2);
  auto out = given_row(from);
  for (std::uint64_t left = from.array(); left > 0; --left) {
    from.array(2);
    std::string name(from.text());
    out[std::move(name)] = duckdb::BoundParameterData(from.value());
  }
  return out;
}

}  // namespace cap::database
