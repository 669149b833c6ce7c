// Where in a compiled file the memory image lies: the small JSON file beside python.cold.cwasm.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/error.hh"

namespace pylon::snapshot {

/// The record, version 1. The file is named like the compiled file with ".image.json" appended.
struct ImageRecord {
  static constexpr int kVersion = 1;

  std::uint64_t offset = 0;     ///< of the image in the file, a multiple of the page size
  std::uint32_t start = 0;      ///< guest address of the image's first byte
  std::uint32_t length = 0;     ///< of the image; start + length is the initial memory size
  std::uint64_t file_size = 0;  ///< of the compiled file
  std::string file_sha256;      ///< of the compiled file with the cold image in it

  /// Parses the JSON text; a missing or unknown field or another version is kCorrupt. `name` stands
  /// for the file in messages.
  static Result<ImageRecord> parse(std::string_view json, const std::string& name);
  std::string json() const;

  /// The record's path for a compiled file.
  static std::filesystem::path path_for(const std::filesystem::path& cwasm);
};

}  // namespace pylon::snapshot
