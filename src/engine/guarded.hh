// Calls from the engine into C++. Not for use outside this directory.
#pragma once

namespace pylon::engine {

/// What `body` returns, or `otherwise` if it throws: no exception crosses into the engine.
template <typename Body, typename Value>
Value guarded(Value otherwise, Body&& body) noexcept {
  try {
    return body();
  } catch (...) {
    return otherwise;
  }
}

}  // namespace pylon::engine
