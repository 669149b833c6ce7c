#include "runtime/path.hh"

#include <sys/stat.h>

#include <cstdlib>
#include <vector>

namespace pylon::runtime {

std::string absolute_path(std::string_view path, std::string_view directory) {
  std::string joined =
      path.starts_with('/') ? std::string(path) : std::string(directory) + "/" + std::string(path);
  std::vector<std::string_view> parts;
  for (std::size_t start = 0; start < joined.size();) {
    std::size_t end = joined.find('/', start);
    if (end == std::string::npos) end = joined.size();
    std::string_view part = std::string_view(joined).substr(start, end - start);
    if (part == "..") {
      if (!parts.empty()) parts.pop_back();
    } else if (!part.empty() && part != ".") {
      parts.push_back(part);
    }
    start = end + 1;
  }
  std::string out;
  for (std::string_view part : parts) out.append("/").append(part);
  return out.empty() ? "/" : out;
}

std::optional<std::string> real_path(const std::string& path) {
  char* resolved = ::realpath(path.c_str(), nullptr);
  if (!resolved) return std::nullopt;
  std::string out(resolved);
  std::free(resolved);
  return out;
}

std::optional<std::string> real_path_of_entry(const std::string& path) {
  if (path == "/") return path;
  std::optional<std::string> parent = real_path(parent_path(path));
  if (!parent) return std::nullopt;
  return absolute_path(base_name(path), *parent);
}

std::string parent_path(std::string_view path) {
  std::size_t slash = path.rfind('/');
  if (slash == 0 || slash == std::string_view::npos) return "/";
  return std::string(path.substr(0, slash));
}

std::string base_name(std::string_view path) {
  return std::string(path.substr(path.rfind('/') + 1));
}

bool contains_path(std::string_view directory, std::string_view path) {
  if (directory == "/" || directory == path) return true;
  return path.size() > directory.size() && path.starts_with(directory) &&
         path[directory.size()] == '/';
}

PathKind path_kind(const std::string& path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0) return PathKind::kMissing;
  if (S_ISREG(status.st_mode)) return PathKind::kFile;
  return S_ISDIR(status.st_mode) ? PathKind::kDirectory : PathKind::kOther;
}

}  // namespace pylon::runtime
