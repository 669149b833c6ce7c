// How a program tells the user something: one form for people, one for programs.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "base/error.hh"

namespace pylon::cli {

/// Writes all of `text` to a descriptor; what cannot be written is lost.
void write_text(int descriptor, std::string_view text);

/// JSON in one line; bytes that are not UTF-8 (a path can hold them) are replaced.
std::string json_line(const nlohmann::json& json);

/// `program: message` without a backtrace and, indented below, the hint; or {"error": {"kind",
/// "message", "hint", "exit_code"}} in one line.
std::string error_text(std::string_view program, const Error& error, int exit_code, bool json);

}  // namespace pylon::cli
