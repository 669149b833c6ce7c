// Suggestions for mistyped words.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace pylon::cli {

/// The known word nearest to a mistyped one, or an empty string if none is near.
std::string did_you_mean(std::string_view word, std::span<const std::string_view> known);

}  // namespace pylon::cli
