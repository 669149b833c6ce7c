// Directories of a person, and whether one may be relied on.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>

#include "base/error.hh"

namespace pylon::runtime {

/// $XDG_DATA_HOME/pylon, else ~/.local/share/pylon: a person's trust, blobs, code and records.
/// Nothing if neither variable is set.
std::optional<std::filesystem::path> person_directory();

/// Takes another directory for it in this process, before anything has asked.
void set_person_directory(std::filesystem::path directory);

/// person_directory(), or else a directory of this user's below $TMPDIR or /tmp that nobody else
/// may use, for what can be made again. kRefused if somebody else has taken its name.
Result<std::filesystem::path> cache_directory();

/// Refused (kRefused) unless the directory is this user's, root's or `owner`'s, and nobody else may
/// write it: what lies in it is used without another look. kIo if it is not there.
Result<void> check_private(const std::filesystem::path& directory, uid_t owner);

/// Makes a directory that only its owner can write, and those above it.
Result<void> make_private(const std::filesystem::path& directory);

/// Who owns a file; this user if it is not there.
uid_t owner_of(const std::filesystem::path& file);

}  // namespace pylon::runtime
