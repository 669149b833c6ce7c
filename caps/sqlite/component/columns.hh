// Rows of a statement as columns of Arrow's.
#pragma once

#include <sqlite3.h>

#include <string>
#include <vector>

#include "arrow_ipc.hh"
#include "database.hh"
#include "dynamic.hh"
#include "nanoarrow/hpp/unique.hpp"

namespace cap {

/// Rows whose columns' types are decided by the values of the first batch.
class Columns {
 public:
  using done = result<void, engine::problem>;

  explicit Columns(sqlite3_stmt* statement);

  /// Adds a row of values that were fetched before.
  done add(glue::reader& row);
  /// Adds the row that the statement has come to.
  done add(sqlite3_stmt* statement);
  /// Whether there are enough rows for a batch.
  bool full(std::uint32_t limit) const { return rows_ >= limit || bytes_ >= kMostBytes; }
  /// The rows that were added since the last time as a message; before the first one, the schema.
  result<bytes, engine::problem> take();

 private:
  static constexpr std::size_t kMostBytes = 16 << 20;

  struct Column {
    std::string name;
    /// What the table's definition says; NANOARROW_TYPE_NA if nothing.
    ArrowType declared;
    ArrowType type = NANOARROW_TYPE_NA;
    nanoarrow::UniqueArray values;
  };

  template <typename Append>
  done put(Column& column, ArrowType type, Append append);
  done put_null(Column& column);
  done put_integer(Column& column, std::int64_t value);
  done put_real(Column& column, double value);
  done put_text(Column& column, std::string_view text);
  done put_blob(Column& column, std::span<const std::uint8_t> data);

  int start(Column& column, ArrowType type);
  int widen(Column& column);
  int settle();
  int move_to(ArrowArray* batch);
  engine::problem mismatch(const Column& column, ArrowType type) const;

  std::vector<Column> columns_;
  nanoarrow::UniqueSchema schema_;
  std::int64_t rows_ = 0;
  std::size_t bytes_ = 0;
  bool settled_ = false;  // the types are those of the schema
};

}  // namespace cap
