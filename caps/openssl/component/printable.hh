// Text that is to cross the boundary.
#pragma once

#include <string>
#include <string_view>

namespace cap {

/// The text if it is UTF-8; else what it is when it is taken for Latin-1. For what is printed of
/// somebody else's data.
std::string printable(std::string_view text);

}  // namespace cap
