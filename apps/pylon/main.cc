// pylon: runs Python programs in a sandbox.
#include <malloc.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "pylon/command_line.hh"
#include "pylon/help.hh"
#include "pylon/install_commands.hh"
#include "pylon/options.hh"
#include "pylon/permissions.hh"
#include "pylon/report.hh"
#include "runtime/exit_code.hh"
#include "runtime/path.hh"
#include "runtime/run.hh"
#include "runtime/stdio.hh"

namespace pylon::launcher {
namespace {

using Action = CommandLine::Action;

bool exists(const std::string& path) {
  struct stat status{};
  return ::lstat(path.c_str(), &status) == 0;
}

bool any_terminal() {
  return ::isatty(0) || ::isatty(1) || ::isatty(2);
}

Result<std::string> working_directory() {
  char* directory = ::getcwd(nullptr, 0);
  if (!directory)
    return fail(ErrorKind::kInput,
                std::string("cannot tell the working directory: ") + std::strerror(errno),
                "go to a directory that exists and run it again");
  std::string out(directory);
  std::free(directory);
  return out;
}

Result<void> check_program(const CommandLine& line) {
  if (line.program.kind != runtime::Program::Kind::kScript) return {};
  Result<void> usable = runtime::check_script(line.program.text);
  if (usable) return usable;
  if (!line.bare_flag.empty())
    return fail(std::move(usable).error().with_hint(
        "a value is joined to its flag: " + line.bare_flag + "=" + line.program.text));
  const std::string similar = similar_command(line.program.text);
  if (similar.empty() || exists(line.program.text)) return usable;  // with its own hint
  return fail(
      std::move(usable).error().with_hint("did you mean the command `pylon " + similar + "`?"));
}

Result<runtime::Outcome> run(const CommandLine& line) {
  PYLON_CHECK(check_program(line));
  PYLON_TRY(directory, working_directory());
  PYLON_TRY(options, grant(line, directory, runtime::host_environment(), any_terminal()));
  PYLON_TRY(install, runtime::Install::find());
  options.arguments = line.arguments;
  options.arguments.insert(options.arguments.begin(), "pylon");
  options.image =
      choose_image(install, line.cold || !runtime::snapshot_serves(options.environment));
  const runtime::FileGrants files = options.files;
  runtime::Outcome outcome = runtime::run_program(install, std::move(options));
  if (outcome.exit_code != runtime::kExitOk)
    write_text(2, refusals_text(runtime::refusal_hints(outcome.refusals, files), line.json));
  return outcome;
}

// Does what the command line says: the exit code, or the error that ends the process.
Result<int> act(const CommandLine& line) {
  switch (line.action) {
    case Action::kHelp:
      write_text(1, help_text());
      return runtime::kExitOk;
    case Action::kVersion:
      return print_version(line.json);
    case Action::kInfo:
      return print_info(line.json);
    case Action::kDoctor:
      return run_doctor(line.repair, line.json);
    case Action::kRenew:
      return renew(line.json);
    case Action::kRun:
      break;
  }
  PYLON_TRY(outcome, run(line));
  if (outcome.error) write_text(2, error_text(*outcome.error, outcome.exit_code, line.json));
  return outcome.exit_code;
}

int launch(std::span<const std::string_view> words) {
  bool json = wants_json(words);
  Result<CommandLine> line = parse_command_line(words, {::isatty(0) == 1, exists});
  if (line) json = line->json;
  Result<int> code = line ? act(*line) : fail(std::move(line).error());
  if (code) return *code;
  const int status = runtime::exit_code_of(code.error().kind());
  write_text(2, error_text(code.error(), status, json));
  return status;
}

}  // namespace
}  // namespace pylon::launcher

int main(int argc, char** argv) {
  // One heap for both threads, grown in large steps: a thread's own would be grown page by page, a
  // system call each.
  ::mallopt(M_ARENA_MAX, 1);
  ::mallopt(M_TOP_PAD, 1 << 20);
  pylon::runtime::fill_closed_descriptors();
  const std::vector<std::string_view> words(argv + std::min(argc, 1), argv + argc);
  // Nothing is torn down: the guest's thread may still run, and the system takes everything back
  // faster.
  ::_exit(pylon::launcher::launch(words));
}
