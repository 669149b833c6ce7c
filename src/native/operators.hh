// The instructions of WebAssembly that are a plain expression of their operands, as a table.
#pragma once

#include <cstdint>
#include <string_view>

namespace pylon::native {

/// Instructions that are no such expression, beside those that src/wasm names.
enum Opcode : std::uint8_t {
  kNop = 0x01,
  kBlock = 0x02,
  kLoop = 0x03,
  kIf = 0x04,
  kElse = 0x05,
  kBranch = 0x0c,
  kBranchIf = 0x0d,
  kBranchTable = 0x0e,
  kReturn = 0x0f,
  kDrop = 0x1a,
  kSelect = 0x1b,
  kTypedSelect = 0x1c,
  kLocalSet = 0x21,
  kLocalTee = 0x22,
  kGlobalSet = 0x24,
  kMemorySize = 0x3f,
  kMemoryGrow = 0x40,
};
/// The block type of a block without parameters and results.
constexpr std::uint8_t kEmptyBlock = 0x40;

/// An instruction without immediates that takes operands from the stack and leaves one value.
struct Operator {
  std::uint8_t opcode = 0;      ///< after the prefix 0xfc, if `saturating`
  std::string_view operands;    ///< a letter each: i = i32, l = i64, f = f32, d = f64
  char result = 0;              ///< a letter
  std::string_view expression;  ///< C, with $1 and $2 for the operands
};

/// A load or a store.
struct Access {
  std::uint8_t opcode = 0;
  bool store = false;
  char value = 0;           ///< the letter of the value on the stack
  std::string_view memory;  ///< the C type of what lies in memory
  std::uint8_t size = 0;    ///< its bytes
};

/// The entry for `opcode`, or null.
const Operator* find_operator(std::uint8_t opcode);
/// The entry for the instruction 0xfc `opcode`, or null.
const Operator* find_saturating_operator(std::uint32_t opcode);
const Access* find_access(std::uint8_t opcode);

}  // namespace pylon::native
