// What a statement returned, as the consumer takes it.
#pragma once

#include "arrow_batches.hh"
#include "session.hh"

namespace cap::database {

/// Names and types of columns in the contract's words.
std::vector<column> columns_of(const duckdb::vector<duckdb::string>& names,
                               const duckdb::vector<duckdb::LogicalType>& types);

class Result final : public query_result {
 public:
  /// `result` without an error.
  Result(SessionRef session, duckdb::unique_ptr<duckdb::QueryResult> result);

  std::vector<column> columns() override;
  std::tuple<std::string, std::string> kind() override;
  std::optional<std::uint64_t> changed() override { return changed_; }
  cap::result<bytes, error> next_rows(std::uint64_t limit, std::uint32_t size) override;
  cap::result<bytes, error> next_columns(std::uint64_t limit, std::uint32_t size) override;
  cap::result<bytes, error> arrow_schema() override;
  cap::result<bytes, error> arrow_next(std::uint64_t limit, std::uint32_t size) override;
  cap::result<void, error> keep(std::string_view name) override;
  cap::result<std::string, error> draw(std::uint32_t width, std::uint32_t rows,
                                       std::uint32_t column_width, std::string_view null_text,
                                       bool by_columns, std::uint64_t limit) override;

 private:
  bool is_open() const;
  ArrowBatches& arrow_batches();
  /// Rows of the chunk under way that have not been taken; 0 at the end.
  duckdb::idx_t left();
  /// All that is left.
  duckdb::unique_ptr<duckdb::ColumnDataCollection> rest();

  SessionRef session_;
  duckdb::unique_ptr<duckdb::QueryResult> result_;
  std::unique_ptr<ArrowBatches> arrow_;
  duckdb::unique_ptr<duckdb::DataChunk> chunk_;
  duckdb::idx_t taken_ = 0;
  bool ended_ = false;
  std::optional<std::uint64_t> changed_;
};

}  // namespace cap::database
