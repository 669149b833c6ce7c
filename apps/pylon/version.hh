// The version of Pylon.
#pragma once

#include <string_view>

namespace pylon::launcher {

/// As the build says.
inline constexpr std::string_view kVersion = PYLON_VERSION;

}  // namespace pylon::launcher
