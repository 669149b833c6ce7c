// The texts made from the tables of options, commands and exit codes.
#pragma once

#include <string>

namespace pylon::launcher {

/// What `pylon --help` prints.
std::string help_text();

/// The manual page pylon(1), in man's own format.
std::string manual_page();

}  // namespace pylon::launcher
