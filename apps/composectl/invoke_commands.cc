// composectl invoke: calls a method of a plan's component, without a program.
#include "base/file.hh"
#include "compose/resolver.hh"
#include "composectl/contract_json.hh"
#include "composectl/nouns.hh"
#include "composectl/places.hh"
#include "engine/guest_thread.hh"
#include "engine/provider.hh"
#include "runtime/directories.hh"
#include "runtime/plan_gate.hh"
#include "runtime/plan_providers.hh"

namespace pylon::composectl {
namespace {

namespace fs = std::filesystem;

// clang-format off
constexpr Option kInvoke[] = {
    {"--plan", "FILE", Kind::kPlan, "the plan that is meant (default: the install's)"},
    {"--payload", "FILE", Kind::kFile, "send the bytes of this file as they are, instead of JSON"},
    {"--output", "FILE", Kind::kFile, "write the answer's bytes as they are to this file"}};
// clang-format on

constexpr std::size_t kLargestPayload = std::size_t{1} << 30;

// With a contract JSON goes in and out, without one only bytes do.
Result<Bytes> payload_of(const Invocation& line, const std::optional<JsonMethod>& method) {
  if (line.has("--payload")) return read_file(line.value("--payload"), kLargestPayload);
  if (!method)
    return fail(ErrorKind::kUsage, "the plan has no contract for '" + line.operands[0] + "'",
                "send bytes with --payload=FILE");
  const std::string text = line.operands.size() > 2 ? line.operands[2] : "[]";
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_array() && !json.is_object())
    return fail(ErrorKind::kUsage, "'" + text + "' is no JSON array or object of arguments",
                "write it like '[1, \"two\"]' or '{\"count\": 1}'");
  return method->payload(json);
}

Result<Answer> answer_of(const Invocation& line, const engine::Answer& came,
                         const std::optional<JsonMethod>& method) {
  if (came.failure)
    return fail(ErrorKind::kRefused, std::string(engine::failure_kind_name(came.failure->kind)) +
                                         ": " + came.failure->message);
  Answer answer;
  answer.exit_code = came.good ? kExitOk : kExitNo;
  const char* name = came.good ? "result" : "error";
  if (line.has("--output")) {
    PYLON_CHECK(write_file_atomically(line.value("--output"), came.returned));
    answer.json = {{name, {{"bytes", came.returned.size()}}}};
    return answer;
  }
  if (!method)
    return fail(ErrorKind::kUsage, "the plan has no contract that says what the answer means",
                "write its bytes to a file with --output=FILE");
  PYLON_TRY(value, came.good ? method->result(came.returned) : method->error(came.returned));
  answer.json = {{name, value}};
  answer.text = (came.good ? "" : "error: ") + value.dump() + "\n";
  return answer;
}

Result<Answer> call(const Invocation& line) {
  const std::string id = line.operands[0], method = line.operands[1];
  PYLON_TRY(install, runtime::Install::at(line.install_root()));
  std::optional<fs::path> named;
  if (line.has("--plan")) named = fs::absolute(line.value("--plan"));
  PYLON_TRY(plan, runtime::admit_plan(install, named));
  if (!plan) return fail(ErrorKind::kInput, "there is no plan", "name one with --plan=FILE");
  PYLON_TRY(file, compose::PlanFile::read(plan->file));
  const compose::Resolver resolver(file.plan, runtime::blob_stores(install, plan->file));
  PYLON_TRY(component, resolver.by_id(id));
  std::optional<JsonMethod> contract;
  if (component->schema) {
    PYLON_TRY(schema, resolver.blob(*component->schema, "the schema of '" + id + "'"));
    PYLON_TRY(found, JsonMethod::find(schema, method));
    contract.emplace(std::move(found));
  }
  PYLON_TRY(payload, payload_of(line, contract));
  PYLON_TRY(engine, engine::Engine::create());
  auto providers =
      std::make_shared<runtime::PlanProviders>(engine, install, *plan, runtime::ComponentGrants{});
  PYLON_TRY(caller, engine::Caller::create(engine, providers));
  PYLON_TRY(came, caller.invoke(id, method, payload));
  return answer_of(line, came, contract);
}

// A component needs a thread with a large stack.
Result<Answer> invoke(const Invocation& line) {
  if (line.has("--home")) runtime::set_person_directory(fs::absolute(line.home()));
  std::optional<Result<Answer>> answer;
  PYLON_TRY(thread, engine::GuestThread::start([&] { answer.emplace(call(line)); }));
  thread.join();
  return std::move(*answer);
}

// clang-format off
constexpr Command kCommands[] = {
    {"", "ID METHOD [ARGUMENTS]", Kind::kText, 2, 3, kInvoke, false, "call a method of a plan's component; ARGUMENTS is a JSON array, or an object by parameters; the answer is JSON", invoke},
};
// clang-format on

}  // namespace

const Noun kInvokeNoun = {"invoke", "call a component of a plan", kCommands};

}  // namespace pylon::composectl
