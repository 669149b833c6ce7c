// composectl: plans, blobs and trust.
#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "cli/report.hh"
#include "composectl/command.hh"
#include "composectl/help.hh"
#include "composectl/invocation.hh"

namespace pylon::composectl {
namespace {

Result<int> act(const Invocation& line) {
  if (line.has("--help")) {
    cli::write_text(1, help_text(line));
    return kExitOk;
  }
  PYLON_TRY(answer, line.command->run(line));
  if (line.has("--json"))
    cli::write_text(1, answer.json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
  else
    cli::write_text(1, answer.text);
  return answer.exit_code;
}

int start(std::span<const std::string_view> words) {
  Result<Invocation> line = Invocation::parse(words);
  Result<int> code = line ? act(*line) : fail(std::move(line).error());
  if (code) return *code;
  const int status = exit_code_of(code.error().kind());
  cli::write_text(2, cli::error_text("composectl", code.error(), status, wants_json(words)));
  return status;
}

}  // namespace
}  // namespace pylon::composectl

int main(int argc, char** argv) {
  const std::vector<std::string_view> words(argv + std::min(argc, 1), argv + argc);
  return pylon::composectl::start(words);
}
