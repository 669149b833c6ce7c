#include "statement.hh"

#include "duckdb/main/prepared_statement.hpp"
#include "given_value.hh"
#include "result.hh"

namespace cap::database {
namespace {

std::unique_ptr<query_result> finished(const SessionRef& session,
                                       duckdb::unique_ptr<duckdb::PendingQueryResult> pending) {
  return std::make_unique<Result>(session,
                                  without_error(without_error(std::move(pending))->Execute()));
}

}  // namespace

std::string Statement::kind() {
  return duckdb::StatementTypeToString(parsed_->type);
}

std::string Statement::text() {
  if (!is_written_ || parsed_->stmt_location > parsed_->query.size()) return parsed_->ToString();
  return parsed_->query.substr(parsed_->stmt_location, parsed_->stmt_length);
}

std::vector<std::string> Statement::parameters() {
  std::vector<std::string> out(parsed_->named_param_map.size());
  for (const auto& [name, index] : parsed_->named_param_map) out.at(index - 1) = name;
  return out;
}

std::vector<std::string> Statement::returns() {
  using duckdb::StatementReturnType;
  std::vector<std::string> out;
  const auto add = [&](StatementReturnType type) {
    out.push_back(duckdb::StatementReturnTypeToString(type));
  };
  using duckdb::StatementType;
  switch (parsed_->type) {
    case StatementType::INSERT_STATEMENT:
    case StatementType::UPDATE_STATEMENT:
    case StatementType::DELETE_STATEMENT:
    case StatementType::MERGE_INTO_STATEMENT:
      add(StatementReturnType::CHANGED_ROWS);
      add(StatementReturnType::QUERY_RESULT);
      break;
    case StatementType::COPY_STATEMENT:
      add(StatementReturnType::CHANGED_ROWS);
      break;
    case StatementType::CREATE_STATEMENT:
      add(StatementReturnType::CHANGED_ROWS);
      add(StatementReturnType::NOTHING);
      break;
    case StatementType::SELECT_STATEMENT:
    case StatementType::EXPLAIN_STATEMENT:
    case StatementType::CALL_STATEMENT:
    case StatementType::RELATION_STATEMENT:
      add(StatementReturnType::QUERY_RESULT);
      break;
    case StatementType::PRAGMA_STATEMENT:
    case StatementType::EXECUTE_STATEMENT:
    case StatementType::MULTI_STATEMENT:
      add(StatementReturnType::QUERY_RESULT);
      add(StatementReturnType::CHANGED_ROWS);
      add(StatementReturnType::NOTHING);
      break;
    default:
      add(StatementReturnType::NOTHING);
  }
  return out;
}

std::vector<column> Prepared::columns() {
  return columns_of(statement_->GetNames(), statement_->GetTypes());
}

std::string Prepared::kind() {
  return duckdb::StatementTypeToString(statement_->GetStatementType());
}

std::vector<std::tuple<std::string, std::string>> Prepared::parameters() {
  std::vector<std::tuple<std::string, std::string>> out(statement_->named_param_map.size());
  const auto types = statement_->GetExpectedParameterTypes();
  for (const auto& [name, index] : statement_->named_param_map) {
    const auto type = types.find(name);
    out.at(index - 1) = {name, type == types.end() ? "UNKNOWN" : type->second.ToString()};
  }
  return out;
}

cap::result<std::unique_ptr<query_result>, error> Prepared::run(
    std::span<const std::uint8_t> values, delivery how) {
  return executed(session_, [&] {
    GivenValues given(&session_->context(), values);
    auto parameters = given_parameters(given);
    given.end();
    return finished(session_, statement_->PendingQuery(parameters, how == delivery::streamed));
  });
}

cap::result<std::uint64_t, error> Prepared::run_many(std::span<const std::uint8_t> rows) {
  return executed(session_, [&] {
    GivenValues given(&session_->context(), rows);
    std::uint64_t changed = 0;
    for (std::uint64_t left = given.array(); left > 0; --left) {
      auto parameters = given_row(given);
      changed +=
          finished(session_, statement_->PendingQuery(parameters, false))->changed().value_or(0);
    }
    given.end();
    return changed;
  });
}

std::unique_ptr<query_result> execute(const SessionRef& session,
                                      duckdb::unique_ptr<duckdb::SQLStatement> statement,
                                      std::span<const std::uint8_t> values, delivery how) {
  GivenValues given(&session->context(), values);
  auto parameters = given_parameters(given);
  given.end();
  return finished(session, session->connection->PendingQuery(std::move(statement), parameters,
                                                             how == delivery::streamed));
}

std::unique_ptr<Prepared> prepare(const SessionRef& session,
                                  duckdb::unique_ptr<duckdb::SQLStatement> statement) {
  return std::make_unique<Prepared>(
      session, without_error(session->connection->Prepare(std::move(statement))));
}

}  // namespace cap::database
