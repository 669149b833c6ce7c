// Values of Arrow's columns as SQLite's.
#include "column_rows.hh"

#include <algorithm>

#include "values.hh"

namespace cap {
namespace {

constexpr std::int64_t kSecondsPerDay = 86400;

/// A date as ISO 8601 writes it; years beyond four digits as they are.
std::string date_text(std::int64_t days) {
  // The civil calendar, in eras of 400 years that begin in March (Hinnant, "chrono-compatible
  // low-level date algorithms").
  const std::int64_t shifted = days + 719468;
  const std::int64_t era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
  const auto day_of_era = static_cast<unsigned>(shifted - era * 146097);
  const unsigned year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const unsigned day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const unsigned month = (5 * day_of_year + 2) / 153;
  const unsigned day = day_of_year - (153 * month + 2) / 5 + 1;
  const std::int64_t year = year_of_era + era * 400 + (month >= 10);
  char text[40];
  sqlite3_snprintf(sizeof text, text, "%04lld-%02u-%02u", year, month < 10 ? month + 3 : month - 9,
                   day);
  return text;
}

/// An instant as Python's sqlite3 writes a datetime, with the digits of its unit.
std::string timestamp_text(std::int64_t value, ArrowTimeUnit unit, bool zoned) {
  constexpr std::int64_t kPerSecond[] = {1, 1'000, 1'000'000, 1'000'000'000};
  const std::int64_t per_second = kPerSecond[unit];
  std::int64_t seconds = value / per_second, fraction = value % per_second;
  if (fraction < 0) fraction += per_second, --seconds;
  std::int64_t days = seconds / kSecondsPerDay, second = seconds % kSecondsPerDay;
  if (second < 0) second += kSecondsPerDay, --days;
  char text[40];
  sqlite3_snprintf(sizeof text, text, " %02lld:%02lld:%02lld", second / 3600, second / 60 % 60,
                   second % 60);
  std::string out = date_text(days) + text;
  if (unit != NANOARROW_TIME_UNIT_SECOND) {
    sqlite3_snprintf(sizeof text, text, ".%0*lld", static_cast<int>(unit) * 3, fraction);
    out += text;
  }
  return zoned ? out + "+00:00" : out;
}

}  // namespace

result<void, engine::problem> ColumnRows::open(std::span<const std::uint8_t> messages,
                                               sqlite3_stmt* statement) {
  const auto refused = [](const std::string& words) {
    return err(engine::problem{SQLITE_MISUSE, words});
  };
  if (auto read = arrow::read_stream(messages, stream_.get()); !read) return refused(read.error());
  if (stream_->get_schema(stream_.get(), schema_.get()) != NANOARROW_OK)
    return refused(stream_->get_last_error(stream_.get()));
  types_.resize(static_cast<std::size_t>(schema_->n_children));
  ArrowError error{};
  for (std::size_t i = 0; i < types_.size(); ++i)
    if (ArrowSchemaViewInit(&types_[i], schema_->children[i], &error))
      return refused(error.message);
  if (ArrowArrayViewInitFromSchema(view_.get(), schema_.get(), &error))
    return refused(error.message);
  const int wanted = sqlite3_bind_parameter_count(statement);
  for (int i = 1; i <= wanted; ++i) {
    const char* name = sqlite3_bind_parameter_name(statement, i);
    std::size_t column = static_cast<std::size_t>(i - 1);
    if (name && *name != '?')
      for (column = 0;
           column < types_.size() && valid_text(schema_->children[column]->name) != name + 1;)
        ++column;
    if (column >= types_.size())
      return refused(name && *name != '?'
                         ? std::string("there is no column for the parameter ") + name
                         : "The current statement uses " + std::to_string(wanted) +
                               ", and there are " + std::to_string(types_.size()) +
                               " columns supplied.");
    parameters_.push_back(column);
  }
  return {};
}

int ColumnRows::next_batch() {
  batch_.reset();
  if (stream_->get_next(stream_.get(), batch_.get()) != NANOARROW_OK) {
    const char* words = stream_->get_last_error(stream_.get());
    problem_ = {SQLITE_MISUSE, words ? words : "damaged columns"};
    return kNoSuchValue;
  }
  if (!batch_->release) return SQLITE_DONE;
  ArrowError error{};
  if (ArrowArrayViewSetArray(view_.get(), batch_.get(), &error)) {
    problem_ = {SQLITE_MISUSE, error.message};
    return kNoSuchValue;
  }
  row_ = 0;
  return SQLITE_ROW;
}

int ColumnRows::bind_next(sqlite3_stmt* statement) {
  while (!batch_->release || row_ >= batch_->length)
    if (int code = next_batch(); code != SQLITE_ROW) return code;
  for (std::size_t i = 0; i < parameters_.size(); ++i)
    if (int code = bind(statement, static_cast<int>(i) + 1, parameters_[i]); code != SQLITE_OK)
      return code;
  ++row_;
  return SQLITE_ROW;
}

int ColumnRows::bind(sqlite3_stmt* statement, int index, std::size_t column) {
  const ArrowArrayView* values = view_->children[column];
  if (ArrowArrayViewIsNull(values, row_)) return sqlite3_bind_null(statement, index);
  switch (types_[column].type) {
    case NANOARROW_TYPE_NA:
      return sqlite3_bind_null(statement, index);
    case NANOARROW_TYPE_UINT64:
      if (ArrowArrayViewGetUIntUnsafe(values, row_) > INT64_MAX)
        return no_value(column, "has a number above 2^63 - 1, the largest of SQLite");
      [[fallthrough]];
    case NANOARROW_TYPE_BOOL:
    case NANOARROW_TYPE_INT8:
    case NANOARROW_TYPE_INT16:
    case NANOARROW_TYPE_INT32:
    case NANOARROW_TYPE_INT64:
    case NANOARROW_TYPE_UINT8:
    case NANOARROW_TYPE_UINT16:
    case NANOARROW_TYPE_UINT32:
      return sqlite3_bind_int64(statement, index, ArrowArrayViewGetIntUnsafe(values, row_));
    case NANOARROW_TYPE_HALF_FLOAT:
    case NANOARROW_TYPE_FLOAT:
    case NANOARROW_TYPE_DOUBLE:
      return sqlite3_bind_double(statement, index, ArrowArrayViewGetDoubleUnsafe(values, row_));
    case NANOARROW_TYPE_BINARY:
    case NANOARROW_TYPE_LARGE_BINARY:
    case NANOARROW_TYPE_FIXED_SIZE_BINARY: {
      const ArrowBufferView data = ArrowArrayViewGetBytesUnsafe(values, row_);
      const auto size = static_cast<sqlite3_uint64>(data.size_bytes);
      if (!size) return sqlite3_bind_zeroblob(statement, index, 0);
      return sqlite3_bind_blob64(statement, index, data.data.data, size, SQLITE_STATIC);
    }
    case NANOARROW_TYPE_STRING:
    case NANOARROW_TYPE_LARGE_STRING:
    case NANOARROW_TYPE_DATE32:
    case NANOARROW_TYPE_TIMESTAMP:
      return bind_text(statement, index, column);
    default:
      return no_value(column, "is of a type that SQLite has no values for: cast it");
  }
}

int ColumnRows::bind_text(sqlite3_stmt* statement, int index, std::size_t column) {
  const ArrowArrayView* values = view_->children[column];
  const ArrowSchemaView& type = types_[column];
  if (type.type == NANOARROW_TYPE_STRING || type.type == NANOARROW_TYPE_LARGE_STRING) {
    const ArrowStringView text = ArrowArrayViewGetStringUnsafe(values, row_);
    const auto size = static_cast<std::size_t>(text.size_bytes);
    if (!glue::is_utf8(reinterpret_cast<const std::uint8_t*>(text.data), size))
      return no_value(column, "has a text that is not UTF-8");
    return sqlite3_bind_text64(statement, index, size ? text.data : "", size, SQLITE_STATIC,
                               SQLITE_UTF8);
  }
  const std::int64_t value = ArrowArrayViewGetIntUnsafe(values, row_);
  const bool zoned = type.timezone && *type.timezone;
  const std::string text = type.type == NANOARROW_TYPE_DATE32
                               ? date_text(value)
                               : timestamp_text(value, type.time_unit, zoned);
  return sqlite3_bind_text64(statement, index, text.data(), text.size(), SQLITE_TRANSIENT,
                             SQLITE_UTF8);
}

int ColumnRows::no_value(std::size_t column, const char* why) {
  problem_ = {SQLITE_MISUSE, "column '" + valid_text(schema_->children[column]->name) + "' " + why};
  return kNoSuchValue;
}

}  // namespace cap
