// A connection's database as its statements, blobs and backups share it.
#pragma once

#include <sqlite3.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "sqlite_cap.hh"

namespace cap {

/// A database that is open until close() and until the last object on it is gone.
class Database {
 public:
  Database(sqlite3* db, std::uint32_t number) : db_(db), number_(number) {}
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  ~Database() { close(); }

  sqlite3* get() const { return db_; }
  /// Rolls back and closes. SQLite keeps what its unfinished statements need.
  void close();

  /// Who watches its statements; hooks.cc.
  void set_authorizer(std::optional<std::uint32_t> function);
  void set_progress(std::optional<std::uint32_t> function, int instructions);
  void set_trace(std::optional<std::uint32_t> function);

 private:
  friend struct Hooks;

  sqlite3* db_;
  std::uint32_t number_;  // what the program calls it
  std::uint32_t authorizer_ = 0, progress_ = 0, trace_ = 0;
};

using DatabaseRef = std::shared_ptr<Database>;

/// What SQLite says of the last call on a database.
engine::problem last_problem(sqlite3* db);
/// A result code without a database.
engine::problem problem_of(int code);

/// A result that is a problem unless the code is SQLITE_OK.
inline result<void, engine::problem> checked(int code, sqlite3* db) {
  if (code == SQLITE_OK) return {};
  return err(last_problem(db));
}

/// Texts from SQLite as UTF-8 that is valid.
std::string valid_text(const char* text);

/// SQLite wants texts that end in NUL.
inline std::string terminated(std::string_view text) {
  return std::string(text);
}

/// A function of the program, as SQLite keeps it.
inline void* as_context(std::uint32_t function) {
  return reinterpret_cast<void*>(static_cast<std::uintptr_t>(function));
}
inline std::uint32_t as_function(void* context) {
  return static_cast<std::uint32_t>(reinterpret_cast<std::uintptr_t>(context));
}

/// How often SQL has called functions of the program.
extern std::uint64_t function_calls;

/// Functions of the program in SQL; functions.cc.
int create_function(Database& database, const std::string& name, int arguments, unsigned flags,
                    std::optional<std::uint32_t> function);
int create_aggregate(Database& database, const std::string& name, int arguments, bool window,
                     std::optional<std::uint32_t> function);
int create_collation(Database& database, const std::string& name,
                     std::optional<std::uint32_t> function);

/// What a statement's rows consist of.
std::vector<engine::column> columns_of(sqlite3_stmt* statement);
std::unique_ptr<engine::statement> make_statement(DatabaseRef database, sqlite3_stmt* statement);
result<std::unique_ptr<engine::blob>, engine::problem> open_blob(DatabaseRef database,
                                                                 const std::string& name,
                                                                 const std::string& table,
                                                                 const std::string& column,
                                                                 std::int64_t row, bool writable);
result<std::unique_ptr<engine::backup>, engine::problem> start_backup(DatabaseRef target,
                                                                      DatabaseRef source,
                                                                      const std::string& name);

/// Prepares SQLite for this host, once; host.cc.
int start_sqlite();

}  // namespace cap
