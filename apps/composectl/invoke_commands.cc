// composectl invoke: calls a method of a plan's component, without a program.
#include <algorithm>

#include "base/file.hh"
#include "compose/resolver.hh"
#include "composectl/nouns.hh"
#include "composectl/places.hh"
#include "engine/guest_thread.hh"
#include "engine/provider.hh"
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

constexpr int kBytes = 13;  // list<u8> in a schema (docs/bindings.md)
constexpr std::size_t kLargestPayload = std::size_t{1} << 30;

// Which direction of a method carries raw bytes.
struct Shape {
  bool raw_parameters = false;
  bool raw_result = false;
};

bool is_bytes(const nlohmann::json& ref, const nlohmann::json& types) {
  if (ref == kBytes) return true;
  if (!ref.is_number_unsigned() || ref < 16) return false;
  const std::size_t index = ref.get<std::size_t>() - 16;
  if (index >= types.size()) return false;
  const nlohmann::json& type = types[index];  // [2 result, ok, error]
  return type.is_array() && type.size() == 3 && type[0] == 2 && type[1] == kBytes;
}

// Searches the functions of a schema, those of resources too, for a method.
const nlohmann::json* find_function(const nlohmann::json& part, const std::string& method) {
  if (!part.is_array()) return nullptr;
  const bool is_function = part.size() == 6 && part[2].is_string() && part[4].is_array();
  if (is_function && part[2] == method) return &part;
  for (const nlohmann::json& inner : part)
    if (const nlohmann::json* found = find_function(inner, method)) return found;
  return nullptr;
}

Result<Shape> shape_of(const Bytes& schema, const std::string& method) {
  const nlohmann::json json = nlohmann::json::from_cbor(schema, true, false);
  if (!json.is_array() || json.size() != 5 || json[0] != 1)
    return fail(ErrorKind::kCorrupt, "the schema is not of version 1");
  const nlohmann::json* function = find_function(json, method);
  if (!function)
    return fail(ErrorKind::kInput, "the contract has no method '" + method + "'",
                "a method is INTERFACE.FUNCTION, or FUNCTION where the contract has one interface");
  const nlohmann::json &parameters = (*function)[4], &result = (*function)[5];
  Shape shape;
  shape.raw_parameters = parameters.size() == 1 && parameters[0][1] == kBytes;
  shape.raw_result = is_bytes(result, json[4]);
  return shape;
}

Result<Bytes> payload_of(const Invocation& line, const Shape& shape) {
  if (line.has("--payload")) return read_file(line.value("--payload"), kLargestPayload);
  const std::string text = line.operands.size() > 2 ? line.operands[2] : "[]";
  const nlohmann::json json = nlohmann::json::parse(text, nullptr, false);
  if (!json.is_array())
    return fail(ErrorKind::kUsage, "'" + text + "' is no JSON array of arguments",
                "write it like '[1, \"two\"]'");
  if (!shape.raw_parameters) return nlohmann::json::to_cbor(json);
  if (json.size() != 1 || !json[0].is_string())
    return fail(ErrorKind::kUsage, "the method takes bytes: one string, or --payload=FILE");
  const std::string bytes = json[0].get<std::string>();
  return Bytes(bytes.begin(), bytes.end());
}

// JSON has no bytes: text where they are that, else hexadecimal digits under a name that says so.
Json plain(const Bytes& bytes) {
  const std::string text(bytes.begin(), bytes.end());
  try {
    (void)Json(text).dump();
    return text;
  } catch (const Json::exception&) {
  }
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string hex;
  for (const std::uint8_t byte : bytes) hex += {kDigits[byte >> 4], kDigits[byte & 15]};
  return {{"hex", hex}};
}

Json plain(const nlohmann::json& value) {
  if (value.is_binary()) return plain(Bytes(value.get_binary().begin(), value.get_binary().end()));
  if (!value.is_array()) return Json::parse(value.dump(), nullptr, false);
  Json out = Json::array();
  for (const nlohmann::json& inner : value) out.push_back(plain(inner));
  return out;
}

Result<Json> json_of(const Bytes& answer, bool raw) {
  if (raw) return plain(answer);
  if (answer.empty()) return Json(nullptr);
  const nlohmann::json value =
      nlohmann::json::from_cbor(answer, true, false, nlohmann::json::cbor_tag_handler_t::ignore);
  if (value.is_discarded()) return fail(ErrorKind::kCorrupt, "the answer is no CBOR");
  return plain(value);
}

Result<Answer> answer_of(const Invocation& line, const engine::Answer& came, const Shape& shape) {
  if (came.failure)
    return fail(ErrorKind::kRefused, std::string(engine::failure_kind_name(came.failure->kind)) +
                                         ": " + came.failure->message);
  Answer answer;
  if (came.good && line.has("--output")) {
    PYLON_CHECK(write_file_atomically(line.value("--output"), came.returned));
    answer.json = {{"bytes", came.returned.size()}};
    return answer;
  }
  PYLON_TRY(value, json_of(came.returned, came.good && shape.raw_result));
  answer.json = {{came.good ? "result" : "error", value}};
  answer.text = (came.good ? "" : "error: ") + value.dump() + "\n";
  answer.exit_code = came.good ? kExitOk : kExitNo;
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
  Shape shape;
  if (component->schema) {
    PYLON_TRY(schema, resolver.blob(*component->schema, "the schema of '" + id + "'"));
    PYLON_TRY(known, shape_of(schema, method));
    shape = known;
  }
  PYLON_TRY(payload, payload_of(line, shape));
  PYLON_TRY(engine, engine::Engine::create());
  auto providers =
      std::make_shared<runtime::PlanProviders>(engine, install, *plan, runtime::ComponentGrants{});
  PYLON_TRY(caller, engine::Caller::create(engine, providers));
  PYLON_TRY(came, caller.invoke(id, method, payload));
  return answer_of(line, came, shape);
}

// A component needs a thread with a large stack.
Result<Answer> invoke(const Invocation& line) {
  std::optional<Result<Answer>> answer;
  PYLON_TRY(thread, engine::GuestThread::start([&] { answer.emplace(call(line)); }));
  thread.join();
  return std::move(*answer);
}

// clang-format off
constexpr Command kCommands[] = {
    {"", "ID METHOD [ARGUMENTS]", Kind::kText, 2, 3, kInvoke, false, "call a method of a plan's component; ARGUMENTS is a JSON array, the answer JSON", invoke},
};
// clang-format on

}  // namespace

const Noun kInvokeNoun = {"invoke", "call a component of a plan", kCommands};

}  // namespace pylon::composectl
