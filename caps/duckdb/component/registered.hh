// Rows of the consumer that queries see as tables.
#pragma once

#include "session.hh"

namespace cap::database {

/// Rows under a name, kept until no query and no database refers to them.
class Kept {
 public:
  Kept(duckdb::vector<duckdb::string> names, duckdb::unique_ptr<duckdb::ColumnDataCollection> rows)
      : names_(std::move(names)), rows_(std::move(rows)) {}

  const duckdb::vector<duckdb::string>& names() const { return names_; }
  const duckdb::ColumnDataCollection& rows() const { return *rows_; }

 private:
  duckdb::vector<duckdb::string> names_;
  duckdb::unique_ptr<duckdb::ColumnDataCollection> rows_;
};
using KeptRef = duckdb::shared_ptr<Kept>;

/// Lets the queries of a database that is made with this configuration find what is registered, and
/// what the consumer knows.
void add_replacements(duckdb::DBConfig& config);
/// What such a database needs besides.
void add_registered_rows(duckdb::DatabaseInstance& database);

/// Rows from a document of columns; a type "" is the values'.
KeptRef kept_columns(duckdb::ClientContext& context,
                     std::span<const std::tuple<std::string_view, std::string_view>> columns,
                     std::span<const std::uint8_t> values);

/// Puts rows in the place of what has this name in the session's database.
void keep(Session& session, std::string_view name, KeptRef rows);
void forget(Session& session, std::string_view name);

}  // namespace cap::database
