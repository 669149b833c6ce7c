// Functions that the consumer defines.
#pragma once

#include "session.hh"

namespace cap::database {

void create_function(Session& session, const function_signature& signature);
void remove_function(Session& session, std::string_view name);

}  // namespace cap::database
