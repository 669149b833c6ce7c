// WIT's names as C++ and Python spell them (docs/bindings.md).
#pragma once

#include <string>
#include <string_view>

namespace pylon::bindgen {

/// `frame-info` as `frame_info`; `new` as `new_`.
std::string cpp_name(std::string_view wit);

/// `frame-info` as `frame_info`; `from` as `from_`.
std::string python_name(std::string_view wit);

/// `frame-info` as `FrameInfo`.
std::string python_class(std::string_view wit);

/// `frame-info` as `FRAME_INFO`.
std::string python_constant(std::string_view wit);

/// The exception of an error type: `io-error` is `IoError`, `status` is `StatusError`.
std::string python_exception(std::string_view wit);

}  // namespace pylon::bindgen
