// The errors of the contract.
#pragma once

#include <cerrno>
#include <string>

#include "arrow_core_cap.hh"
#include "nanoarrow/nanoarrow.h"
#include "wire.hh"

namespace arrow {

using Failure = cap::failure<cap::problems::error>;

inline Failure invalid(std::string text) {
  return cap::err(cap::problems::error{cap::problems::error::invalid{std::move(text)}});
}
inline Failure unsupported(std::string text) {
  return cap::err(cap::problems::error{cap::problems::error::unsupported{std::move(text)}});
}

/// What nanoarrow says of a call that returned `code`.
inline Failure problem(ArrowErrorCode code, const ArrowError& error, const char* doing) {
  std::string text = error.message[0]
                         ? std::string(error.message)
                         : std::string(doing) + " failed (" + std::to_string(code) + ")";
  // It may quote what it has read.
  if (!cap::glue::is_utf8(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()))
    for (char& c : text) c = c >= ' ' && c <= '~' ? c : '?';
  return code == ENOTSUP ? unsupported(std::move(text)) : invalid(std::move(text));
}

}  // namespace arrow
