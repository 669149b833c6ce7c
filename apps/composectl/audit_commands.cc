// composectl audit: what ran.
#include "compose/audit_log.hh"
#include "composectl/nouns.hh"
#include "composectl/places.hh"

namespace pylon::composectl {
namespace {

using compose::AuditRecord;

// clang-format off
constexpr Option kLogOption = {"--log", "DIRECTORY", Kind::kDirectory, "the directory of the log that is meant"};
constexpr Option kVerify[] = {kLogOption};
constexpr Option kShow[] = {{"--last", "N", Kind::kText, "only the last N runs (default: 20)"}, kLogOption};
// clang-format on

Json grants_json(const compose::Grants& grants) {
  return {{"read", grants.read}, {"write", grants.write}, {"env", grants.env}, {"net", grants.net}};
}

Json json_of(const AuditRecord& record) {
  Json out = {{"time", compose::time_text(record.time)},
              {"plan", record.plan.text()},
              {"trusted", record.trusted},
              {"exit", record.exit_code},
              {"limits_hit", record.limits_hit},
              {"network", record.network},
              {"refused", record.refused},
              {"components", Json::array()}};
  for (const compose::AuditedComponent& one : record.components)
    out["components"].push_back(
        {{"id", one.id}, {"digest", one.digest.text()}, {"grants", grants_json(one.grants)}});
  return out;
}

std::string text_of(const AuditRecord& record) {
  std::string out = compose::time_text(record.time) + "  exit " + std::to_string(record.exit_code) +
                    "  " + record.plan.text().substr(0, 19) + "  " + record.trusted + "\n";
  for (const compose::AuditedComponent& one : record.components) {
    out += "    " + one.id + "  " + one.digest.text().substr(0, 19);
    for (auto [name, list] : {std::pair{"read", &one.grants.read},
                              {"write", &one.grants.write},
                              {"env", &one.grants.env},
                              {"net", &one.grants.net}})
      for (const std::string& grant : *list) out += std::string("  ") + name + "=" + grant;
    out += "\n";
  }
  for (const std::string& limit : record.limits_hit) out += "    limit: " + limit + "\n";
  for (const std::string& use : record.network) out += "    network: " + use + "\n";
  for (const std::string& refusal : record.refused) out += "    refused: " + refusal + "\n";
  return out;
}

Result<std::size_t> last_of(const Invocation& line) {
  const std::string text = line.value("--last", "20");
  if (text.empty() || text.size() > 9 || text.find_first_not_of("0123456789") != std::string::npos)
    return fail(ErrorKind::kUsage, "--last=" + text + " is no number");
  return static_cast<std::size_t>(std::stoul(text));
}

void add_problem(const Invocation& line, const compose::AuditReport& report, Answer& answer) {
  answer.json["ok"] = report.problem.empty();
  answer.json["problem"] = report.problem;
  if (report.problem.empty()) return;
  answer.text += "BROKEN    " + audit_directory(line).string() + "/" + report.problem + "\n";
  answer.exit_code = kExitNo;
}

Result<Answer> show(const Invocation& line) {
  PYLON_TRY(last, last_of(line));
  PYLON_TRY(report, compose::AuditLog(audit_directory(line)).verify());
  Answer answer;
  answer.json["runs"] = Json::array();
  const std::size_t skip = report.records.size() > last ? report.records.size() - last : 0;
  for (std::size_t i = skip; i < report.records.size(); ++i) {
    answer.json["runs"].push_back(json_of(report.records[i]));
    answer.text += text_of(report.records[i]);
  }
  add_problem(line, report, answer);
  return answer;
}

Result<Answer> verify(const Invocation& line) {
  PYLON_TRY(report, compose::AuditLog(audit_directory(line)).verify());
  Answer answer;
  answer.json["runs"] = report.records.size();
  answer.text = std::to_string(report.records.size()) + " runs are recorded as they were written\n";
  add_problem(line, report, answer);
  return answer;
}

// clang-format off
constexpr Command kCommands[] = {
    {"show", "", Kind::kText, 0, 0, kShow, false, "tell what ran: plan, components, grants, limits, exit code", show},
    {"verify", "", Kind::kText, 0, 0, kVerify, false, "check that no record was changed or removed", verify},
};
// clang-format on

}  // namespace

const Noun kAuditNoun = {"audit", "the record of what ran", kCommands};

}  // namespace pylon::composectl
