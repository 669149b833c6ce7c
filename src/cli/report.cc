#include "cli/report.hh"

#include <unistd.h>

#include <cerrno>

namespace pylon::cli {
namespace {

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

std::string json_line(const nlohmann::json& json) {
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

void write_text(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t n = ::write(descriptor, text.data(), text.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return;
    text.remove_prefix(static_cast<std::size_t>(n));
  }
}

std::string error_text(std::string_view program, const Error& error, int exit_code, bool json) {
  if (json)
    return json_line({{"error",
                       {{"kind", error_kind_name(error.kind())},
                        {"message", error.text()},
                        {"hint", error.hint()},
                        {"exit_code", exit_code}}}});
  std::string out = std::string(program) + ": " + one_line(error) + "\n";
  if (!error.hint().empty()) out += "  " + error.hint() + "\n";
  return out;
}

}  // namespace pylon::cli
