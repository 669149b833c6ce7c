#include "token_store.hh"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <map>
#include <set>
#include <string_view>

namespace token_store {
namespace {

constexpr const char* kAside = ".new";

std::string kept_in;  // empty: in memory

// The files and directories of tokens that live in memory, by their paths.
struct Memory {
  std::map<std::string, std::string> files;
  std::set<std::string> directories = {root()};
};

Memory& memory() {
  static Memory only;
  return only;
}

std::string parent(const std::string& path) {
  return path.substr(0, path.rfind('/'));
}

bool write_all(int fd, std::string_view content) {
  while (!content.empty()) {
    const ssize_t written = write(fd, content.data(), content.size());
    if (written <= 0) return false;
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

bool write_synced(const std::string& path, std::string_view content) {
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  if (fd < 0) return false;
  const bool synced = write_all(fd, content) && fsync(fd) == 0;
  return close(fd) == 0 && synced;
}

bool sync_directory(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_DIRECTORY);
  if (fd < 0) return false;
  const bool synced = fsync(fd) == 0;
  return close(fd) == 0 && synced;
}

void list_memory(const std::string& path, std::vector<std::string>& files,
                 std::vector<std::string>& directories) {
  for (const auto& [file, content] : memory().files)
    if (parent(file) == path) files.push_back(file.substr(path.size() + 1));
  for (const std::string& directory : memory().directories)
    if (directory != path && parent(directory) == path)
      directories.push_back(directory.substr(path.size() + 1));
}

}  // namespace

bool keep_in(std::string directory) {
  while (directory.ends_with('/')) directory.pop_back();
  DIR* opened = directory.empty() ? nullptr : opendir(directory.c_str());
  if (!opened) return false;
  closedir(opened);
  kept_in = std::move(directory);
  return true;
}

const std::string& root() {
  static const std::string in_memory = "/tokens";
  return is_durable() ? kept_in : in_memory;
}

bool is_durable() {
  return !kept_in.empty();
}

std::optional<std::string> read(const std::string& path) {
  if (!is_durable()) {
    const auto found = memory().files.find(path);
    return found == memory().files.end() ? std::nullopt : std::optional(found->second);
  }
  const int fd = open(path.c_str(), O_RDONLY);
  if (fd < 0) return std::nullopt;
  std::string content;
  char block[4096];
  ssize_t got;
  while ((got = ::read(fd, block, sizeof block)) > 0)
    content.append(block, static_cast<std::size_t>(got));
  close(fd);
  return got < 0 ? std::nullopt : std::optional(std::move(content));
}

bool replace(const std::string& path, const std::string& content) {
  if (!is_durable()) {
    if (!memory().directories.contains(parent(path))) return false;
    memory().files[path] = content;
    return true;
  }
  const std::string aside = path + kAside;
  if (write_synced(aside, content) && rename(aside.c_str(), path.c_str()) == 0)
    return sync_directory(parent(path));
  unlink(aside.c_str());
  return false;
}

bool remove(const std::string& path) {
  if (!is_durable()) return memory().files.erase(path) == 1;
  return unlink(path.c_str()) == 0 && sync_directory(parent(path));
}

bool make_directory(const std::string& path) {
  if (!is_durable()) return memory().directories.insert(path).second;
  return mkdir(path.c_str(), 0700) == 0 && sync_directory(parent(path));
}

bool remove_directory(const std::string& path) {
  if (!is_durable()) return memory().directories.erase(path) == 1;
  return rmdir(path.c_str()) == 0 && sync_directory(parent(path));
}

bool list(const std::string& path, std::vector<std::string>& files,
          std::vector<std::string>& directories) {
  if (!is_durable()) {
    list_memory(path, files, directories);
    return memory().directories.contains(path);
  }
  DIR* directory = opendir(path.c_str());
  if (!directory) return false;
  while (const dirent* entry = readdir(directory)) {
    const std::string name = entry->d_name;
    if (name == "." || name == "..") continue;
    if (entry->d_type == DT_DIR) directories.push_back(name);
    if (entry->d_type == DT_REG) files.push_back(name);
  }
  closedir(directory);
  return true;
}

}  // namespace token_store
