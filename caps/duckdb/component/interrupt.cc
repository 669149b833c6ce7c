// The consumer is asked now and then, while a statement is executed, whether that is to go on.
#include <chrono>

#include "session.hh"

namespace cap::database {
namespace {

using Clock = std::chrono::steady_clock;

constexpr auto kBetweenQuestions = std::chrono::milliseconds(100);
/// The engine comes by for each chunk of rows; the clock is read for every few.
constexpr unsigned kVisitsBetweenLooks = 16;

Clock::time_point asked;

bool time_to_ask() {
  static unsigned visits = 0;
  if (++visits % kVisitsBetweenLooks != 0) return false;
  const Clock::time_point now = Clock::now();
  if (now - asked < kBetweenQuestions) return false;
  asked = now;
  return true;
}

}  // namespace
}  // namespace cap::database

namespace duckdb {

/// Called by the engine (patches/interrupt.patch).
bool component_is_interrupted(ClientContext& context) {
  if (context.interrupted || !cap::database::time_to_ask()) return context.interrupted;
  if (!cap::database::session_of(context)) return false;
  auto answer = cap::callbacks::go_on(context.GetQueryProgress().GetPercentage());
  if (!answer || !*answer) context.interrupted = true;
  return context.interrupted;
}

}  // namespace duckdb
