// Help, the manual page and the completions of shells, all from the tables.
#pragma once

#include <string>

#include "composectl/invocation.hh"

namespace pylon::composectl {

/// Help on everything, on a noun or on a command, as the line says.
std::string help_text(const Invocation& line);

/// composectl(1).
std::string manual_page();

}  // namespace pylon::composectl
