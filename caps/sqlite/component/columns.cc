// Rows as columns: what type a column has, and its values.
#include "columns.hh"

#include "values.hh"

namespace cap {
namespace {

using engine::problem;

problem failed(int code) {
  return code == ENOMEM ? problem_of(SQLITE_NOMEM) : problem_of(SQLITE_TOOBIG);
}

Columns::done checked(int code) {
  if (code == NANOARROW_OK) return {};
  return err(failed(code));
}

// What a definition's type means for values, by SQLite's rules for it.
ArrowType declared_type(const char* declared) {
  const auto says = [&](std::initializer_list<const char*> words) {
    const std::string pattern = "%";
    for (const char* word : words)
      if (sqlite3_strlike((pattern + word + pattern).c_str(), declared, 0) == 0) return true;
    return false;
  };
  if (!declared) return NANOARROW_TYPE_NA;
  if (says({"int"})) return NANOARROW_TYPE_INT64;
  if (says({"char", "clob", "text"})) return NANOARROW_TYPE_STRING;
  if (says({"blob"})) return NANOARROW_TYPE_BINARY;
  if (says({"real", "floa", "doub"})) return NANOARROW_TYPE_DOUBLE;
  return NANOARROW_TYPE_NA;
}

const char* described(ArrowType type) {
  switch (type) {
    case NANOARROW_TYPE_INT64:
      return "integers";
    case NANOARROW_TYPE_DOUBLE:
      return "floats";
    case NANOARROW_TYPE_STRING:
      return "texts";
    case NANOARROW_TYPE_BINARY:
      return "blobs";
    default:
      return "nulls";
  }
}

}  // namespace

Columns::Columns(sqlite3_stmt* statement) {
  for (int i = 0; i < sqlite3_column_count(statement); ++i)
    columns_.push_back({valid_text(sqlite3_column_name(statement, i)),
                        declared_type(sqlite3_column_decltype(statement, i)),
                        NANOARROW_TYPE_NA,
                        {}});
}

Columns::done Columns::add(glue::reader& row) {
  std::uint64_t count;
  if (!row.head(4, count) || count != columns_.size()) return err(problem_of(SQLITE_MISUSE));
  for (Column& column : columns_) {
    dynamic::value value;
    if (!dynamic::read(row, value)) return err(problem_of(SQLITE_MISUSE));
    const auto put_value = [&]() -> done {
      switch (value.kind) {
        case dynamic::kind::null:
          return put_null(column);
        case dynamic::kind::integer:
          return put_integer(column, value.integer);
        case dynamic::kind::real:
          return put_real(column, value.real);
        case dynamic::kind::text:
          return put_text(column, value.text());
        case dynamic::kind::blob:
          return put_blob(column, value.data);
        default:
          return err(problem_of(SQLITE_MISUSE));
      }
    };
    if (done put = put_value(); !put) return put;
  }
  ++rows_;
  return {};
}

Columns::done Columns::add(sqlite3_stmt* statement) {
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const int index = static_cast<int>(i);
    const auto put_value = [&]() -> done {
      switch (sqlite3_column_type(statement, index)) {
        case SQLITE_INTEGER:
          return put_integer(columns_[i], sqlite3_column_int64(statement, index));
        case SQLITE_FLOAT:
          return put_real(columns_[i], sqlite3_column_double(statement, index));
        case SQLITE_TEXT: {
          const void* text = sqlite3_column_text(statement, index);
          return put_text(columns_[i],
                          text_of(bytes_at(text, sqlite3_column_bytes(statement, index))));
        }
        case SQLITE_BLOB: {
          const void* data = sqlite3_column_blob(statement, index);
          return put_blob(columns_[i],
                          bytes_at(data, data ? sqlite3_column_bytes(statement, index) : 0));
        }
        default:
          return put_null(columns_[i]);
      }
    };
    if (done put = put_value(); !put) return put;
  }
  ++rows_;
  return {};
}

template <typename Append>
Columns::done Columns::put(Column& column, ArrowType type, Append append) {
  if (column.type != type) {
    if (column.type != NANOARROW_TYPE_NA || settled_) return err(mismatch(column, type));
    if (int code = start(column, type)) return err(failed(code));
  }
  return checked(append(column.values.get()));
}

Columns::done Columns::put_null(Column& column) {
  if (column.type == NANOARROW_TYPE_NA) return {};
  return checked(ArrowArrayAppendNull(column.values.get(), 1));
}

Columns::done Columns::put_integer(Column& column, std::int64_t value) {
  bytes_ += sizeof value;
  if (column.type == NANOARROW_TYPE_DOUBLE) return put_real(column, static_cast<double>(value));
  return put(column, NANOARROW_TYPE_INT64,
             [&](ArrowArray* values) { return ArrowArrayAppendInt(values, value); });
}

Columns::done Columns::put_real(Column& column, double value) {
  bytes_ += sizeof value;
  if (column.type == NANOARROW_TYPE_INT64 && !settled_)
    if (int code = widen(column)) return err(failed(code));
  return put(column, NANOARROW_TYPE_DOUBLE,
             [&](ArrowArray* values) { return ArrowArrayAppendDouble(values, value); });
}

