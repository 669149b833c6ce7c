// Builds WebAssembly binaries.
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>

#include "base/file.hh"
#include "wasm/cursor.hh"

namespace pylon::wasm {

/// Appends WebAssembly's primitive encodings, always in their shortest form, so that equal input
/// gives equal bytes.
class Writer {
 public:
  Writer& u8(std::uint8_t value);
  Writer& u32(std::uint32_t value);
  Writer& s32(std::int32_t value);
  Writer& bytes(ByteView data);
  /// A length and the bytes.
  Writer& name(std::string_view text);
  /// A length and the bytes.
  Writer& sized(ByteView data);
  /// `i32.const value; end`, a whole constant expression.
  Writer& i32_expression(std::uint32_t value);
  /// A whole section.
  Writer& section(std::uint8_t id, ByteView body);
  /// A whole custom section.
  Writer& custom_section(std::string_view name, ByteView body);
  /// The eight bytes that every core module begins with.
  Writer& module_header();

  const Bytes& data() const { return data_; }
  Bytes take() { return std::move(data_); }

 private:
  Bytes data_;
};

}  // namespace pylon::wasm
