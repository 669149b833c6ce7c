// Rows on their way into a table, past SQL.
#pragma once

#include "session.hh"

namespace cap::database {

/// An empty catalogue or schema is the one in use.
struct TableName {
  std::string catalog, schema, name;
};

std::unique_ptr<appender> make_appender(const SessionRef& session, const TableName& table,
                                        const std::optional<std::vector<std::string>>& columns);

}  // namespace cap::database
