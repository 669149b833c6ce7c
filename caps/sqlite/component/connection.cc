// Connections: opening, preparing statements, settings.
#include <cstring>

#include "database.hh"

namespace cap {
namespace {

// The first character of a text that is neither white space nor in a comment; its end if there is
// none.
const char* skip_blanks(const char* at, const char* end) {
  while (at < end) {
    if (std::strchr(" \t\f\n\r", *at) && *at) {
      ++at;
    } else if (end - at >= 2 && at[0] == '-' && at[1] == '-') {
      while (at < end && *at != '\n') ++at;
    } else if (end - at >= 2 && at[0] == '/' && at[1] == '*') {
      at += 2;
      while (at < end && !(end - at >= 2 && at[0] == '*' && at[1] == '/')) ++at;
      at = end - at >= 2 ? at + 2 : end;
    } else {
      break;
    }
  }
  return at;
}

std::string first_word(std::string_view sql) {
  const char *at = skip_blanks(sql.data(), sql.data() + sql.size()), *end = sql.data() + sql.size();
  std::string word;
  for (; at < end && ((*at | 0x20) >= 'a' && (*at | 0x20) <= 'z'); ++at)
    word += static_cast<char>(*at | 0x20);
  return word;
}

engine::description describe(sqlite3_stmt* statement, std::string_view sql) {
  engine::description out;
  out.keyword = first_word(sql);
  out.reads_only = sqlite3_stmt_readonly(statement) != 0;
  out.columns = columns_of(statement);
  for (int i = 1; i <= sqlite3_bind_parameter_count(statement); ++i)
    out.parameters.push_back(valid_text(sqlite3_bind_parameter_name(statement, i)));
  return out;
}

class Connection final : public engine::connection {
 public:
  explicit Connection(DatabaseRef database) : database_(std::move(database)) {}

  const DatabaseRef& database() const { return database_; }

  result<std::tuple<std::unique_ptr<engine::statement>, engine::description>, engine::problem>
  prepare(std::string_view sql) override {
    sqlite3_stmt* made = nullptr;
    const char* tail = nullptr;
    if (sql.size() > INT32_MAX) return err(problem_of(SQLITE_TOOBIG));
    if (sqlite3_prepare_v2(db(), sql.data(), static_cast<int>(sql.size()), &made, &tail) !=
        SQLITE_OK)
      return err(last_problem(db()));
    engine::description description = describe(made, sql);
    const char* end = sql.data() + sql.size();
    description.has_tail = skip_blanks(tail, end) < end;
    return std::tuple(make_statement(database_, made), std::move(description));
  }

  result<void, engine::problem> execute(std::string_view sql, bool commit_first) override {
    if (commit_first && !sqlite3_get_autocommit(db()) &&
        sqlite3_exec(db(), "COMMIT", nullptr, nullptr, nullptr) != SQLITE_OK)
      return err(last_problem(db()));
    if (sql.empty()) return {};
    return checked(sqlite3_exec(db(), terminated(sql).c_str(), nullptr, nullptr, nullptr), db());
  }

  result<void, engine::problem> roll_back() override {
    if (sqlite3_get_autocommit(db())) return {};
    return checked(sqlite3_exec(db(), "ROLLBACK", nullptr, nullptr, nullptr), db());
  }

  bool in_transaction() override { return !sqlite3_get_autocommit(db()); }
  std::int64_t total_changes() override { return sqlite3_total_changes64(db()); }
  void interrupt() override { sqlite3_interrupt(db()); }
  std::int32_t limit(std::int32_t category, std::int32_t value) override {
    return sqlite3_limit(db(), category, value);
  }

  result<std::int32_t, engine::problem> configure(std::int32_t setting,
                                                  std::int32_t value) override {
    int actual = 0;
    if (sqlite3_db_config(db(), setting, value, &actual) != SQLITE_OK)
      return err(last_problem(db()));
    return actual;
  }

  std::optional<bytes> serialize(std::string_view name) override {
    const std::string database = terminated(name);
    sqlite3_int64 size = 0;
    unsigned char* kept = sqlite3_serialize(db(), database.c_str(), &size, SQLITE_SERIALIZE_NOCOPY);
    unsigned char* made = kept ? kept : sqlite3_serialize(db(), database.c_str(), &size, 0);
    bytes out;
    const bool good = made && out.try_resize(static_cast<std::size_t>(size));
    if (good && size) std::memcpy(out.data(), made, static_cast<std::size_t>(size));
    if (!kept) sqlite3_free(made);
    if (!good) return {};
    return out;
  }

