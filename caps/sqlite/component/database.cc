#include "database.hh"

#include "wire.hh"

namespace cap {

void Database::close() {
  if (!db_) return;
  set_authorizer({});
  set_trace({});
  sqlite3_progress_handler(db_, 0, nullptr, nullptr);
  sqlite3_close_v2(db_);
  db_ = nullptr;
}

engine::problem last_problem(sqlite3* db) {
  return {sqlite3_extended_errcode(db), valid_text(sqlite3_errmsg(db))};
}

engine::problem problem_of(int code) {
  return {code, sqlite3_errstr(code)};
}

std::string valid_text(const char* text) {
  std::string out(text ? text : "");
  if (glue::is_utf8(reinterpret_cast<const std::uint8_t*>(out.data()), out.size())) return out;
  for (char& c : out)
    if (static_cast<unsigned char>(c) >= 0x80) c = '?';
  return out;
}

}  // namespace cap
