// How help texts and manual pages look.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace pylon::cli {

/// Breaks text into lines; those after the first are indented, the first begins at `column`. Ends
/// with a line break.
std::string wrapped(std::string_view text, std::size_t indent, std::size_t column);

/// A term of a list and, in a column beside or below it, its explanation.
std::string entry(const std::string& term, std::string_view text);

/// Text as it is written in a manual page.
std::string escaped(std::string_view text);

/// A term of a list and its explanation in a manual page.
std::string man_entry(const std::string& term, std::string_view text);

}  // namespace pylon::cli
