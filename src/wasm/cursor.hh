// Reads WebAssembly's primitive encodings from bytes that nobody vouches for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/error.hh"

namespace pylon::wasm {

using ByteView = std::span<const std::uint8_t>;

/// A position in a run of bytes. Every read is checked against the end; a failed read is an Error
/// of kind kCorrupt that names the place ("libc.so: import section, byte 0x31a: ...", the offset
/// counted from the beginning of the file). The bytes must outlive the cursor.
class Cursor {
 public:
  /// `base` is the file offset of the first byte; `place` says which file and section these bytes
  /// are.
  Cursor(ByteView bytes, std::size_t base, std::string place)
      : bytes_(bytes), base_(base), place_(std::move(place)) {}

  bool at_end() const { return position_ == bytes_.size(); }
  std::size_t remaining() const { return bytes_.size() - position_; }
  /// Bytes read so far.
  std::size_t position() const { return position_; }
  /// Offset of the next byte in the file.
  std::size_t offset() const { return base_ + position_; }
  const std::string& place() const { return place_; }

  /// `what` is what is being read, for the message.
  Result<std::uint8_t> u8(std::string_view what);
  /// LEB128 with at most 5 bytes; bits beyond the 32nd must be zero.
  Result<std::uint32_t> u32(std::string_view what);
  /// Signed LEB128 of 32 bits.
  Result<std::int32_t> s32(std::string_view what);
  /// Signed LEB128 of 64 bits.
  Result<std::int64_t> s64(std::string_view what);
  /// LEB128 of 64 bits.
  Result<std::uint64_t> u64(std::string_view what);
  /// The next `count` bytes.
  Result<ByteView> bytes(std::size_t count, std::string_view what);
  /// A length and so many bytes of UTF-8.
  Result<std::string> name(std::string_view what);
  /// The length of a vector whose entries take at least `entry_size` bytes each: never more than
  /// could be there, so that a caller may reserve that many entries.
  Result<std::uint32_t> count(std::string_view what, std::size_t entry_size = 1);
  /// A cursor over the next `length` bytes, which this one skips.
  Result<Cursor> part(std::size_t length, std::string place, std::string_view what);

  /// The error that `message` is, at the current position.
  Error error(const std::string& message) const { return error_at(offset(), message); }
  /// The same at a given file offset.
  Error error_at(std::size_t file_offset, const std::string& message) const;

  /// An error unless everything has been read.
  Result<void> expect_end() const;

 private:
  // LEB128 of up to `bits` bits, sign-extended if `is_signed`.
  Result<std::uint64_t> leb(unsigned bits, bool is_signed, std::string_view what);

  ByteView bytes_;
  std::size_t base_;
  std::string place_;
  std::size_t position_ = 0;
};

}  // namespace pylon::wasm
