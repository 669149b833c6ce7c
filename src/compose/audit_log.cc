#include "compose/audit_log.hh"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>

#include "base/descriptor.hh"
#include "base/file.hh"
#include "compose/chain.hh"
#include "compose/checked_json.hh"

namespace pylon::compose {
namespace {

namespace fs = std::filesystem;
using Ordered = nlohmann::ordered_json;

constexpr const char* kLogName = "audit.log";
constexpr const char* kHeadName = "audit.head";

// audit.head: count, size and hash, in fixed places so that it is exchanged by one write.
constexpr std::size_t kHeadSize = 20 + 1 + 20 + 1 + 64 + 1;

std::string head_text(const ChainHead& head) {
  char out[kHeadSize + 1];
  std::snprintf(out, sizeof out, "%020llu %020llu %.64s\n",
                static_cast<unsigned long long>(head.count),
                static_cast<unsigned long long>(head.size), head.hash.c_str());
  return out;
}

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc() || end != text.data() + text.size()) return {};
  return value;
}

// The head, or the beginning of the log if there is none that makes sense.
ChainHead parse_head(std::string_view text) {
  if (text.size() != kHeadSize) return {};
  const auto count = number(text.substr(0, 20)), size = number(text.substr(21, 20));
  if (!count || !size || !Digest::parse_hex(text.substr(42, 64))) return {};
  return {*count, *size, std::string(text.substr(42, 64))};
}

Result<std::string> read_from(int file, std::uint64_t begin, std::uint64_t end,
                              const fs::path& path) {
  std::string out(static_cast<std::size_t>(end - begin), '\0');
  std::size_t have = 0;
  while (have < out.size()) {
    const ssize_t n =
        ::pread(file, out.data() + have, out.size() - have, static_cast<off_t>(begin + have));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return fail(io_error("cannot read", path, errno));
    if (n == 0) break;
    have += static_cast<std::size_t>(n);
  }
  out.resize(have);
  return out;
}

// ---- records as JSON

Json grants_json(const Grants& grants) {
  Json out = Json::object();
  for (auto [name, list] : {std::pair{"read", &grants.read},
                            {"write", &grants.write},
                            {"env", &grants.env},
                            {"net", &grants.net}})
    if (!list->empty()) out[name] = *list;
  return out;
}

Ordered json_of(const AuditRecord& record) {
  Ordered out = {{"time", time_text(record.time)},  {"plan", record.plan.text()},
                 {"trusted", record.trusted},       {"components", Ordered::array()},
                 {"limits_hit", record.limits_hit}, {"exit", record.exit_code}};
  for (const AuditedComponent& component : record.components)
    out["components"].push_back({{"id", component.id},
                                 {"digest", component.digest.text()},
                                 {"grants", grants_json(component.grants)}});
  return out;
}

std::vector<std::string> texts(const Json& json, const char* name) {
  std::vector<std::string> out;
  if (const auto list = json.find(name); list != json.end() && list->is_array())
    for (const Json& one : *list)
      if (one.is_string()) out.push_back(one.get<std::string>());
  return out;
}

Result<AuditRecord> record_of(const Json& json) {
  const JsonValue value(json, "audit.log", ErrorKind::kCorrupt);
  PYLON_CHECK(value.expect_object(
      {"seq", "prev", "time", "plan", "trusted", "components", "limits_hit", "exit"}));
  PYLON_TRY(when, value.at("time").text());
  PYLON_TRY(time, parse_time(when));
  PYLON_TRY(plan, value.at("plan").digest());
  PYLON_TRY(trusted, value.at("trusted").text());
  if (!json["exit"].is_number_integer()) return fail(value.at("exit").error("is no integer"));
  AuditRecord record{time, plan, trusted, {}, texts(json, "limits_hit"), json["exit"].get<int>()};
  PYLON_TRY(components, value.at("components").elements(Plan::kMaxComponents));
  for (const JsonValue& one : components) {
    PYLON_CHECK(one.expect_object({"id", "digest", "grants"}));
    PYLON_TRY(id, one.at("id").text());
    PYLON_TRY(digest, one.at("digest").digest());
    const Json& grants = one.at("grants").json();
    record.components.push_back({id,
                                 digest,
                                 {texts(grants, "read"), texts(grants, "write"),
                                  texts(grants, "env"), texts(grants, "net")}});
  }
  return record;
}

// ---- appending

// The files, open and locked; the lock goes with them.
struct Open {
  Descriptor log;
  Descriptor head;
  std::uint64_t size = 0;

