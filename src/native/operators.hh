// The instructions of WebAssembly that are a plain expression of their operands, as a table.
#pragma once

#include <cstdint>
#include <string_view>

namespace pylon::native {

/// An instruction without immediates that takes operands from the stack and leaves one value.
struct Operator {
  std::uint8_t opcode = 0;       ///< after the prefix 0xfc, if `saturating`
  std::string_view operands;     ///< a letter each: i = i32, l = i64, f = f32, d = f64
  char result = 0;               ///< a letter
  std::string_view expression;   ///< C, with $1 and $2 for the operands
};

/// A load or a store.
struct Access {
  std::uint8_t opcode = 0;
  bool store = false;
  char value = 0;             ///< the letter of the value on the stack
  std::string_view memory;    ///< the C type of what lies in memory
  std::uint8_t size = 0;      ///< its bytes
};

/// The entry for `opcode`, or null.
const Operator* find_operator(std::uint8_t opcode);
/// The entry for the instruction 0xfc `opcode`, or null.
const Operator* find_saturating_operator(std::uint32_t opcode);
const Access* find_access(std::uint8_t opcode);

}  // namespace pylon::native
