// The rows of columns of Arrow's as parameters of a statement.
#pragma once

#include <sqlite3.h>

#include <string>
#include <vector>

#include "arrow_ipc.hh"
#include "database.hh"
#include "nanoarrow/hpp/unique.hpp"

namespace cap {

/// Goes through the rows of a stream of IPC messages.
class ColumnRows {
 public:
  /// Finds the columns for the parameters of a statement.
  result<void, engine::problem> open(std::span<const std::uint8_t> messages,
                                     sqlite3_stmt* statement);
  /// Binds the next row, whose bytes stay where they are until the following one is asked for.
  /// SQLITE_ROW; SQLITE_DONE after the last one; a code of SQLite's; kNoSuchValue if problem() says
  /// more.
  int bind_next(sqlite3_stmt* statement);
  engine::problem problem() const { return problem_; }

 private:
  int next_batch();
  int bind(sqlite3_stmt* statement, int index, std::size_t column);
  int bind_text(sqlite3_stmt* statement, int index, std::size_t column);
  int no_value(std::size_t column, const char* why);

  nanoarrow::UniqueArrayStream stream_;
  nanoarrow::UniqueSchema schema_;
  nanoarrow::UniqueArray batch_;
  nanoarrow::UniqueArrayView view_;
  std::vector<ArrowSchemaView> types_;   // of all columns
  std::vector<std::size_t> parameters_;  // the column of each
  std::int64_t row_ = 0;
  engine::problem problem_;
};

}  // namespace cap
