// Small conversions at the border to the shim. Not for use outside this directory.
#pragma once

#include <string>
#include <string_view>

#include "base/error.hh"
#include "engine/shim/shim.h"

namespace pylon::engine {

/// The same bytes, borrowed.
inline pylon_text to_text(std::string_view text) {
  return {text.data(), text.size()};
}

/// The same bytes, borrowed.
inline std::string_view to_view(pylon_text text) {
  return {text.data, text.size};
}

/// Takes over a failure of the shim: its message, and its detail as the cause.
Error take_failure(pylon_failure* failure);

}  // namespace pylon::engine
