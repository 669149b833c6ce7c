// SQL functions, aggregates and collations that are the program's.
#include "database.hh"
#include "values.hh"

namespace cap {

std::uint64_t function_calls = 0;

namespace {

using Failure = calls::failure;

// What else than an exception a failure may be.
constexpr std::uint8_t kNoMemory = 1, kTooBig = 2;
constexpr const char* kRaised = "user-defined function raised exception";

std::uint32_t aggregates = 0;

void fail(sqlite3_context* context, const Failure& failure) {
  if (failure.fault == kNoMemory)
    sqlite3_result_error_nomem(context);
  else if (failure.fault == kTooBig)
    sqlite3_result_error_toobig(context);
  else
    sqlite3_result_error(context, failure.message.data(), static_cast<int>(failure.message.size()));
}

// What the call itself came to: with no outcome the program's exception is on its way.
template <typename Outcome>
bool came_back(sqlite3_context* context, Outcome& outcome) {
  ++function_calls;
  if (!outcome) {
    sqlite3_result_error(context, kRaised, -1);
    sqlite3_interrupt(sqlite3_context_db_handle(context));
    return false;
  }
  if (!*outcome) fail(context, outcome->error());
  return outcome->has_value();
}

// Arguments as one array; false if there is a text that is none or too little memory.
bool collect(sqlite3_context* context, int count, sqlite3_value** values, bytes& out) {
  dynamic::writer writer;
  for (int i = 0; i < count; ++i) {
    sqlite3_value* value = values[i];
    switch (sqlite3_value_type(value)) {
      case SQLITE_INTEGER:
        writer.integer(sqlite3_value_int64(value));
        break;
      case SQLITE_FLOAT:
        writer.real(sqlite3_value_double(value));
        break;
      case SQLITE_TEXT: {
        const void* text = sqlite3_value_text(value);
        const auto data = bytes_at(text, sqlite3_value_bytes(value));
        if (!glue::is_utf8(data.data(), data.size())) {
          sqlite3_result_error(context, kRaised, -1);
          return false;
        }
        writer.text(text_of(data));
        break;
      }
      case SQLITE_BLOB: {
        const void* blob = sqlite3_value_blob(value);
        writer.blob(bytes_at(blob, sqlite3_value_bytes(value)));
        break;
      }
      default:
        writer.null();
    }
  }
  if (writer.finish(static_cast<std::uint64_t>(count), out)) return true;
  sqlite3_result_error_nomem(context);
  return false;
}

void answer(sqlite3_context* context, std::span<const std::uint8_t> payload) {
  glue::reader in(payload);
  dynamic::value value;
  if (!dynamic::read(in, value) || !in.at_end()) return sqlite3_result_error(context, kRaised, -1);
  switch (value.kind) {
    case dynamic::kind::null:
      return sqlite3_result_null(context);
    case dynamic::kind::boolean:
      return sqlite3_result_int(context, value.boolean);
    case dynamic::kind::integer:
      return sqlite3_result_int64(context, value.integer);
    case dynamic::kind::real:
      return sqlite3_result_double(context, value.real);
    case dynamic::kind::text:
      return sqlite3_result_text64(context, value.text().data(), value.data.size(),
                                   SQLITE_TRANSIENT, SQLITE_UTF8);
    case dynamic::kind::blob:
      if (value.data.empty()) return sqlite3_result_zeroblob(context, 0);
      return sqlite3_result_blob64(context, value.data.data(), value.data.size(), SQLITE_TRANSIENT);
    default:
      return sqlite3_result_error(context, kRaised, -1);
  }
}

std::uint32_t function_of(sqlite3_context* context) {
  return as_function(sqlite3_user_data(context));
}

void call(sqlite3_context* context, int count, sqlite3_value** values) {
  bytes arguments;
  if (!collect(context, count, values, arguments)) return;
  auto outcome = calls::call_function(function_of(context), arguments);
  if (came_back(context, outcome)) answer(context, **outcome);
}

// The number of the group of rows; 0 if it has none and is not to get one, or memory is short.
std::uint32_t group_of(sqlite3_context* context, bool make) {
  auto* group = static_cast<std::uint32_t*>(
      sqlite3_aggregate_context(context, make ? sizeof(std::uint32_t) : 0));
  if (!group) {
    if (make) sqlite3_result_error_nomem(context);
    return 0;
  }
  if (*group == 0 && make) {
    if (++aggregates == 0) ++aggregates;
    *group = aggregates;
  }
  return *group;
}

template <auto kCall, bool kMake>
void take_row(sqlite3_context* context, int count, sqlite3_value** values) {
  bytes arguments;
  const std::uint32_t group = group_of(context, kMake);
  if (!group || !collect(context, count, values, arguments)) return;
  auto outcome = kCall(function_of(context), group, arguments);
  (void)came_back(context, outcome);
}

template <auto kCall>
void give_value(sqlite3_context* context) {
  const std::uint32_t group = group_of(context, false);
  if (!group) return;
  auto outcome = kCall(function_of(context), group);
  if (came_back(context, outcome)) answer(context, **outcome);
}

int compare(void* context, int left_size, const void* left, int right_size, const void* right) {
  auto outcome =
      calls::collate(as_function(context), bytes_at(left, left_size), bytes_at(right, right_size));
  return outcome ? *outcome : 0;
}

}  // namespace

int create_function(Database& database, const std::string& name, int arguments, unsigned flags,
                    std::optional<std::uint32_t> function) {
  return sqlite3_create_function_v2(
      database.get(), name.c_str(), arguments, static_cast<int>(flags) | SQLITE_UTF8,
      as_context(function.value_or(0)), function ? call : nullptr, nullptr, nullptr, nullptr);
}

int create_aggregate(Database& database, const std::string& name, int arguments, bool window,
                     std::optional<std::uint32_t> function) {
  const bool on = function.has_value();
  constexpr auto step = take_row<calls::step, true>;
  constexpr auto inverse = take_row<calls::inverse, false>;
  constexpr auto finalize = give_value<calls::finalize>;
  constexpr auto value = give_value<calls::value>;
  void* context = as_context(function.value_or(0));
  if (!window)
    return sqlite3_create_function_v2(database.get(), name.c_str(), arguments, SQLITE_UTF8, context,
                                      nullptr, on ? step : nullptr, on ? finalize : nullptr,
                                      nullptr);
  return sqlite3_create_window_function(database.get(), name.c_str(), arguments, SQLITE_UTF8,
                                        context, on ? step : nullptr, on ? finalize : nullptr,
                                        on ? value : nullptr, on ? inverse : nullptr, nullptr);
}

int create_collation(Database& database, const std::string& name,
                     std::optional<std::uint32_t> function) {
  return sqlite3_create_collation_v2(database.get(), name.c_str(), SQLITE_UTF8,
                                     as_context(function.value_or(0)), function ? compare : nullptr,
                                     nullptr);
}

}  // namespace cap
