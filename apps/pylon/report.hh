// How the launcher tells the user something: one form for people, one for programs.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/error.hh"
#include "runtime/refusal_hints.hh"

namespace pylon::launcher {

/// Writes all of `text` to a descriptor; what cannot be written is lost.
void write_text(int descriptor, std::string_view text);

/// `pylon: message` without a backtrace and, indented below, the hint; or {"error": {"kind",
/// "message", "hint", "exit_code"}} in one line.
std::string error_text(const Error& error, int exit_code, bool json);

/// One line for each refusal: `pylon: reading /x was refused; allow it with --allow-read=/x`; or
/// {"refused": [...]}.
std::string refusals_text(std::span<const runtime::RefusalHint> hints, bool json);

}  // namespace pylon::launcher
