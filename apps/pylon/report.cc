#include "pylon/report.hh"

#include <nlohmann/json.hpp>

namespace pylon::launcher {

std::string error_text(const Error& error, int exit_code, bool json) {
  return cli::error_text("pylon", error, exit_code, json);
}

std::string refusals_text(std::span<const runtime::RefusalHint> hints, bool json) {
  if (hints.empty()) return {};
  if (json) {
    auto list = nlohmann::json::array();
    for (const runtime::RefusalHint& hint : hints)
      list.push_back({{"message", hint.message}, {"flag", hint.flag}});
    return cli::json_line({{"refused", list}});
  }
  std::string out;
  for (const runtime::RefusalHint& hint : hints)
    out += "pylon: " + hint.message + "; allow it with " + hint.flag + "\n";
  return out;
}

}  // namespace pylon::launcher
