#include "duckdb/main/appender.hpp"

#include "appender.hh"
#include "arrow_batches.hh"
#include "given_value.hh"

namespace cap::database {
namespace {

class Appender final : public appender {
 public:
  Appender(SessionRef session, duckdb::unique_ptr<duckdb::Appender> rows)
      : session_(std::move(session)), rows_(std::move(rows)) {}

  cap::result<void, error> append_rows(std::span<const std::uint8_t> document) override {
    return executed(session_, [&] {
      GivenValues given(&session_->context(), document);
      for (std::uint64_t left = given.array(); left > 0; --left) {
        rows_->BeginRow();
        for (std::uint64_t cells = given.array(); cells > 0; --cells) rows_->Append(given.value());
        rows_->EndRow();
      }
      given.end();
    });
  }

  cap::result<void, error> append_arrow(std::span<const std::uint8_t> ipc) override {
    return executed(session_, [&] {
      const ArrowRows read = arrow_rows(*session_->database, ipc);
      for (duckdb::DataChunk& chunk : read.rows->Chunks()) rows_->AppendDataChunk(chunk);
    });
  }

  cap::result<void, error> flush() override {
    return executed(session_, [&] { rows_->Flush(); });
  }
  cap::result<void, error> finish() override {
    return executed(session_, [&] { rows_->Close(); });
  }

 private:
  SessionRef session_;
  duckdb::unique_ptr<duckdb::Appender> rows_;
};

}  // namespace

std::unique_ptr<appender> make_appender(const SessionRef& session, const TableName& table,
                                        const std::optional<std::vector<std::string>>& columns) {
  auto rows = duckdb::make_uniq<duckdb::Appender>(*session->connection, table.catalog, table.schema,
                                                  table.name);
  if (columns)
    for (const std::string& column : *columns) rows->AddColumn(column);
  return std::make_unique<Appender>(session, std::move(rows));
}

}  // namespace cap::database
