// SHA-256, the name of every blob.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

#include "base/error.hh"

namespace pylon {

/// The digest of `data`, in lower-case hexadecimal.
std::string sha256(std::span<const std::uint8_t> data);

/// The digest of a file's content, read in pieces, in lower-case hexadecimal. kIo if it cannot be
/// read.
Result<std::string> sha256_of_file(const std::filesystem::path& path);

}  // namespace pylon
