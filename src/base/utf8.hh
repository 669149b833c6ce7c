// UTF-8, the one encoding of WebAssembly's strings and of the documents that Pylon reads.
#pragma once

#include <string_view>

namespace pylon {

/// True if `text` is well-formed UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF.
bool is_utf8(std::string_view text);

}  // namespace pylon
