// Whole-file reads, and writes after which either the old or the new file is there, never a part.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "base/error.hh"

namespace pylon {

using Bytes = std::vector<std::uint8_t>;

/// The error for a failed system call: `doing`, the path and errno's text; kind kIo.
Error io_error(const std::string& doing, const std::filesystem::path& path, int error_number);

/// Reads a whole regular file. A missing file, a directory or more than `limit` bytes is an error
/// of kind kInput.
Result<Bytes> read_file(const std::filesystem::path& path,
                        std::size_t limit = std::size_t{1} << 31);

/// Writes `data` aside in the same directory, syncs, renames over `path` and syncs the directory.
/// On failure the old file is untouched and nothing is left behind.
Result<void> write_file_atomically(const std::filesystem::path& path,
                                   std::span<const std::uint8_t> data, unsigned mode = 0644);

/// Makes what was created, renamed or removed in a directory outlive a crash of the machine.
Result<void> sync_directory(const std::filesystem::path& directory);

}  // namespace pylon
