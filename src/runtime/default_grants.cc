#include "runtime/default_grants.hh"

#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "runtime/path.hh"

namespace pylon::runtime {
namespace {

Result<void> grant_script(FileGrants& files, const std::string& given,
                          const std::string& directory) {
  const std::string script = absolute_path(given, directory);
  if (path_kind(given) == PathKind::kDirectory) return files.allow(script, Access::kRead);
  PYLON_CHECK(files.allow(parent_path(script), Access::kRead));
  if (std::optional<std::string> real = real_path(given))
    PYLON_CHECK(files.allow(parent_path(*real), Access::kRead));
  return {};
}

Result<void> grant_search_path(FileGrants& files, const std::string& entries,
                               const std::string& directory) {
  for (std::size_t start = 0; start <= entries.size();) {
    const std::size_t end = std::min(entries.find(':', start), entries.size());
    const std::string entry = absolute_path(entries.substr(start, end - start), directory);
    if (path_kind(entry) != PathKind::kMissing) PYLON_CHECK(files.allow(entry, Access::kRead));
    start = end + 1;
  }
  return {};
}

}  // namespace

Result<void> check_script(const std::string& path) {
  auto unusable = [&](const std::string& why, std::string hint = {}) {
    return fail(ErrorKind::kInput, "cannot run " + path + ": " + why, std::move(hint));
  };
  switch (path_kind(path)) {
    case PathKind::kMissing:
      return unusable(std::strerror(errno));
    case PathKind::kOther:
      return unusable("it is neither a file nor a directory",
                      "pipe the program into `pylon -` instead");
    case PathKind::kDirectory:
      if (path_kind(path + "/__main__.py") != PathKind::kFile &&
          path_kind(path + "/__main__.pyc") != PathKind::kFile)
        return unusable("this directory has no __main__.py", "name a script in it");
      return {};
    case PathKind::kFile:
      break;
  }
  if (::access(path.c_str(), R_OK) != 0) return unusable(std::strerror(errno));
  return {};
}

Result<void> grant_defaults(FileGrants& files, const Program& program, const std::string& directory,
                            const Environment& environment) {
  switch (program.kind) {
    case Program::Kind::kScript:
      PYLON_CHECK(grant_script(files, program.text, directory));
      break;
    case Program::Kind::kCommand:
    case Program::Kind::kModule:
    case Program::Kind::kInput:
    case Program::Kind::kInteractive:
      PYLON_CHECK(files.allow(directory, Access::kRead));
      break;
    case Program::Kind::kNone:
      break;
  }
  for (const auto& [name, value] : environment) {
    if (value.empty()) continue;
    if (name == "PYTHONPATH") PYLON_CHECK(grant_search_path(files, value, directory));
    if (name == "PYTHONSTARTUP" && program.kind == Program::Kind::kInteractive &&
        path_kind(absolute_path(value, directory)) == PathKind::kFile)
      PYLON_CHECK(files.allow(value, Access::kRead));
  }
  return {};
}

}  // namespace pylon::runtime
