// WebAssembly's strings are UTF-8: other bytes cannot reach the guest as they are.
#pragma once

#include <string_view>

namespace pylon::runtime {

/// True if `text` is well-formed UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF.
bool is_utf8(std::string_view text);

}  // namespace pylon::runtime
