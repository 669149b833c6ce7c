// How the launcher tells the user something: one form for people, one for programs.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/error.hh"
#include "cli/report.hh"
#include "runtime/refusal_hints.hh"

namespace pylon::launcher {

using cli::write_text;

/// See cli::error_text.
std::string error_text(const Error& error, int exit_code, bool json);

/// One line for each refusal: `pylon: reading /x was refused; allow it with --allow-read=/x`; or
/// {"refused": [...]}.
std::string refusals_text(std::span<const runtime::RefusalHint> hints, bool json);

}  // namespace pylon::launcher
