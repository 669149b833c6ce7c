#include "duckdb/main/connection.hpp"

#include <unistd.h>

#include <cstdlib>
#include <map>

#include "appender.hh"
#include "arrow_batches.hh"
#include "duckdb/main/db_instance_cache.hpp"
#include "duckdb/parser/parser.hpp"
#include "duckdb/parser/statement/select_statement.hpp"
#include "function.hh"
#include "given_value.hh"
#include "registered.hh"
#include "result.hh"
#include "statement.hh"

namespace cap::database {
namespace {

using duckdb::idx_t;

SessionRef connected(duckdb::shared_ptr<duckdb::DuckDB> database) {
  auto session = std::make_shared<Session>();
  session->connection = duckdb::make_uniq<duckdb::Connection>(*database);
  // Nobody's, so that what asks for it finds nothing there.
  duckdb::ClientConfig::GetConfig(session->context()).home_directory = "/";
  session->database = std::move(database);
  return session;
}

// The columns of a query that is bound, but not planned.
std::vector<column> bound_columns(Session& session,
                                  duckdb::unique_ptr<duckdb::SQLStatement> query) {
  const auto relation = session.connection->RelationFromQuery(
      duckdb::unique_ptr_cast<duckdb::SQLStatement, duckdb::SelectStatement>(std::move(query)));
  duckdb::vector<duckdb::string> names;
  duckdb::vector<duckdb::LogicalType> types;
  for (const duckdb::ColumnDefinition& column : relation->Columns()) {
    names.push_back(column.Name());
    types.push_back(column.Type());
  }
  return columns_of(names, types);
}

class Connection final : public connection {
 public:
  explicit Connection(SessionRef session) : session_(std::move(session)) {}

  cap::result<std::unique_ptr<connection>, error> duplicate() override {
    return guarded(
        [&] { return std::unique_ptr<connection>(new Connection(connected(session_->database))); });
  }

  cap::result<std::vector<std::unique_ptr<statement>>, error> parse(std::string_view sql) override {
    return executed(session_, [&] {
      std::vector<std::unique_ptr<statement>> out;
      auto statements = parsed(sql);
      std::map<idx_t, unsigned> beginnings;
      for (const auto& one : statements) ++beginnings[one->stmt_location];
      for (auto& one : statements) {
        const bool is_written = beginnings[one->stmt_location] == 1 && one->stmt_length > 0;
        out.push_back(std::make_unique<Statement>(std::move(one), is_written));
      }
      return out;
    });
  }

  cap::result<std::unique_ptr<prepared>, error> prepare(statement& what) override {
    return executed(session_, [&] {
      return std::unique_ptr<prepared>(
          database::prepare(session_, static_cast<Statement&>(what).copy()));
    });
  }

  cap::result<std::optional<std::unique_ptr<query_result>>, error> run(
      std::string_view sql, std::span<const std::uint8_t> values, delivery how) override {
    return executed(session_, [&] {
      static constexpr std::uint8_t kNone[] = {0xf6};
      std::optional<std::unique_ptr<query_result>> last;
      auto statements = parsed(sql);
      for (std::size_t i = 0; i < statements.size(); ++i) {
        const bool is_last = i + 1 == statements.size();
        if (!is_last && !statements[i]->named_param_map.empty())
          throw duckdb::NotImplementedException(
              "Prepared parameters are only supported for the last statement, please split your "
              "query up into separate 'execute' calls if you want to use prepared parameters");
        last.reset();
        last = execute(session_, std::move(statements[i]), is_last ? values : kNone,
                       is_last ? how : delivery::whole);
      }
      return last;
    });
  }

  cap::result<std::unique_ptr<query_result>, error> run_statement(
      statement& what, std::span<const std::uint8_t> values, delivery how) override {
    return executed(session_, [&] {
      return execute(session_, static_cast<Statement&>(what).copy(), values, how);
    });
  }

  cap::result<std::vector<column>, error> describe(std::string_view sql) override {
    return executed(session_, [&] {
      auto statements = parsed(sql);
      if (statements.size() != 1)
        throw duckdb::InvalidInputException("a single statement is expected");
      if (statements[0]->type == duckdb::StatementType::SELECT_STATEMENT)
        return bound_columns(*session_, std::move(statements[0]));
      return database::prepare(session_, std::move(statements[0]))->columns();
    });
  }

  cap::result<std::vector<std::string>, error> table_names(std::string_view sql,
                                                           bool qualified) override {
    return executed(session_, [&] {
      const auto names = session_->connection->GetTableNames(std::string(sql), qualified);
      std::vector<std::string> out(names.begin(), names.end());
      std::ranges::sort(out);
      return out;
    });
  }

  cap::result<void, error> register_columns(
      std::string_view name,
      std::span<const std::tuple<std::string_view, std::string_view>> columns,
      std::span<const std::uint8_t> values) override {
    return guarded(
        [&] { keep(*session_, name, kept_columns(session_->context(), columns, values)); });
  }

  cap::result<void, error> register_arrow(std::string_view name,
                                          std::span<const std::uint8_t> ipc) override {
    return guarded([&] {
      ArrowRows read = arrow_rows(*session_->database, ipc);
      keep(*session_, name,
           duckdb::make_shared_ptr<Kept>(std::move(read.names), std::move(read.rows)));
    });
  }

  void unregister(std::string_view name) override { forget(*session_, name); }

