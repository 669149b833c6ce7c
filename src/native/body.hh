// One function body as C.
#pragma once

#include <cstdint>
#include <string>

#include "base/error.hh"
#include "wasm/module.hh"

namespace pylon::native {

/// The letter that stands for a value type in names and tables: i, l, f, d; 0 for others.
char letter(std::uint8_t value_type);

/// The C type of a letter: u32, u64, float, double.
const char* c_type(char type);

/// The C signature of a function of this type: "u32 NAME(u32 x0, double x1)".
std::string signature(const wasm::FunctionType& type, const std::string& name);

/// The number of a function type by its structure: the index of the first equal one.
std::uint32_t type_number(const wasm::Module& module, std::uint32_t type_index);

/// The definition of the defined function `index` (counted from the first defined one). What is
/// outside numeric instructions, structured control, one memory and one table is kInput and names
/// the instruction.
Result<std::string> translate_body(const wasm::Module& module, std::uint32_t index);

}  // namespace pylon::native