  static Result<Open> at(const fs::path& directory) {
    Open out;
    constexpr int kFlags = O_RDWR | O_CREAT | O_CLOEXEC;
    out.log = Descriptor(::open((directory / kLogName).c_str(), kFlags, 0600));
    if (!out.log && errno == ENOENT) {
      std::error_code problem;
      fs::create_directories(directory, problem);
      out.log = Descriptor(::open((directory / kLogName).c_str(), kFlags, 0600));
    }
    if (!out.log) return fail(io_error("cannot open", directory / kLogName, errno));
    out.head = Descriptor(::open((directory / kHeadName).c_str(), kFlags, 0600));
    if (!out.head) return fail(io_error("cannot open", directory / kHeadName, errno));
    while (::flock(out.log.get(), LOCK_EX) != 0)
      if (errno != EINTR) return fail(io_error("cannot lock", directory / kLogName, errno));
    struct stat status{};
    if (::fstat(out.log.get(), &status) != 0)
      return fail(io_error("cannot stat", directory / kLogName, errno));
    out.size = static_cast<std::uint64_t>(status.st_size);
    return out;
  }
};

// Where the log ends, after what a writer that was killed left: whole lines count, part of a line
// is cut off.
Result<ChainHead> find_end(const Open& files, const fs::path& directory) {
  PYLON_TRY(text, read_from(files.head.get(), 0, kHeadSize, directory / kHeadName));
  ChainHead head = parse_head(text);
  if (files.size == head.size) return head;
  if (files.size < head.size) {  // lines are gone; the gap in the numbers will tell
    head.size = files.size;
    return head;
  }
  PYLON_TRY(rest, read_from(files.log.get(), head.size, files.size, directory / kLogName));
  const ChainReading reading = read_chain(rest, head);
  head = reading.head;
  // Foreign lines stay where they are, for verify() to show; only the part of a line goes.
  head.size += rest.rfind('\n') == std::string::npos
                   ? 0
                   : files.size - head.size - (rest.size() - rest.rfind('\n') - 1);
  if (head.size < files.size && ::ftruncate(files.log.get(), static_cast<off_t>(head.size)) != 0)
    return fail(io_error("cannot cut", directory / kLogName, errno));
  return head;
}

}  // namespace

Result<void> AuditLog::append(const AuditRecord& record) const {
  PYLON_TRY(files, Open::at(directory_));
  PYLON_TRY(head, find_end(files, directory_));
  const auto begin = static_cast<off_t>(head.size);
  const std::string line = chain_line(head, json_of(record));
  const ssize_t written = ::pwrite(files.log.get(), line.data(), line.size(), begin);
  if (written != static_cast<ssize_t>(line.size()))
    return fail(io_error("cannot write", directory_ / kLogName, written < 0 ? errno : ENOSPC));
  const std::string end = head_text(head);
  if (::pwrite(files.head.get(), end.data(), end.size(), 0) != static_cast<ssize_t>(end.size()))
    return fail(io_error("cannot write", directory_ / kHeadName, errno));
  return {};
}

Result<AuditReport> AuditLog::verify() const {
  std::error_code ignored;
  if (!fs::exists(directory_ / kLogName, ignored) && !fs::exists(directory_ / kHeadName, ignored))
    return AuditReport{};
  PYLON_TRY(files, Open::at(directory_));
  PYLON_TRY(end, read_from(files.head.get(), 0, kHeadSize, directory_ / kHeadName));
  PYLON_TRY(text, read_from(files.log.get(), 0, files.size, directory_ / kLogName));
  const ChainHead head = parse_head(end);
  const std::string_view all(text);
  ChainReading reading = read_chain(all.substr(0, head.size));
  AuditReport report;
  const std::string next = "line " + std::to_string(reading.head.count + 1) + ": ";
  if (!reading.problem.empty())
    report.problem = next + reading.problem;
  else if (reading.head.count < head.count)
    report.problem =
        next + "records up to number " + std::to_string(head.count) + " were removed or lost";
  else if (reading.head != head)
    report.problem = "line " + std::to_string(head.count) + ": it was changed, or audit.head was";
  else if (ChainReading rest = read_chain(all.substr(head.size), head); !rest.problem.empty())
    report.problem = "line " + std::to_string(rest.head.count + 1) + ": " + rest.problem;
  else
    reading.records.insert(reading.records.end(), rest.records.begin(), rest.records.end());
  for (const Json& json : reading.records) {
    Result<AuditRecord> record = record_of(json);
    if (!record) {
      report.problem =
          "line " + std::to_string(report.records.size() + 1) + ": " + record.error().text();
      break;
    }
    report.records.push_back(std::move(*record));
  }
  return report;
}

}  // namespace pylon::compose
