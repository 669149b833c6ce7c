// Absolute paths as the guest sees them, and where they really lead on the host.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace pylon::runtime {

/// `path` made absolute against `directory` (itself absolute), without `.`, `..`, repeated or
/// trailing slashes. Purely lexical: symbolic links are not looked at. An empty path is
/// `directory`.
std::string absolute_path(std::string_view path, std::string_view directory);

/// The path with every symbolic link resolved, or nothing if it does not exist or may not be looked
/// up.
std::optional<std::string> real_path(const std::string& path);

/// The same, but only the directory part has to exist.
std::optional<std::string> real_path_of_entry(const std::string& path);

/// The directory part of an absolute path; "/" for "/" and "/x".
std::string parent_path(std::string_view path);

/// The last component of an absolute path; empty for "/".
std::string base_name(std::string_view path);

/// True if `path` is `directory` or lies below it. Both absolute and normal.
bool contains_path(std::string_view directory, std::string_view path);

/// What lies at a path, following symbolic links.
enum class PathKind { kMissing, kFile, kDirectory, kOther };
PathKind path_kind(const std::string& path);

}  // namespace pylon::runtime
