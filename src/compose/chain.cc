#include "compose/chain.hh"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/descriptor.hh"
#include "base/file.hh"
#include "compose/checked_json.hh"

namespace pylon::compose {
namespace {

using Ordered = nlohmann::ordered_json;

constexpr JsonLimits kLineLimits{16'000'000, 20};

// What is wrong with a line after `head`, or nothing; the record is its JSON.
std::string problem_of(std::string_view line, const ChainHead& head, Json& record) {
  Result<Json> parsed = parse_json(line, "it", ErrorKind::kCorrupt, kLineLimits);
  if (!parsed) return parsed.error().message();
  record = std::move(*parsed);
  if (!record.is_object() || record.value("seq", Json()) != Json(head.count + 1))
    return "its number is not " + std::to_string(head.count + 1) + ": lines were removed or added";
  if (record.value("prev", Json()) != Json(head.hash))
    return "it does not fit the line before, which was changed or exchanged";
  return {};
}

}  // namespace

std::string chain_line(ChainHead& head, const Ordered& record) {
  Ordered line = {{"seq", head.count + 1}, {"prev", head.hash}};
  for (const auto& [name, value] : record.items()) line[name] = value;
  std::string text = line.dump(-1, ' ', false, Ordered::error_handler_t::replace);
  head.hash = Digest::of(text).hex();
  head.count += 1;
  head.size += text.size() + 1;
  return text + "\n";
}

ChainReading read_chain(std::string_view text, const ChainHead& head) {
  ChainReading out;
  out.head = head;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) {
      out.torn = true;
      break;
    }
    const std::string_view line = text.substr(0, end);
    Json record;
    out.problem = problem_of(line, out.head, record);
    if (!out.problem.empty()) break;
    out.records.push_back(std::move(record));
    out.head = {out.head.count + 1, out.head.size + end + 1, Digest::of(line).hex()};
    text.remove_prefix(end + 1);
  }
  return out;
}

Result<void> append_to_chain(const std::filesystem::path& file, ChainHead& head,
                             const Ordered& record, bool sync) {
  Descriptor log(::open(file.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
  struct stat status{};
  if (!log || ::fstat(log.get(), &status) != 0) return fail(io_error("cannot open", file, errno));
  ChainHead next = head;
  next.size = std::min(head.size, static_cast<std::uint64_t>(status.st_size));
  const auto begin = static_cast<off_t>(next.size);
  if (status.st_size > begin && ::ftruncate(log.get(), begin) != 0)
    return fail(io_error("cannot cut", file, errno));
  const std::string line = chain_line(next, record);
  const ssize_t written = ::pwrite(log.get(), line.data(), line.size(), begin);
  if (written != static_cast<ssize_t>(line.size()) || (sync && ::fsync(log.get()) != 0)) {
    const int problem =
        written >= 0 && written < static_cast<ssize_t>(line.size()) ? ENOSPC : errno;
    Error error = io_error("cannot write", file, problem);
    if (::ftruncate(log.get(), begin) != 0)
      error = std::move(error).within("part of a line is left");
    return fail(std::move(error));
  }
  if (sync && begin == 0) PYLON_CHECK(sync_directory(file.parent_path()));
  head = next;
  return {};
}

}  // namespace pylon::compose
