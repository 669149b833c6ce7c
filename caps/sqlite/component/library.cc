// What needs no database.
#include "database.hh"

namespace cap::engine {

std::string version() {
  return sqlite3_libversion();
}

std::string source_id() {
  return sqlite3_sourceid();
}

bool is_complete(std::string_view sql) {
  return sqlite3_complete(terminated(sql).c_str()) != 0;
}

std::string message(std::int32_t code) {
  return sqlite3_errstr(code);
}

}  // namespace cap::engine
