// Exchanges the memory image inside a compiled file.
#pragma once

#include <filesystem>
#include <span>

#include "base/file.hh"
#include "snapshot/image_record.hh"

namespace pylon::snapshot {

/// A compiled file in memory, with the place of its image.
class ImagePatch {
 public:
  /// Searches `cwasm` for `image`, compared whole, at the page-aligned offsets. None or more than
  /// one is kInternal: the engine's compiler does not keep the segment as expected.
  static Result<ImagePatch> find(Bytes cwasm, std::span<const std::uint8_t> image,
                                 std::uint32_t start);

  /// Reads a compiled file with its record, and checks size, digest and image header. A difference
  /// is kCorrupt.
  static Result<ImagePatch> open(const std::filesystem::path& cwasm);

  /// The image as it is now.
  std::span<const std::uint8_t> image() const;
  /// Where the image lies. The digest is that of the file as it was read; empty if it was searched.
  const ImageRecord& record() const { return record_; }

  /// Puts another image of the same length in place.
  Result<void> replace(std::span<const std::uint8_t> image);

  /// Writes the compiled file: afterwards the old or the new one is there, whole.
  Result<void> write(const std::filesystem::path& path) const;
  /// Writes the record, for the file's present bytes, beside it.
  Result<void> write_record(const std::filesystem::path& cwasm) const;

 private:
  ImagePatch(Bytes cwasm, ImageRecord record)
      : cwasm_(std::move(cwasm)), record_(std::move(record)) {}

  Bytes cwasm_;
  ImageRecord record_;
};

}  // namespace pylon::snapshot
