// What SoftHSM wants of its system: a configuration, locks, a log.
#pragma once

#include <string>

/// The last of SoftHSM's messages about an error since the last call; empty if there was none.
std::string take_message();
