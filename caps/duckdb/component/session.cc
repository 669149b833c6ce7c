#include "session.hh"

#include <cstdlib>
#include <new>

#include "duckdb/common/error_data.hpp"

namespace cap::database {
namespace {

// Of the calls that are under way (callbacks nest them), the innermost one's.
Session* executing = nullptr;

// Memory that is given back when there is no more, so that what fails for want of it can clean up.
constexpr std::size_t kReserve = 4 << 20;
void* reserve = nullptr;

[[noreturn]] void no_more_memory() {
  std::free(std::exchange(reserve, nullptr));
  throw std::bad_alloc();
}

void keep_reserve() {
  std::set_new_handler(no_more_memory);
  if (!reserve) reserve = std::malloc(kReserve);
}

}  // namespace

Session* session_of(const duckdb::ClientContext& context) {
  return executing && &executing->context() == &context ? executing : nullptr;
}

Execution::Execution(Session& session) : session_(session), outer_(executing) {
  if (session.executing)
    throw duckdb::ConnectionException(
        "the connection is executing a statement: what that calls cannot use it, but a cursor");
  keep_reserve();
  session.executing = true;
  executing = &session;
}

Execution::~Execution() {
  session_.executing = false;
  executing = outer_;
}

error problem_of(const std::exception& exception) {
  if (dynamic_cast<const std::bad_alloc*>(&exception))
    return {"Out of Memory", "Out of Memory Error: the component has no more memory"};
  const duckdb::ErrorData data(exception);
  return {duckdb::Exception::ExceptionTypeToString(data.Type()), data.Message()};
}

void consumer_raised() {
  throw duckdb::InvalidInputException("a function of the consumer raised an exception");
}

}  // namespace cap::database
