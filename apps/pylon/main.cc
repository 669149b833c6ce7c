// pylon: runs Python programs in a sandbox.
#include <malloc.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include "pylon/command_line.hh"
#include "pylon/help.hh"
#include "pylon/install_commands.hh"
#include "pylon/options.hh"
#include "pylon/permissions.hh"
#include "pylon/report.hh"
#include "runtime/directories.hh"
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

std::optional<std::filesystem::path> named_plan(const CommandLine& line,
                                                const std::string& directory) {
  if (!line.plan) return std::nullopt;
  return runtime::absolute_path(*line.plan, directory);
}

// The plan; one that was changed is refused like one that nobody trusts.
Result<std::optional<runtime::AdmittedPlan>> admitted(
    const runtime::Install& install, const std::optional<std::filesystem::path>& named) {
  auto plan = runtime::admit_plan(install, named);
  if (plan || (named && !exists(named->string()))) return plan;
  if (plan.error().kind() != ErrorKind::kCorrupt && plan.error().kind() != ErrorKind::kInput)
    return plan;
  return fail(ErrorKind::kRefused, plan.error().text(), plan.error().hint());
}

// Where the run's record goes, if one was asked for.
Result<std::optional<std::filesystem::path>> audit_directory(const CommandLine& line,
                                                             const std::string& directory) {
  using Path = std::optional<std::filesystem::path>;
  if (!line.audit) return Path();
  if (!line.audit->empty()) return Path(runtime::absolute_path(*line.audit, directory));
  if (const Path own = runtime::person_directory()) return Path(*own / "audit");
  return fail(ErrorKind::kUsage, "--audit: there is no directory of yours to keep the log in",
              "write --audit=DIRECTORY, or set HOME");
}

Result<runtime::Outcome> run(const CommandLine& line) {
  PYLON_CHECK(check_program(line));
  PYLON_TRY(directory, working_directory());
  PYLON_TRY(options, grant(line, directory, runtime::host_environment(), any_terminal()));
  PYLON_TRY(install, runtime::Install::find());
  options.arguments = line.arguments;
  options.arguments.insert(options.arguments.begin(), "pylon");
  PYLON_TRY(plan, admitted(install, named_plan(line, directory)));
  if (plan && plan->max_memory != 0 &&
      (options.max_memory == 0 || plan->max_memory < options.max_memory))
    options.max_memory = plan->max_memory;
  options.plan = plan;
  options.image =
      choose_image(install, line.cold || !runtime::snapshot_serves(options.environment));
  PYLON_TRY(audit, audit_directory(line, directory));
  options.audit = audit;
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

// `pylon-launch FILE ...` is `pylon --plan=FILE ...`: the word for it, or none for `pylon`.
std::string take_plan_of_launcher(std::string_view program, std::vector<std::string_view>& words) {
  if (program.substr(program.rfind('/') + 1) != "pylon-launch") return {};
  if (words.empty() || words[0].starts_with('-')) return words.empty() ? "--plan" : "";
  const std::string out = "--plan=" + std::string(words[0]);
  words.erase(words.begin());
  return out;
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

// What a start allocates, rounded up: made present in one call instead of by a page fault for each
// page of it.
constexpr std::size_t kStartHeap = std::size_t{384} << 10;

// One heap for both threads, grown in large steps: a thread's own would be grown page by page, a
// system call each.
void prepare_heap() {
  ::mallopt(M_ARENA_MAX, 1);
  ::mallopt(M_TOP_PAD, 1 << 20);
  void* end = std::malloc(kStartHeap / 4);  // more than there is: the heap grows
#ifdef MADV_POPULATE_WRITE
  constexpr std::uintptr_t kPage = 4096;
  const std::uintptr_t next = reinterpret_cast<std::uintptr_t>(end) & ~(kPage - 1);
  if (reinterpret_cast<std::uintptr_t>(::sbrk(0)) - next > kStartHeap)
    ::madvise(reinterpret_cast<void*>(next), kStartHeap, MADV_POPULATE_WRITE);
#endif
  std::free(end);
}

}  // namespace
}  // namespace pylon::launcher

int main(int argc, char** argv) {
  pylon::launcher::prepare_heap();
  pylon::runtime::fill_closed_descriptors();
  std::vector<std::string_view> words(argv + std::min(argc, 1), argv + argc);
  const std::string plan = pylon::launcher::take_plan_of_launcher(argc > 0 ? argv[0] : "", words);
  if (!plan.empty()) words.insert(words.begin(), plan);
  // Nothing is torn down: the guest's thread may still run, and the system takes everything back
  // faster.
  ::_exit(pylon::launcher::launch(words));
}
