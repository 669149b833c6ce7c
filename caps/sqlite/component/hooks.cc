// Who watches a database's statements: authorizer, progress handler, trace; and the tick that lets
// the program's signals and threads have their turn.
#include "database.hh"

namespace cap {
namespace {

// A few milliseconds' worth.
constexpr int kInstructionsPerTick = 200'000;

std::optional<std::string> text_of(const char* text) {
  if (!text) return {};
  return valid_text(text);
}

}  // namespace

struct Hooks {
  static int authorize(void* context, int action, const char* first, const char* second,
                       const char* database, const char* source) {
    const auto texts = {text_of(first), text_of(second), text_of(database), text_of(source)};
    const std::optional<std::string>* text = texts.begin();
    auto answer = calls::authorize(static_cast<Database*>(context)->authorizer_, action, text[0],
                                   text[1], text[2], text[3]);
    return answer ? *answer : SQLITE_DENY;
  }

  static int tick(void* context) {
    auto answer = calls::tick(static_cast<Database*>(context)->number_);
    return !answer || *answer;
  }

  static int progress(void* context) {
    const auto& database = *static_cast<Database*>(context);
    auto answer = calls::progress(database.progress_, database.number_);
    return !answer || *answer;
  }

  static int trace(unsigned, void* context, void* statement, void* sql) {
    char* expanded = sqlite3_expanded_sql(static_cast<sqlite3_stmt*>(statement));
    const std::string text = valid_text(expanded ? expanded : static_cast<const char*>(sql));
    (void)calls::trace(static_cast<Database*>(context)->trace_, text, expanded != nullptr);
    sqlite3_free(expanded);
    return 0;
  }
};

void Database::set_authorizer(std::optional<std::uint32_t> function) {
  authorizer_ = function.value_or(0);
  sqlite3_set_authorizer(db_, function ? Hooks::authorize : nullptr, this);
}

void Database::set_progress(std::optional<std::uint32_t> function, int instructions) {
  if (function && instructions > 0) {
    progress_ = *function;
    sqlite3_progress_handler(db_, instructions, Hooks::progress, this);
  } else {
    sqlite3_progress_handler(db_, kInstructionsPerTick, Hooks::tick, this);
  }
}

void Database::set_trace(std::optional<std::uint32_t> function) {
  trace_ = function.value_or(0);
  sqlite3_trace_v2(db_, function ? SQLITE_TRACE_STMT : 0, function ? Hooks::trace : nullptr, this);
}

}  // namespace cap
