#include "written_value.hh"

#include <array>
#include <charconv>

#include "duckdb/common/type_visitor.hpp"
#include "duckdb/common/types/bignum.hpp"
#include "duckdb/common/types/bit.hpp"
#include "duckdb/common/types/decimal.hpp"
#include "duckdb/common/types/interval.hpp"
#include "duckdb/common/types/uuid.hpp"

namespace cap::database {
namespace {

using duckdb::idx_t;
using duckdb::LogicalType;
using duckdb::LogicalTypeId;
using duckdb::PhysicalType;
using dynamic::writer;
using Format = WrittenColumn::Format;
using Way = WrittenColumn::Way;

void write_any(writer& out, const Format& from, idx_t row);

std::string_view view(const duckdb::string_t& text) {
  return {text.GetData(), static_cast<std::size_t>(text.GetSize())};
}

// How a stored value T is written; `type` is its column's.
template <typename T>
  requires std::is_integral_v<T>
void put(writer& out, T value, const LogicalType&) {
  if constexpr (std::is_same_v<T, bool>)
    out.boolean(value);
  else if constexpr (std::is_same_v<T, std::uint64_t>)
    out.large(value);
  else
    out.integer(value);
}

template <typename T>
  requires std::is_floating_point_v<T>
void put(writer& out, T value, const LogicalType&) {
  out.real(static_cast<double>(value));
}

void put(writer& out, const duckdb::hugeint_t& value, const LogicalType&) {
  if (value.upper == static_cast<std::int64_t>(value.lower) >> 63)
    out.integer(static_cast<std::int64_t>(value.lower));
  else if (value.upper == 0)
    out.large(value.lower);
  else
    out.text(duckdb::Hugeint::ToString(value));
}

void put(writer& out, const duckdb::uhugeint_t& value, const LogicalType&) {
  if (value.upper == 0)
    out.large(value.lower);
  else
    out.text(duckdb::Uhugeint::ToString(value));
}

// The engine's dates, times and timestamps as the packed states of the contract.
struct Packed {
  std::array<std::uint8_t, 10> bytes;
  std::size_t size = 0;

  void add(unsigned value) { bytes[size++] = static_cast<std::uint8_t>(value); }

  [[nodiscard]] bool add_date(duckdb::date_t date) {
    if (!duckdb::Date::IsFinite(date)) return false;
    std::int32_t year, month, day;
    duckdb::Date::Convert(date, year, month, day);
    if (year < 1 || year > 9999) return false;
    add(static_cast<unsigned>(year) >> 8);
    add(static_cast<unsigned>(year));
    add(static_cast<unsigned>(month));
    add(static_cast<unsigned>(day));
    return true;
  }

  [[nodiscard]] bool add_time(std::int64_t micros) {
    if (micros < 0 || micros >= duckdb::Interval::MICROS_PER_DAY) return false;
    const auto seconds = static_cast<unsigned>(micros / duckdb::Interval::MICROS_PER_SEC);
    const auto rest = static_cast<unsigned>(micros % duckdb::Interval::MICROS_PER_SEC);
    add(seconds / 3600);
    add(seconds / 60 % 60);
    add(seconds % 60);
    add(rest >> 16);
    add(rest >> 8);
    add(rest);
    return true;
  }

  [[nodiscard]] bool add_timestamp(duckdb::timestamp_t at) {
    if (!duckdb::Timestamp::IsFinite(at)) return false;
    return add_date(duckdb::Timestamp::GetDate(at)) &&
           add_time(duckdb::Timestamp::GetTime(at).micros);
  }

