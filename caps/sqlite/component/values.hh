// Values between SQLite and the payloads.
#pragma once

#include <sqlite3.h>

#include "dynamic.hh"

namespace cap {

/// How bind() ended: SQLITE_OK, another code of SQLite, or this.
constexpr int kNoSuchValue = -1;

/// Binds one value. `keep`: the bytes stay where they are until the statement has run.
inline int bind(sqlite3_stmt* statement, int index, const dynamic::value& value, bool keep) {
  const auto whose = keep ? SQLITE_STATIC : SQLITE_TRANSIENT;
  switch (value.kind) {
    case dynamic::kind::null:
      return sqlite3_bind_null(statement, index);
    case dynamic::kind::boolean:
      return sqlite3_bind_int(statement, index, value.boolean);
    case dynamic::kind::integer:
      return sqlite3_bind_int64(statement, index, value.integer);
    case dynamic::kind::real:
      return sqlite3_bind_double(statement, index, value.real);
    case dynamic::kind::text:
      return sqlite3_bind_text64(statement, index, value.text().data(), value.data.size(), whose,
                                 SQLITE_UTF8);
    case dynamic::kind::blob:
      if (value.data.empty()) return sqlite3_bind_zeroblob(statement, index, 0);
      return sqlite3_bind_blob64(statement, index, value.data.data(), value.data.size(), whose);
    default:
      return kNoSuchValue;
  }
}

inline std::span<const std::uint8_t> bytes_at(const void* data, int size) {
  return {static_cast<const std::uint8_t*>(data), static_cast<std::size_t>(size)};
}

inline std::string_view text_of(std::span<const std::uint8_t> data) {
  return {reinterpret_cast<const char*>(data.data()), data.size()};
}

}  // namespace cap
