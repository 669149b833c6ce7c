#include "wasm/cursor.hh"

#include <cstdio>
#include <utility>

#include "base/utf8.hh"

namespace pylon::wasm {
namespace {

std::string hex(std::size_t value) {
  char text[2 + 16 + 1];
  std::snprintf(text, sizeof text, "0x%zx", value);
  return text;
}

}  // namespace

Error Cursor::error_at(std::size_t file_offset, const std::string& message) const {
  return Error(ErrorKind::kCorrupt, place_ + ", byte " + hex(file_offset) + ": " + message);
}

Result<std::uint8_t> Cursor::u8(std::string_view what) {
  if (at_end()) return fail(error("ends where " + std::string(what) + " should be"));
  return bytes_[position_++];
}

Result<std::uint64_t> Cursor::leb(unsigned bits, bool is_signed, std::string_view what) {
  std::size_t start = offset();
  std::uint64_t value = 0;
  for (unsigned shift = 0;; shift += 7) {
    if (at_end()) return fail(error("ends inside " + std::string(what)));
    std::uint8_t byte = bytes_[position_++];
    std::uint64_t group = byte & 0x7f;
    if (shift + 7 > bits) {
      // The last byte: what does not fit must only repeat the sign (or be zero).
      unsigned used = bits - shift;
      std::uint8_t rest = static_cast<std::uint8_t>(group >> (is_signed ? used - 1 : used));
      std::uint8_t all_ones = static_cast<std::uint8_t>(0x7f >> (is_signed ? used - 1 : used));
      bool fits = rest == 0 || (is_signed && rest == all_ones);
      if (byte >= 0x80 || !fits)
        return fail(error_at(
            start, std::string(what) + " does not fit in " + std::to_string(bits) + " bits"));
    }
    value |= group << shift;
    if (byte >= 0x80) continue;
    if (is_signed && (byte & 0x40) != 0 && shift + 7 < 64)
      value |= ~std::uint64_t{0} << (shift + 7);
    return value;
  }
}

Result<std::uint32_t> Cursor::u32(std::string_view what) {
  PYLON_TRY(value, leb(32, false, what));
  return static_cast<std::uint32_t>(value);
}

Result<std::int32_t> Cursor::s32(std::string_view what) {
  PYLON_TRY(value, leb(32, true, what));
  return static_cast<std::int32_t>(static_cast<std::uint32_t>(value));
}

Result<std::int64_t> Cursor::s64(std::string_view what) {
  PYLON_TRY(value, leb(64, true, what));
  return static_cast<std::int64_t>(value);
}

Result<std::uint64_t> Cursor::u64(std::string_view what) {
  return leb(64, false, what);
}

Result<ByteView> Cursor::bytes(std::size_t count, std::string_view what) {
  if (count > remaining())
    return fail(error(std::string(what) + " should have " + std::to_string(count) +
                      " bytes, but only " + std::to_string(remaining()) + " are left"));
  ByteView out = bytes_.subspan(position_, count);
  position_ += count;
  return out;
}

Result<std::string> Cursor::name(std::string_view what) {
  PYLON_TRY(length, u32(std::string("the length of ") + std::string(what)));
  std::size_t start = offset();
  PYLON_TRY(text, bytes(length, what));
  if (!is_utf8({reinterpret_cast<const char*>(text.data()), text.size()}))
    return fail(error_at(start, std::string(what) + " is not UTF-8"));
  return std::string(text.begin(), text.end());
}

Result<std::uint32_t> Cursor::count(std::string_view what, std::size_t entry_size) {
  std::size_t start = offset();
  PYLON_TRY(count, u32(std::string("the number of ") + std::string(what)));
  if (count > remaining() / entry_size)
    return fail(error_at(start, std::to_string(count) + " " + std::string(what) +
                                    " cannot fit in the " + std::to_string(remaining()) +
                                    " bytes that are left"));
  return count;
}

Result<Cursor> Cursor::part(std::size_t length, std::string place, std::string_view what) {
  std::size_t start = offset();
  PYLON_TRY(view, bytes(length, what));
  return Cursor(view, start, std::move(place));
}

Result<void> Cursor::expect_end() const {
  if (!at_end()) return fail(error(std::to_string(remaining()) + " bytes too many"));
  return {};
}

}  // namespace pylon::wasm
