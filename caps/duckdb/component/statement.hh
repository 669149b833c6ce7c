// Statements, and how they are executed.
#pragma once

#include "session.hh"

namespace cap::database {

class Statement final : public statement {
 public:
  /// `is_written`: it is a part of the text that was parsed, not made of one (as two are of PIVOT).
  Statement(duckdb::unique_ptr<duckdb::SQLStatement> parsed, bool is_written)
      : parsed_(std::move(parsed)), is_written_(is_written) {}

  std::string kind() override;
  std::string text() override;
  std::vector<std::string> parameters() override;
  std::vector<std::string> returns() override;

  duckdb::unique_ptr<duckdb::SQLStatement> copy() const { return parsed_->Copy(); }

 private:
  duckdb::unique_ptr<duckdb::SQLStatement> parsed_;
  const bool is_written_;
};

class Prepared final : public prepared {
 public:
  Prepared(SessionRef session, duckdb::unique_ptr<duckdb::PreparedStatement> statement)
      : session_(std::move(session)), statement_(std::move(statement)) {}

  std::vector<column> columns() override;
  std::string kind() override;
  std::vector<std::tuple<std::string, std::string>> parameters() override;
  cap::result<std::unique_ptr<query_result>, error> run(std::span<const std::uint8_t> values,
                                                        delivery how) override;
  cap::result<std::uint64_t, error> run_many(std::span<const std::uint8_t> rows) override;

 private:
  SessionRef session_;
  duckdb::unique_ptr<duckdb::PreparedStatement> statement_;
};

/// Throws the error of what the engine returned, if it has one.
template <typename Returned>
duckdb::unique_ptr<Returned> without_error(duckdb::unique_ptr<Returned> returned) {
  if (returned->HasError()) returned->GetErrorObject().Throw();
  return returned;
}

/// A statement for which values were given, under way or done.
std::unique_ptr<query_result> execute(const SessionRef& session,
                                      duckdb::unique_ptr<duckdb::SQLStatement> statement,
                                      std::span<const std::uint8_t> values, delivery how);
std::unique_ptr<Prepared> prepare(const SessionRef& session,
                                  duckdb::unique_ptr<duckdb::SQLStatement> statement);

}  // namespace cap::database
