#include "runtime/run.hh"

#include <atomic>
#include <memory>

#include "compose/audit_log.hh"
#include "engine/guest_thread.hh"
#include "runtime/exit_code.hh"
#include "runtime/interrupt.hh"
#include "runtime/plan_providers.hh"
#include "runtime/stdio.hh"
#include "runtime/supervisor.hh"
#include "runtime/terminal.hh"
#include "snapshot/start_pages.hh"

namespace pylon::runtime {
namespace {

// All that the two threads share. Never destroyed: the guest may still run when the process ends.
struct Run {
  Run(const Install& install_in, RunOptions options_in)
      : install(install_in), options(std::move(options_in)) {}

  const Install& install;
  RunOptions options;
  std::shared_ptr<Interrupt> interrupt = std::make_shared<Interrupt>();
  Supervisor supervisor{*interrupt};
  StandardStreams streams = StandardStreams::of_process(interrupt);
  std::shared_ptr<PlanProviders> providers;
  std::optional<engine::Session> session;
  std::atomic<engine::Session*> running = nullptr;
  std::optional<Result<int>> status;
  std::optional<engine::GuestThread> thread;
};

constexpr const char* kGuestFacades = "/pylon/caps";

// A component whose plan entry grants it this variable knows how much memory there is for all of
// the run.
constexpr const char* kMaxMemory = "PYLON_MAX_MEMORY";

void add_memory_limit(std::uint64_t bytes, Environment& environment) {
  std::erase_if(environment, [](const auto& variable) { return variable.first == kMaxMemory; });
  if (bytes != 0) environment.emplace_back(kMaxMemory, std::to_string(bytes));
}

// What the plan adds to the program: its caps' Python modules, and what these load.
void add_plan(Run& run, const engine::Engine& engine, engine::SessionOptions& out) {
  std::erase_if(out.environment,
                [](const auto& variable) { return variable.first == kBuiltinModules; });
  const std::optional<AdmittedPlan>& plan = run.options.plan;
  if (!plan) return;
  ComponentGrants program{run.options.files, out.network, out.environment};
  add_memory_limit(run.options.max_memory, program.environment);
  run.providers = std::make_shared<PlanProviders>(engine, run.install, *plan, std::move(program));
  out.providers = run.providers;
  if (plan->facades.empty()) return;
  out.preopens.push_back({kGuestFacades, plan->facades, true, false, {}});
  for (auto& variable : plan_environment(plan->builtin_modules))
    out.environment.push_back(std::move(variable));
}

engine::SessionOptions session_options(Run& run, const engine::Engine& engine) {
  RunOptions& options = run.options;
  engine::SessionOptions out;
  out.arguments = std::move(options.arguments);
  out.environment = std::move(options.environment);
  out.directory = options.directory;
  out.preopens = options.files.preopens();
  out.preopens.push_back({run.install.guest_library(), run.install.library(), true, false, {}});
  out.network = options.network.policy(resolve_host);
  out.max_memory = options.max_memory;
  out.standard_input = run.streams.input;
  out.standard_output = run.streams.output;
  out.standard_error = run.streams.error;
  add_plan(run, engine, out);
  return out;
}

Result<int> run_guest(Run& run) {
  PYLON_TRY(image, run.install.checked_image(run.options.image));
  PYLON_TRY(engine, engine::Engine::create());
  PYLON_TRY(component, engine::Component::open(engine, image));
  PYLON_TRY(native, run.install.native_code(image));
  engine::SessionOptions options = session_options(run, engine);
  options.native = std::move(native);
  PYLON_TRY(session, engine::Session::create(engine, component, std::move(options)));
  run.session.emplace(std::move(session));
  PYLON_TRY(control, run.session->view("control"));
  PYLON_CHECK(snapshot::provide_start_pages(control));
  PYLON_TRY(block, ControlBlock::at(control));
  run.interrupt->connect(block);
  run.running = &*run.session;
  return run.session->run();
}

Result<void> start(Run& run) {
  PYLON_TRY(thread, engine::GuestThread::start([&run] {
              Supervisor::admit_interrupts();
              run.status.emplace(run_guest(run));
              run.supervisor.finish();
            }));
  run.thread.emplace(std::move(thread));
  return {};
}

std::string duration_text(std::chrono::milliseconds duration) {
  const auto count = duration.count();
  return count % 1000 ? std::to_string(count) + " ms" : std::to_string(count / 1000) + " s";
}

std::string size_text(std::uint64_t bytes) {
  const std::uint64_t mebi = std::uint64_t{1} << 20;
  return bytes % mebi ? std::to_string(bytes) + " bytes" : std::to_string(bytes / mebi) + " MiB";
}

Outcome finished(Run& run) {
  Outcome outcome;
  Result<int>& status = *run.status;
  if (run.session) outcome.refusals = run.session->refusals();
  const bool failed = !status || *status == kExitUncaught;
  if (failed && run.session && run.session->memory_limit_hit()) {
    outcome.exit_code = kExitMemory;
    outcome.error = Error(ErrorKind::kLimit,
                          "the program needed more than the " + size_text(run.options.max_memory) +
                              " of memory that --max-memory allows",
                          "allow more with --max-memory=SIZE");
  } else if (!status) {
    outcome.exit_code = exit_code_of(status.error().kind());
    outcome.error = std::move(status).error();
    if (outcome.error->kind() == ErrorKind::kTrap && outcome.error->hint().empty())
      outcome.error = std::move(*outcome.error).with_hint("`pylon --json` shows the backtrace");
  } else {
    outcome.exit_code = *status;
    outcome.error = run.streams.failure();
  }
  return outcome;
}

Outcome outcome_of(Run& run, End end) {
  switch (end) {
    case End::kFinished:
      return finished(run);
    case End::kTimeout:
      return {
          kExitTimeout,
          Error(ErrorKind::kLimit, "the run was ended after " + duration_text(run.options.timeout),
                "--timeout sets how long a run may take"),
          {}};
    case End::kInterrupted:
      return {kExitInterrupted, std::nullopt, {}};
    case End::kSignalled:
      break;
  }
  return {128 + run.supervisor.signal(), std::nullopt, {}};
}

std::vector<std::string> texts(const std::vector<engine::Refusal>& operations) {
  static constexpr const char* kNames[] = {"look at", "read",    "write",
                                           "connect", "look up", "listen"};
  std::vector<std::string> out;
  for (const engine::Refusal& one : operations)
    out.push_back(std::string(kNames[static_cast<std::size_t>(one.kind)]) + " " + one.target);
  return out;
}

// Appends the run's record to the log, if there is one. A log that cannot be written is told, and
// the run's own end stays.
void record(Run& run, End end, Outcome& outcome) {
  if (!run.options.audit || !run.options.plan) return;
  compose::AuditRecord record{.time = compose::now(),
                              .plan = run.options.plan->digest,
                              .trusted = run.options.plan->reason,
                              .components = {},
                              .limits_hit = {},
                              .network = {},
                              .refused = {},
                              .exit_code = outcome.exit_code};
  if (run.providers) record.components = run.providers->used();
  if (end == End::kTimeout) record.limits_hit.push_back("timeout");
  if (outcome.exit_code == kExitMemory) record.limits_hit.push_back("memory");
  if (engine::Session* session = run.running) {
    record.network = texts(session->network_uses());
    record.refused = texts(session->refusals());
  }
  Result<void> written = compose::AuditLog(*run.options.audit).append(record);
  if (!written && !outcome.error)
    outcome.error = std::move(written).error().within("the run could not be recorded");
}

}  // namespace

Outcome run_program(const Install& install, RunOptions options) {
  auto* run = new Run(install, std::move(options));
  if (Result<void> started = start(*run); !started)
    return {kExitBroken, std::move(started).error(), {}};
  const End end = run->supervisor.wait(run->options.timeout, [run] {
    if (engine::Session* session = run->running) session->interrupt();
  });
  restore_terminal();
  Outcome outcome = outcome_of(*run, end);
  record(*run, end, outcome);
  if (end == End::kSignalled) die_by_signal(run->supervisor.signal());
  return outcome;
}

}  // namespace pylon::runtime