Columns::done Columns::put_text(Column& column, std::string_view text) {
  bytes_ += text.size();
  if (!glue::is_utf8(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()))
    return err(
        problem{SQLITE_MISMATCH, "column '" + column.name + "' has a text that is not UTF-8"});
  const ArrowStringView view{text.data(), static_cast<std::int64_t>(text.size())};
  return put(column, NANOARROW_TYPE_STRING,
             [&](ArrowArray* values) { return ArrowArrayAppendString(values, view); });
}

Columns::done Columns::put_blob(Column& column, std::span<const std::uint8_t> data) {
  bytes_ += data.size();
  ArrowBufferView view{{data.data()}, static_cast<std::int64_t>(data.size())};
  return put(column, NANOARROW_TYPE_BINARY,
             [&](ArrowArray* values) { return ArrowArrayAppendBytes(values, view); });
}

// Begins to have values of a type, after rows that were null.
int Columns::start(Column& column, ArrowType type) {
  nanoarrow::UniqueArray made;
  NANOARROW_RETURN_NOT_OK(ArrowArrayInitFromType(made.get(), type));
  NANOARROW_RETURN_NOT_OK(ArrowArrayStartAppending(made.get()));
  NANOARROW_RETURN_NOT_OK(ArrowArrayAppendNull(made.get(), rows_));
  column.values = std::move(made);
  column.type = type;
  return NANOARROW_OK;
}

// Integers that were there before a float become floats.
int Columns::widen(Column& column) {
  nanoarrow::UniqueArray integers = std::move(column.values);
  NANOARROW_RETURN_NOT_OK(ArrowArrayFinishBuildingDefault(integers.get(), nullptr));
  nanoarrow::UniqueArrayView view;
  ArrowArrayViewInitFromType(view.get(), NANOARROW_TYPE_INT64);
  NANOARROW_RETURN_NOT_OK(ArrowArrayViewSetArray(view.get(), integers.get(), nullptr));
  nanoarrow::UniqueArray made;
  NANOARROW_RETURN_NOT_OK(ArrowArrayInitFromType(made.get(), NANOARROW_TYPE_DOUBLE));
  NANOARROW_RETURN_NOT_OK(ArrowArrayStartAppending(made.get()));
  for (std::int64_t i = 0; i < view->length; ++i) {
    const bool null = ArrowArrayViewIsNull(view.get(), i) != 0;
    const auto value = static_cast<double>(ArrowArrayViewGetIntUnsafe(view.get(), i));
    NANOARROW_RETURN_NOT_OK(null ? ArrowArrayAppendNull(made.get(), 1)
                                 : ArrowArrayAppendDouble(made.get(), value));
  }
  column.values = std::move(made);
  column.type = NANOARROW_TYPE_DOUBLE;
  return NANOARROW_OK;
}

problem Columns::mismatch(const Column& column, ArrowType type) const {
  return {SQLITE_MISMATCH, "column '" + column.name + "' has " + described(type) + " after " +
                               described(column.type) + ": CAST it to one type"};
}

// The types are those that the columns have now.
int Columns::settle() {
  ArrowSchemaInit(schema_.get());
  NANOARROW_RETURN_NOT_OK(
      ArrowSchemaSetTypeStruct(schema_.get(), static_cast<std::int64_t>(columns_.size())));
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    Column& column = columns_[i];
    if (column.type == NANOARROW_TYPE_NA && column.declared != NANOARROW_TYPE_NA)
      NANOARROW_RETURN_NOT_OK(start(column, column.declared));
    NANOARROW_RETURN_NOT_OK(ArrowSchemaSetType(schema_->children[i], column.type));
    NANOARROW_RETURN_NOT_OK(ArrowSchemaSetName(schema_->children[i], column.name.c_str()));
  }
  return NANOARROW_OK;
}

// Moves the values of all columns, which begin anew, into a batch.
int Columns::move_to(ArrowArray* batch) {
  NANOARROW_RETURN_NOT_OK(ArrowArrayInitFromSchema(batch, schema_.get(), nullptr));
  batch->length = rows_;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    Column& column = columns_[i];
    if (column.type == NANOARROW_TYPE_NA) NANOARROW_RETURN_NOT_OK(start(column, column.type));
    batch->children[i]->release(batch->children[i]);
    ArrowArrayMove(column.values.get(), batch->children[i]);
  }
  rows_ = 0;
  bytes_ = 0;
  for (Column& column : columns_)
    if (column.type != NANOARROW_TYPE_NA) NANOARROW_RETURN_NOT_OK(start(column, column.type));
  return ArrowArrayFinishBuildingDefault(batch, nullptr);
}

result<bytes, problem> Columns::take() {
  bytes out;
  if (!settled_) {
    if (int code = settle()) return err(failed(code));
    auto schema = arrow::schema_message(*schema_.get());
    if (!schema) return err(problem{SQLITE_ERROR, schema.error()});
    out = std::move(*schema);
    settled_ = true;
  }
  if (!rows_) return out;
  nanoarrow::UniqueArray batch;
  if (int code = move_to(batch.get())) return err(failed(code));
  auto message = arrow::batch_message(*schema_.get(), *batch.get());
  if (!message) return err(problem{SQLITE_ERROR, message.error()});
  out.append(std::span(message->data(), message->size()));
  return out;
}

}  // namespace cap