  result<void, engine::problem> deserialize(std::string_view name,
                                            std::span<const std::uint8_t> content) override {
    auto* copy = static_cast<unsigned char*>(sqlite3_malloc64(content.size()));
    if (!copy && !content.empty()) return err(problem_of(SQLITE_NOMEM));
    if (!content.empty()) std::memcpy(copy, content.data(), content.size());
    const auto size = static_cast<sqlite3_int64>(content.size());
    return checked(
        sqlite3_deserialize(db(), terminated(name).c_str(), copy, size, size,
                            SQLITE_DESERIALIZE_FREEONCLOSE | SQLITE_DESERIALIZE_RESIZEABLE),
        db());
  }

  result<std::unique_ptr<engine::blob>, engine::problem> open_blob(std::string_view name,
                                                                   std::string_view table,
                                                                   std::string_view column,
                                                                   std::int64_t row,
                                                                   bool writable) override {
    return cap::open_blob(database_, terminated(name), terminated(table), terminated(column), row,
                          writable);
  }

  result<std::unique_ptr<engine::backup>, engine::problem> back_up(engine::connection& target,
                                                                   std::string_view name) override {
    return start_backup(static_cast<Connection&>(target).database_, database_, terminated(name));
  }

  result<void, engine::problem> create_function(std::string_view name, std::int32_t arguments,
                                                std::uint32_t flags,
                                                std::optional<std::uint32_t> function) override {
    return checked(cap::create_function(*database_, terminated(name), arguments, flags, function));
  }
  result<void, engine::problem> create_aggregate(std::string_view name, std::int32_t arguments,
                                                 bool window,
                                                 std::optional<std::uint32_t> function) override {
    return checked(
        cap::create_aggregate(*database_, terminated(name), arguments, window, function));
  }
  result<void, engine::problem> create_collation(std::string_view name,
                                                 std::optional<std::uint32_t> function) override {
    return cap::checked(cap::create_collation(*database_, terminated(name), function), db());
  }
  void set_authorizer(std::optional<std::uint32_t> function) override {
    database_->set_authorizer(function);
  }
  void set_progress(std::optional<std::uint32_t> function, std::int32_t instructions) override {
    database_->set_progress(function, instructions);
  }
  void set_trace(std::optional<std::uint32_t> function) override { database_->set_trace(function); }
  void close() override { database_->close(); }

 private:
  sqlite3* db() const { return database_->get(); }
  // Functions that could not be made leave no words with the database.
  static result<void, engine::problem> checked(int code, sqlite3* db = nullptr) {
    if (code == SQLITE_OK) return {};
    return err(db ? last_problem(db) : problem_of(code));
  }

  DatabaseRef database_;
};

}  // namespace

std::vector<engine::column> columns_of(sqlite3_stmt* statement) {
  std::vector<engine::column> out;
  for (int i = 0; i < sqlite3_column_count(statement); ++i) {
    engine::column column{valid_text(sqlite3_column_name(statement, i)), {}};
    if (const char* type = sqlite3_column_decltype(statement, i))
      column.declared = valid_text(type);
    out.push_back(std::move(column));
  }
  return out;
}

namespace engine {

result<std::unique_ptr<connection>, problem> connection_open(std::string_view path,
                                                             std::uint32_t flags,
                                                             std::int32_t busy_timeout_ms,
                                                             std::uint32_t number) {
  if (int code = start_sqlite(); code != SQLITE_OK) return err(problem_of(code));
  sqlite3* db = nullptr;
  const int code = sqlite3_open_v2(terminated(path).c_str(), &db, static_cast<int>(flags), nullptr);
  if (!db) return err(problem_of(code));
  auto database = std::make_shared<Database>(db, number);
  if (code != SQLITE_OK) return err(last_problem(db));
  sqlite3_extended_result_codes(db, 0);
  sqlite3_busy_timeout(db, busy_timeout_ms);
  database->set_progress({}, 0);
  return std::make_unique<Connection>(std::move(database));
}

}  // namespace engine
}  // namespace cap
