// Columns as messages of Arrow's IPC format, out of the engine and into it.
#pragma once

#include "session.hh"

namespace duckdb {
class ArrowAppender;
}

namespace cap::database {

/// Turns chunks of one result into messages.
class ArrowBatches {
 public:
  ArrowBatches(duckdb::ClientContext& context, const duckdb::vector<duckdb::string>& names,
               const duckdb::vector<duckdb::LogicalType>& types,
               const duckdb::ClientProperties& properties);
  ~ArrowBatches();

  bytes schema();

  void begin();
  void add(duckdb::DataChunk& chunk, duckdb::idx_t from, duckdb::idx_t to);
  duckdb::idx_t rows() const;
  /// About how many bytes the batch has.
  std::size_t size() const { return size_; }
  /// The message of what was added; nothing for no rows.
  bytes finish();

 private:
  struct State;

  std::unique_ptr<State> state_;
  std::unique_ptr<duckdb::ArrowAppender> appender_;
  std::size_t size_ = 0;
  /// As many rows as the last batch had: what the next one makes room for.
  duckdb::idx_t expected_ = 0;
};

/// The rows of a stream of messages.
struct ArrowRows {
  duckdb::vector<duckdb::string> names;
  duckdb::unique_ptr<duckdb::ColumnDataCollection> rows;
};
ArrowRows arrow_rows(duckdb::DuckDB& database, std::span<const std::uint8_t> stream);

}  // namespace cap::database
