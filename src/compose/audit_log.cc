#include "compose/audit_log.hh"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <algorithm>
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
                 {"limits_hit", record.limits_hit}, {"network", record.network},
                 {"refused", record.refused},       {"exit", record.exit_code}};
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
  PYLON_CHECK(value.expect_object({"seq", "prev", "time", "plan", "trusted", "components",
                                   "limits_hit", "network", "refused", "exit"}));
  PYLON_TRY(time, value.at("time").time());
  PYLON_TRY(plan, value.at("plan").digest());
  PYLON_TRY(trusted, value.at("trusted").text());
  if (!json["exit"].is_number_integer()) return fail(value.at("exit").error("is no integer"));
  AuditRecord record{.time = time,
                     .plan = plan,
                     .trusted = trusted,
                     .components = {},
                     .limits_hit = texts(json, "limits_hit"),
                     .network = texts(json, "network"),
                     .refused = texts(json, "refused"),
                     .exit_code = json["exit"].get<int>()};
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

// The files, open and locked; the lock goes with them. It is on audit.head, which stays when
// audit.log is closed and another one begun.
struct Open {
  Descriptor log;
  Descriptor head;
  std::uint64_t size = 0;

  static Result<Open> at(const fs::path& directory) {
    Open out;
    out.head = file(directory / kHeadName);
    if (!out.head && errno == ENOENT) {
      std::error_code problem;
      fs::create_directories(directory, problem);
      out.head = file(directory / kHeadName);
    }
    if (!out.head) return fail(io_error("cannot open", directory / kHeadName, errno));
    while (::flock(out.head.get(), LOCK_EX) != 0)
      if (errno != EINTR) return fail(io_error("cannot lock", directory / kHeadName, errno));
    PYLON_CHECK(out.open_log(directory));
    return out;
  }

  Result<void> open_log(const fs::path& directory) {
    log = file(directory / kLogName);
    struct stat status{};
    if (!log || ::fstat(log.get(), &status) != 0)
      return fail(io_error("cannot open", directory / kLogName, errno));
    size = static_cast<std::uint64_t>(status.st_size);
    return {};
  }

