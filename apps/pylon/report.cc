#include "pylon/report.hh"

#include <unistd.h>

#include <cerrno>
#include <nlohmann/json.hpp>

namespace pylon::launcher {
namespace {

// One line of JSON; bytes that are not UTF-8 (a path can hold them) are replaced.
std::string line_of(const nlohmann::json& json) {
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

// The message and its causes up to one of several lines, which is a backtrace: that is for JSON.
std::string one_line(const Error& error) {
  std::string out = error.message();
  for (const Error* cause = error.cause(); cause; cause = cause->cause()) {
    if (cause->message().find('\n') != std::string::npos) break;
    out += ": " + cause->message();
  }
  return out;
}

}  // namespace

void write_text(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t n = ::write(descriptor, text.data(), text.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return;
    text.remove_prefix(static_cast<std::size_t>(n));
  }
}

std::string error_text(const Error& error, int exit_code, bool json) {
  if (json)
    return line_of({{"error",
                     {{"kind", error_kind_name(error.kind())},
                      {"message", error.text()},
                      {"hint", error.hint()},
                      {"exit_code", exit_code}}}});
  std::string out = "pylon: " + one_line(error) + "\n";
  if (!error.hint().empty()) out += "  " + error.hint() + "\n";
  return out;
}

std::string refusals_text(std::span<const runtime::RefusalHint> hints, bool json) {
  if (hints.empty()) return {};
  if (json) {
    auto list = nlohmann::json::array();
    for (const runtime::RefusalHint& hint : hints)
      list.push_back({{"message", hint.message}, {"flag", hint.flag}});
    return line_of({{"refused", list}});
  }
  std::string out;
  for (const runtime::RefusalHint& hint : hints)
    out += "pylon: " + hint.message + "; allow it with " + hint.flag + "\n";
  return out;
}

}  // namespace pylon::launcher
