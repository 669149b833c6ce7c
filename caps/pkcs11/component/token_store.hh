// Where the tokens' files are: in a directory, else in memory.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace token_store {

/// Keeps the tokens in that directory from now on. False if it is none, or out of reach.
[[nodiscard]] bool keep_in(std::string directory);
/// The directory of the tokens; a path below it names a file or directory of theirs.
const std::string& root();
/// True if root() is a real one: what was written is there after the run.
bool is_durable();

/// A file's content; none if it is not there or cannot be read.
std::optional<std::string> read(const std::string& path);
/// Replaces a file whole: written aside, synced, renamed. False if the old content is still there.
[[nodiscard]] bool replace(const std::string& path, const std::string& content);
bool remove(const std::string& path);

bool make_directory(const std::string& path);
bool remove_directory(const std::string& path);
/// The names in a directory. False if it cannot be read.
bool list(const std::string& path, std::vector<std::string>& files,
          std::vector<std::string>& directories);

}  // namespace token_store