  void write(writer& out) const { out.blob({bytes.data(), size}); }
};

// A value for which there is no packed state, as SQL writes it.
void put_as_sql(writer& out, const duckdb::Value& value) {
  out.text(value.ToString());
}

void put(writer& out, duckdb::date_t value, const LogicalType&) {
  Packed packed;
  packed.add_date(value) ? packed.write(out) : put_as_sql(out, duckdb::Value::DATE(value));
}

void put(writer& out, duckdb::dtime_t value, const LogicalType&) {
  Packed packed;
  packed.add_time(value.micros) ? packed.write(out) : put_as_sql(out, duckdb::Value::TIME(value));
}

void put(writer& out, duckdb::dtime_ns_t value, const LogicalType&) {
  Packed packed;
  packed.add_time(value.micros / duckdb::Interval::NANOS_PER_MICRO)
      ? packed.write(out)
      : put_as_sql(out, duckdb::Value::TIME_NS(value));
}

void put(writer& out, duckdb::dtime_tz_t value, const LogicalType&) {
  Packed packed;
  if (!packed.add_time(value.time().micros)) return put_as_sql(out, duckdb::Value::TIMETZ(value));
  out.array(2);
  packed.write(out);
  out.integer(value.offset());
}

void put(writer& out, duckdb::timestamp_t value, const LogicalType& type) {
  Packed packed;
  if (packed.add_timestamp(value)) return packed.write(out);
  put_as_sql(out, type.id() == LogicalTypeId::TIMESTAMP_TZ
                      ? duckdb::Value::TIMESTAMPTZ(duckdb::timestamp_tz_t(value))
                      : duckdb::Value::TIMESTAMP(value));
}

// Microseconds of a timestamp in another unit; none if there are too many.
std::optional<duckdb::timestamp_t> in_micros(std::int64_t count, std::int64_t micros_each) {
  std::int64_t micros;
  if (!duckdb::Timestamp::IsFinite(duckdb::timestamp_t(count)) ||
      __builtin_mul_overflow(count, micros_each, &micros))
    return std::nullopt;
  return duckdb::timestamp_t(micros);
}

void put(writer& out, duckdb::timestamp_sec_t value, const LogicalType&) {
  Packed packed;
  const auto micros = in_micros(value.value, duckdb::Interval::MICROS_PER_SEC);
  micros&& packed.add_timestamp(*micros) ? packed.write(out)
                                         : put_as_sql(out, duckdb::Value::TIMESTAMPSEC(value));
}

void put(writer& out, duckdb::timestamp_ms_t value, const LogicalType&) {
  Packed packed;
  const auto micros = in_micros(value.value, duckdb::Interval::MICROS_PER_MSEC);
  micros&& packed.add_timestamp(*micros) ? packed.write(out)
                                         : put_as_sql(out, duckdb::Value::TIMESTAMPMS(value));
}

void put(writer& out, duckdb::timestamp_ns_t value, const LogicalType&) {
  Packed packed;
  const std::int64_t nanos = value.value, per_micro = duckdb::Interval::NANOS_PER_MICRO;
  const std::int64_t micros = nanos / per_micro - (nanos % per_micro < 0);
  duckdb::Timestamp::IsFinite(value) && packed.add_timestamp(duckdb::timestamp_t(micros))
      ? packed.write(out)
      : put_as_sql(out, duckdb::Value::TIMESTAMPNS(value));
}

void put(writer& out, const duckdb::interval_t& value, const LogicalType&) {
  out.array(2);
  out.integer(std::int64_t{value.months} * duckdb::Interval::DAYS_PER_MONTH + value.days);
  out.integer(value.micros);
}

// Texts and bytes.
struct Text {
  duckdb::string_t value;
};
struct Blob {
  duckdb::string_t value;
};
struct Bits {
  duckdb::string_t value;
};
struct Bignum {
  duckdb::string_t value;
};
struct Uuid {
  duckdb::hugeint_t value;
};
template <typename T>
struct Enum {
  T value;
};
template <typename T>
struct Decimal {
  T value;
};

void put(writer& out, const Text& text, const LogicalType&) {
  out.text(view(text.value));
}

void put(writer& out, const Blob& blob, const LogicalType&) {
  const std::string_view data = view(blob.value);
  out.blob({reinterpret_cast<const std::uint8_t*>(data.data()), data.size()});
}

void put(writer& out, const Bits& bits, const LogicalType&) {
  out.text(duckdb::Bit::ToString(bits.value));
}

void put(writer& out, const Bignum& number, const LogicalType&) {
  const std::string digits = duckdb::Bignum::BignumToVarchar(duckdb::bignum_t(number.value));
  const char* const end = digits.data() + digits.size();
  std::int64_t value;
  const auto [stop, failure] = std::from_chars(digits.data(), end, value);
  failure == std::errc() && stop == end ? out.integer(value) : out.text(digits);
}

void put(writer& out, const Uuid& uuid, const LogicalType&) {
  char text[36];
  duckdb::BaseUUID::ToString(uuid.value, text);
  out.text({text, sizeof text});
}

template <typename T>
void put(writer& out, const Enum<T>& entry, const LogicalType& type) {
  out.text(view(duckdb::EnumType::GetString(type, entry.value)));
}

template <typename T>
void put(writer& out, const Decimal<T>& number, const LogicalType& type) {
  out.text(duckdb::Decimal::ToString(number.value, duckdb::DecimalType::GetWidth(type),
                                     duckdb::DecimalType::GetScale(type)));
}

template <typename T>
void write_as(writer& out, const Format& from, idx_t row) {
  const idx_t at = from.unified.sel->get_index(row);
  if (!from.unified.validity.RowIsValid(at)) return out.null();
  put(out, reinterpret_cast<const T*>(from.unified.data)[at], from.logical_type);
}

void write_null(writer& out, const Format&, idx_t) {
  out.null();
}

void write_list(writer& out, const Format& from, idx_t row) {
  const idx_t at = from.unified.sel->get_index(row);
  if (!from.unified.validity.RowIsValid(at)) return out.null();
  const auto& entry = reinterpret_cast<const duckdb::list_entry_t*>(from.unified.data)[at];
  out.array(entry.length);
  for (idx_t i = 0; i < entry.length; ++i) write_any(out, from.children[0], entry.offset + i);
}

void write_array(writer& out, const Format& from, idx_t row) {
  const idx_t at = from.unified.sel->get_index(row);
  if (!from.unified.validity.RowIsValid(at)) return out.null();
  const idx_t size = duckdb::ArrayType::GetSize(from.logical_type);
  out.array(size);
  for (idx_t i = 0; i < size; ++i) write_any(out, from.children[0], at * size + i);
}

void write_struct(writer& out, const Format& from, idx_t row) {
  const idx_t at = from.unified.sel->get_index(row);
  if (!from.unified.validity.RowIsValid(at)) return out.null();
  out.array(from.children.size());
  for (const Format& field : from.children) write_any(out, field, at);
}

// A union is stored as a struct: the tag, then a field for each member.
void write_union(writer& out, const Format& from, idx_t row) {
  const idx_t at = from.unified.sel->get_index(row);
  if (!from.unified.validity.RowIsValid(at)) return out.null();
  const Format& tags = from.children[0];
  const idx_t tag = duckdb::UnifiedVectorFormat::GetData<duckdb::union_tag_t>(
      tags.unified)[tags.unified.sel->get_index(at)];
  out.array(2);
  out.large(tag);
  write_any(out, from.children[tag + 1], at);
}

// By the function that writes one value.
template <auto write_one>
Way way() {
  return {write_one, [](writer& out, const Format& format, idx_t from, idx_t to) {
            for (idx_t row = from; row < to; ++row) write_one(out, format, row);
          }};
}

// Values of these types are stored in several sizes.
Way enum_way(PhysicalType stored) {
  switch (stored) {
    case PhysicalType::UINT8:
      return way<write_as<Enum<std::uint8_t>>>();
    case PhysicalType::UINT16:
      return way<write_as<Enum<std::uint16_t>>>();
    case PhysicalType::UINT32:
      return way<write_as<Enum<std::uint32_t>>>();
    default:
      return {};
  }
}

Way decimal_way(PhysicalType stored) {
  switch (stored) {
    case PhysicalType::INT16:
      return way<write_as<Decimal<std::int16_t>>>();
    case PhysicalType::INT32:
      return way<write_as<Decimal<std::int32_t>>>();
    case PhysicalType::INT64:
      return way<write_as<Decimal<std::int64_t>>>();
    default:
      return way<write_as<Decimal<duckdb::hugeint_t>>>();
  }
}

// None for a type that the contract does not know.
Way how_to_write(const LogicalType& type) {
  switch (type.id()) {
    case LogicalTypeId::SQLNULL:
      return way<write_null>();
    case LogicalTypeId::BOOLEAN:
      return way<write_as<bool>>();
    case LogicalTypeId::TINYINT:
      return way<write_as<std::int8_t>>();
    case LogicalTypeId::SMALLINT:
      return way<write_as<std::int16_t>>();
    case LogicalTypeId::INTEGER:
      return way<write_as<std::int32_t>>();
    case LogicalTypeId::BIGINT:
      return way<write_as<std::int64_t>>();
    case LogicalTypeId::UTINYINT:
      return way<write_as<std::uint8_t>>();
    case LogicalTypeId::USMALLINT:
      return way<write_as<std::uint16_t>>();
    case LogicalTypeId::UINTEGER:
      return way<write_as<std::uint32_t>>();
    case LogicalTypeId::UBIGINT:
      return way<write_as<std::uint64_t>>();
    case LogicalTypeId::HUGEINT:
      return way<write_as<duckdb::hugeint_t>>();
    case LogicalTypeId::UHUGEINT:
      return way<write_as<duckdb::uhugeint_t>>();
    case LogicalTypeId::BIGNUM:
      return way<write_as<Bignum>>();
    case LogicalTypeId::FLOAT:
      return way<write_as<float>>();
    case LogicalTypeId::DOUBLE:
      return way<write_as<double>>();
    case LogicalTypeId::DECIMAL:
      return decimal_way(type.InternalType());
    case LogicalTypeId::VARCHAR:
      return way<write_as<Text>>();
    case LogicalTypeId::BLOB:
      return way<write_as<Blob>>();
    case LogicalTypeId::BIT:
      return way<write_as<Bits>>();
    case LogicalTypeId::ENUM:
      return enum_way(type.InternalType());
    case LogicalTypeId::UUID:
      return way<write_as<Uuid>>();
    case LogicalTypeId::DATE:
      return way<write_as<duckdb::date_t>>();
    case LogicalTypeId::TIME:
      return way<write_as<duckdb::dtime_t>>();
    case LogicalTypeId::TIME_NS:
      return way<write_as<duckdb::dtime_ns_t>>();
    case LogicalTypeId::TIME_TZ:
      return way<write_as<duckdb::dtime_tz_t>>();
    case LogicalTypeId::TIMESTAMP:
      return way<write_as<duckdb::timestamp_t>>();
    case LogicalTypeId::TIMESTAMP_TZ:
      return way<write_as<duckdb::timestamp_t>>();
    case LogicalTypeId::TIMESTAMP_SEC:
      return way<write_as<duckdb::timestamp_sec_t>>();
    case LogicalTypeId::TIMESTAMP_MS:
      return way<write_as<duckdb::timestamp_ms_t>>();
    case LogicalTypeId::TIMESTAMP_NS:
      return way<write_as<duckdb::timestamp_ns_t>>();
    case LogicalTypeId::INTERVAL:
      return way<write_as<duckdb::interval_t>>();
    case LogicalTypeId::LIST:
      return way<write_list>();
    // A map is stored as a list of structs, key and value.
    case LogicalTypeId::MAP:
      return way<write_list>();
    case LogicalTypeId::ARRAY:
      return way<write_array>();
    case LogicalTypeId::STRUCT:
      return way<write_struct>();
    case LogicalTypeId::UNION:
      return way<write_union>();
    default:
      return {};
  }
}

void write_any(writer& out, const Format& from, idx_t row) {
  how_to_write(from.logical_type).one(out, from, row);
}

// The type with texts in place of what the contract does not know.
LogicalType known(const LogicalType& type) {
  return duckdb::TypeVisitor::VisitReplace(type, [](const LogicalType& part) {
    return how_to_write(part).one ? part : LogicalType(LogicalType::VARCHAR);
  });
}

void write_fields(writer& out, const duckdb::child_list_t<LogicalType>& fields) {
  out.array(fields.size());
  for (const auto& [name, type] : fields) {
    out.array(2);
    out.text(name);
    write_type(out, type);
  }
}

}  // namespace

void write_type(writer& out, const LogicalType& type) {
  const auto begin = [&](std::uint64_t more) {
    out.array(1 + more);
    out.text(duckdb::LogicalTypeIdToString(type.id()));
  };
  switch (type.id()) {
    case LogicalTypeId::DECIMAL:
      begin(2);
      out.integer(duckdb::DecimalType::GetWidth(type));
      out.integer(duckdb::DecimalType::GetScale(type));
      break;
    case LogicalTypeId::ENUM: {
      begin(1);
      const idx_t size = duckdb::EnumType::GetSize(type);
      out.array(size);
      for (idx_t i = 0; i < size; ++i) out.text(view(duckdb::EnumType::GetString(type, i)));
      break;
    }
    case LogicalTypeId::LIST:
      begin(1);
      write_type(out, duckdb::ListType::GetChildType(type));
      break;
    case LogicalTypeId::ARRAY:
      begin(2);
      write_type(out, duckdb::ArrayType::GetChildType(type));
      out.large(duckdb::ArrayType::GetSize(type));
      break;
    case LogicalTypeId::MAP:
      begin(2);
      write_type(out, duckdb::MapType::KeyType(type));
      write_type(out, duckdb::MapType::ValueType(type));
      break;
    case LogicalTypeId::STRUCT:
      begin(1);
      write_fields(out, duckdb::StructType::GetChildTypes(type));
      break;
    case LogicalTypeId::UNION:
      begin(1);
      write_fields(out, duckdb::UnionType::CopyMemberTypes(type));
      break;
    default:
      begin(0);
  }
}

WrittenColumn::WrittenColumn(duckdb::Vector& column, idx_t rows)
    : format_(duckdb::make_uniq<Format>()) {
  duckdb::Vector* from = &column;
  if (LogicalType type = known(column.GetType()); type != column.GetType()) {
    converted_ = duckdb::make_uniq<duckdb::Vector>(type, rows);
    duckdb::VectorOperations::DefaultCast(column, *converted_, rows);
    from = converted_.get();
  }
  duckdb::Vector::RecursiveToUnifiedFormat(*from, rows, *format_);
  way_ = how_to_write(from->GetType());
}

}  // namespace cap::database
