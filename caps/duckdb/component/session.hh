// A connection as its results and statements see it, and how the engine's errors become the
// contract's.
#pragma once

#include <memory>
#include <string>

#include "duckdb.hpp"
#include "duckdb_cap.hh"

namespace cap::database {

/// One connection to a database. Whatever is made by it holds it.
struct Session {
  duckdb::shared_ptr<duckdb::DuckDB> database;
  duckdb::unique_ptr<duckdb::Connection> connection;
  bool executing = false;

  duckdb::ClientContext& context() { return *connection->context; }
};
using SessionRef = std::shared_ptr<Session>;

/// The session whose call is under way in this context; none if the context is the engine's own.
Session* session_of(const duckdb::ClientContext& context);

/// A call that executes something. Throws if one is under way on the same session already.
class Execution {
 public:
  explicit Execution(Session& session);
  ~Execution();
  Execution(const Execution&) = delete;
  Execution& operator=(const Execution&) = delete;

 private:
  Session& session_;
  Session* const outer_;
};

/// An exception of the engine in the contract's words.
error problem_of(const std::exception& exception);

/// What `work` returns, or why it threw.
template <typename Work>
auto guarded(const Work& work) -> result<decltype(work()), error> {
  try {
    if constexpr (std::is_void_v<decltype(work())>) {
      work();
      return {};
    } else {
      return work();
    }
  } catch (const std::exception& exception) {
    return err(problem_of(exception));
  }
}

/// The same of what is executed by a session.
template <typename Work>
auto executed(const SessionRef& session, const Work& work) {
  return guarded([&] {
    Execution execution(*session);
    return work();
  });
}

/// Throws what the consumer's exception leaves of a statement: it gets its own exception.
[[noreturn]] void consumer_raised();

}  // namespace cap::database
