// lib/pylon/manifest.json: what an install consists of, by size and digest; and the stamps that
// spare hashing.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include "base/error.hh"

namespace pylon::runtime {

/// A file as the build made it.
struct FileRecord {
  std::uint64_t size = 0;
  std::string sha256;
};

/// The content of manifest.json. It holds no times and no paths of the machine: the same build
/// gives the same bytes, but for the snapshot's record.
struct Manifest {
  static constexpr int kVersion = 1;

  std::string python;                       ///< version of CPython
  std::string engine;                       ///< engine::Engine::version() that compiled the images
  std::map<std::string, FileRecord> files;  ///< by name in lib/pylon
  FileRecord library;  ///< the standard library: number of files, digest_tree()

  /// Parses manifest.json; another version, a missing or an unknown field is kCorrupt.
  static Result<Manifest> parse(std::string_view json);

  /// The JSON text, the same for the same content.
  std::string json() const;

  /// Writes manifest.json into `directory` (lib/pylon), and the stamps of the files that match it.
  Result<void> write(const std::filesystem::path& directory) const;
};

/// The manifest of what lies in `directory` (lib/pylon): its images (what is named python.*) and
/// the library in python<major>.<minor>, for the version `python`.
Result<Manifest> take_inventory(const std::filesystem::path& directory, std::string python,
                                std::string engine);

/// The name of the library's directory for a version of CPython: "python3.14" for "3.14.0".
std::string library_name(std::string_view python);

/// The digest of a directory: SHA-256 over the lines `<sha256>  <relative path>\n` of its regular
/// files, sorted by path; `size` is their number. Links and other kinds of files are kCorrupt.
Result<FileRecord> digest_tree(const std::filesystem::path& directory);

/// Size and digest of a file.
Result<FileRecord> digest_file(const std::filesystem::path& file);

/// Compares a file with its record without reading it if its stamp (size, time and digest,
/// noted in the file `stamps` beside it when it was last hashed) still fits; else hashes it and
/// notes a new stamp, if the directory can be written. A difference is kCorrupt and names the file.
Result<void> check_file(const std::filesystem::path& file, const FileRecord& expected);

}  // namespace pylon::runtime