  cap::result<void, error> create_function(const function_signature& signature) override {
    return executed(session_, [&] { database::create_function(*session_, signature); });
  }

  cap::result<void, error> remove_function(std::string_view name) override {
    return executed(session_, [&] { database::remove_function(*session_, name); });
  }

  cap::result<std::unique_ptr<appender>, error> append(
      std::optional<std::string_view> catalog, std::optional<std::string_view> schema,
      std::string_view table, std::optional<std::vector<std::string>> columns) override {
    return executed(session_, [&] {
      return make_appender(
          session_,
          {std::string(catalog.value_or("")), std::string(schema.value_or("")), std::string(table)},
          columns);
    });
  }

  double progress() override { return session_->connection->GetQueryProgress(); }

  cap::result<column, error> parse_type(std::string_view sql) override {
    return executed(session_, [&] {
      return std::move(columns_of({std::string(sql)}, {type_of(&session_->context(), sql)})[0]);
    });
  }

  bool in_transaction() override {
    return session_->connection->HasActiveTransaction() && !session_->connection->IsAutoCommit();
  }

 private:
  duckdb::vector<duckdb::unique_ptr<duckdb::SQLStatement>> parsed(std::string_view sql) {
    return session_->connection->ExtractStatements(std::string(sql));
  }

  SessionRef session_;
};

duckdb::DBInstanceCache& instances() {
  static auto* cache = new duckdb::DBInstanceCache();
  return *cache;
}

// Settings that DuckDB's own client for Python has.
void add_settings(duckdb::DBConfig& config) {
  using duckdb::LogicalType;
  using duckdb::Value;
  config.AddExtensionOption("pandas_analyze_sample", "Rows that are looked at to find a type",
                            LogicalType::UBIGINT, Value::UBIGINT(1000));
  config.AddExtensionOption("python_enable_replacements", "Variables are found as tables",
                            LogicalType::BOOLEAN, Value::BOOLEAN(true));
  config.AddExtensionOption("python_scan_all_frames", "So are those of all callers",
                            LogicalType::BOOLEAN, Value::BOOLEAN(false));
}

void set_option(duckdb::DBConfig& config, std::string_view name, std::string_view value) {
  const std::string key = duckdb::StringUtil::Lower(std::string(name));
  config.SetOptionByName(key, duckdb::Value(std::string(value)));
}

// Where the run's memory is limited, DuckDB takes what others leave: of most of it, all but what
// the interpreter and the engine's own code need. Beyond that it spills, or says that there is no
// more.
void limit_memory(duckdb::DBConfig& config) {
  constexpr std::uint64_t kOthers = 64 << 20;
  const char* given = std::getenv("PYLON_MAX_MEMORY");
  const std::uint64_t all = given ? std::strtoull(given, nullptr, 10) : 0;
  if (all == 0 || config.options.maximum_memory != duckdb::DConstants::INVALID_INDEX) return;
  const std::uint64_t most = all / 5 * 4;
  config.options.maximum_memory = most > 2 * kOthers ? most - kOthers : most / 2;
}

}  // namespace

cap::result<std::unique_ptr<connection>, error> connection_open(
    std::string_view path,
    std::span<const std::tuple<std::string_view, std::string_view>> settings) {
  return guarded([&] {
    duckdb::DBConfig config;
    add_replacements(config);
    add_settings(config);
    for (const auto& [name, value] : settings) set_option(config, name, value);
    limit_memory(config);
    auto database = instances().GetOrCreateInstance(
        std::string(path), config, duckdb::CacheBehavior::AUTOMATIC,
        [](duckdb::DuckDB& made) { add_registered_rows(*made.instance); });
    return std::unique_ptr<connection>(new Connection(connected(std::move(database))));
  });
}

std::string version() {
  return duckdb::DuckDB::LibraryVersion();
}

void working_directory(std::string_view path) {
  static_cast<void>(chdir(std::string(path).c_str()));
}

cap::result<std::vector<std::tuple<std::string, std::string, bool>>, error> expressions(
    std::string_view sql) {
  return guarded([&] {
    std::vector<std::tuple<std::string, std::string, bool>> out;
    for (const auto& expression : duckdb::Parser::ParseExpressionList(std::string(sql))) {
      const std::string alias = std::exchange(expression->alias, "");
      out.emplace_back(expression->ToString(), alias,
                       expression->type == duckdb::ExpressionType::COLUMN_REF);
    }
    return out;
  });
}

cap::result<std::string, error> literal(std::span<const std::uint8_t> value) {
  return guarded([&] {
    GivenValues given(nullptr, value);
    const std::string sql = given.value().ToSQLString();
    given.end();
    return sql;
  });
}

std::vector<std::string> reserved_words() {
  std::vector<std::string> out;
  for (const duckdb::ParserKeyword& word : duckdb::Parser::KeywordList())
    if (word.category == duckdb::KeywordCategory::KEYWORD_RESERVED) out.push_back(word.name);
  return out;
}

std::vector<std::tuple<std::uint32_t, std::uint32_t>> tokens(std::string_view sql) {
  std::vector<std::tuple<std::uint32_t, std::uint32_t>> out;
  for (const duckdb::SimplifiedToken& token : duckdb::Parser::Tokenize(std::string(sql)))
    out.emplace_back(static_cast<std::uint32_t>(token.start),
                     static_cast<std::uint32_t>(token.type));
  return out;
}

}  // namespace cap::database