 private:
  static Descriptor file(const fs::path& path) {
    return Descriptor(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  }
};

// ---- closed files: audit.log.1, audit.log.2..., the oldest first

std::string closed_name(std::uint64_t number) {
  return std::string(kLogName) + "." + std::to_string(number);
}

Result<std::vector<std::uint64_t>> closed_files(const fs::path& directory) {
  const std::string prefix = std::string(kLogName) + ".";
  std::vector<std::uint64_t> out;
  std::error_code problem;
  for (auto at = fs::directory_iterator(directory, problem);
       !problem && at != fs::directory_iterator(); at.increment(problem)) {
    const std::string name = at->path().filename().string();
    if (!name.starts_with(prefix)) continue;
    if (const auto one = number(std::string_view(name).substr(prefix.size()))) out.push_back(*one);
  }
  if (problem) return fail(io_error("cannot list", directory, problem.value()));
  std::ranges::sort(out);
  return out;
}

Result<std::string> read_closed(const fs::path& directory, std::uint64_t number) {
  PYLON_TRY(bytes, read_file(directory / closed_name(number)));
  return std::string(bytes.begin(), bytes.end());
}

// Where a text of whole lines stands before its first line, or after its last one, by what that
// line says of itself.
ChainHead before(std::string_view text) {
  const Json line = Json::parse(text.substr(0, text.find('\n')), nullptr, false);
  if (!line.is_object() || !line.value("seq", Json()).is_number_unsigned() ||
      !line.value("prev", Json()).is_string() || line["seq"] == 0)
    return {};
  return {line["seq"].get<std::uint64_t>() - 1, 0, line["prev"].get<std::string>()};
}

ChainHead after(std::string_view text) {
  text.remove_suffix(text.ends_with('\n') ? 1 : 0);
  const std::string_view line = text.substr(text.rfind('\n') + 1);
  return {before(line).count + 1, 0, Digest::of(line).hex()};
}

// Where the log began that is open now.
Result<ChainHead> beginning(const fs::path& directory) {
  PYLON_TRY(closed, closed_files(directory));
  if (closed.empty()) return ChainHead();
  PYLON_TRY(text, read_closed(directory, closed.back()));
  return after(text);
}

// Where the log ends, after what a writer that was killed left: whole lines count, part of a line
// is cut off.
Result<ChainHead> find_end(const Open& files, const fs::path& directory) {
  PYLON_TRY(text, read_from(files.head.get(), 0, kHeadSize, directory / kHeadName));
  ChainHead head = parse_head(text);
  if (head == ChainHead()) {
    PYLON_TRY(begin, beginning(directory));
    head = begin;
  }
  if (files.size == head.size) return head;
  // Lines are gone, and the gap in the numbers will tell; or the file was closed by a writer that
  // was killed before it wrote so.
  if (files.size < head.size) {
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

// Closes the file that is full, and begins another one, whose first line follows its last one.
Result<void> begin_another(Open& files, ChainHead& head, const fs::path& directory) {
  PYLON_TRY(closed, closed_files(directory));
  const fs::path target = directory / closed_name(closed.empty() ? 1 : closed.back() + 1);
  if (::rename((directory / kLogName).c_str(), target.c_str()) != 0)
    return fail(io_error("cannot rename to", target, errno));
  PYLON_CHECK(files.open_log(directory));
  head.size = 0;
  return {};
}

// ---- verifying

void add_problem(AuditReport& report, const std::string& file, const std::string& problem) {
  if (report.problem.empty()) report.problem = file + ": " + problem;
}

std::string line_of(const ChainReading& reading, const ChainHead& begin) {
  return "line " + std::to_string(reading.head.count - begin.count + 1) + ": ";
}

// The records of one file, up to the first that is none.
void add_records(AuditReport& report, const std::string& file, const ChainReading& reading) {
  std::size_t line = 0;
  for (const Json& json : reading.records) {
    ++line;
    Result<AuditRecord> record = record_of(json);
    if (!record)
      return add_problem(report, file,
                         "line " + std::to_string(line) + ": " + record.error().text());
    report.records.push_back(std::move(*record));
  }
}

// Reads the closed files; `at` goes from before the first to behind the last.
Result<void> verify_closed(const fs::path& directory, ChainHead& at, AuditReport& report) {
  PYLON_TRY(closed, closed_files(directory));
  std::uint64_t expected = 1;
  for (const std::uint64_t number : closed) {
    const std::string name = closed_name(number);
    PYLON_TRY(text, read_closed(directory, number));
    if (number != expected) {
      add_problem(report, closed_name(expected), "it is gone, with all its records");
      at = before(text);
    }
    expected = number + 1;
    const ChainHead begin = at;
    const ChainReading reading = read_chain(text, begin);
    add_records(report, name, reading);
    if (!reading.problem.empty())
      add_problem(report, name, line_of(reading, begin) + reading.problem);
    if (reading.torn) add_problem(report, name, line_of(reading, begin) + "its end is gone");
    at = reading.head;
    at.size = 0;
  }
  return {};
}

// What is wrong with the open file, of which `head` tells the end.
ChainReading verify_open(std::string_view text, const ChainHead& begin, const ChainHead& head,
                         std::string& problem) {
  const bool lost = head == ChainHead();
  ChainReading reading = read_chain(lost ? text : text.substr(0, head.size), begin);
  if (!reading.problem.empty()) {
    problem = line_of(reading, begin) + reading.problem;
  } else if (lost) {
    return reading;
  } else if (reading.head.count < head.count) {
    problem = line_of(reading, begin) + "records up to number " + std::to_string(head.count) +
              " were removed or lost";
  } else if (reading.head.count != head.count || reading.head.hash != head.hash || reading.torn) {
    problem = "line " + std::to_string(reading.head.count - begin.count) +
              ": it was changed, or audit.head was";
  } else if (text.size() > head.size) {
    ChainReading rest = read_chain(text.substr(head.size), head);
    if (!rest.problem.empty()) problem = line_of(rest, begin) + rest.problem;
    reading.records.insert(reading.records.end(), rest.records.begin(), rest.records.end());
  }
  return reading;
}

}  // namespace

Result<void> AuditLog::append(const AuditRecord& record) const {
  PYLON_TRY(files, Open::at(directory_));
  PYLON_TRY(head, find_end(files, directory_));
  if (head.size >= most_) PYLON_CHECK(begin_another(files, head, directory_));
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
  if (std::ranges::none_of(
          std::array{std::string(kLogName), std::string(kHeadName), closed_name(1)},
          [&](const auto& name) { return fs::exists(directory_ / name, ignored); }))
    return AuditReport{};
  PYLON_TRY(files, Open::at(directory_));
  PYLON_TRY(end, read_from(files.head.get(), 0, kHeadSize, directory_ / kHeadName));
  PYLON_TRY(text, read_from(files.log.get(), 0, files.size, directory_ / kLogName));
  AuditReport report;
  ChainHead begin;
  PYLON_CHECK(verify_closed(directory_, begin, report));
  std::string problem;
  const ChainReading reading = verify_open(text, begin, parse_head(end), problem);
  add_records(report, kLogName, reading);
  if (!problem.empty()) add_problem(report, kLogName, problem);
  return report;
}

}  // namespace pylon::compose
