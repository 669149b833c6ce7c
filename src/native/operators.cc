#include "native/operators.hh"

#include <array>

namespace pylon::native {
namespace {

// Functions in capitals are defined in support.h. Source: the WebAssembly core specification 2.0,
// sections 4.3 and 5.4.
constexpr Operator kOperators[] = {
    {0x45, "i", 'i', "!$1"},
    {0x46, "ii", 'i', "$1 == $2"},
    {0x47, "ii", 'i', "$1 != $2"},
    {0x48, "ii", 'i', "(s32)$1 < (s32)$2"},
    {0x49, "ii", 'i', "$1 < $2"},
    {0x4a, "ii", 'i', "(s32)$1 > (s32)$2"},
    {0x4b, "ii", 'i', "$1 > $2"},
    {0x4c, "ii", 'i', "(s32)$1 <= (s32)$2"},
    {0x4d, "ii", 'i', "$1 <= $2"},
    {0x4e, "ii", 'i', "(s32)$1 >= (s32)$2"},
    {0x4f, "ii", 'i', "$1 >= $2"},
    {0x50, "l", 'i', "!$1"},
    {0x51, "ll", 'i', "$1 == $2"},
    {0x52, "ll", 'i', "$1 != $2"},
    {0x53, "ll", 'i', "(s64)$1 < (s64)$2"},
    {0x54, "ll", 'i', "$1 < $2"},
    {0x55, "ll", 'i', "(s64)$1 > (s64)$2"},
    {0x56, "ll", 'i', "$1 > $2"},
    {0x57, "ll", 'i', "(s64)$1 <= (s64)$2"},
    {0x58, "ll", 'i', "$1 <= $2"},
    {0x59, "ll", 'i', "(s64)$1 >= (s64)$2"},
    {0x5a, "ll", 'i', "$1 >= $2"},
    {0x5b, "ff", 'i', "$1 == $2"},
    {0x5c, "ff", 'i', "$1 != $2"},
    {0x5d, "ff", 'i', "$1 < $2"},
    {0x5e, "ff", 'i', "$1 > $2"},
    {0x5f, "ff", 'i', "$1 <= $2"},
    {0x60, "ff", 'i', "$1 >= $2"},
    {0x61, "dd", 'i', "$1 == $2"},
    {0x62, "dd", 'i', "$1 != $2"},
    {0x63, "dd", 'i', "$1 < $2"},
    {0x64, "dd", 'i', "$1 > $2"},
    {0x65, "dd", 'i', "$1 <= $2"},
    {0x66, "dd", 'i', "$1 >= $2"},
    {0x67, "i", 'i', "CLZ32($1)"},
    {0x68, "i", 'i', "CTZ32($1)"},
    {0x69, "i", 'i', "__builtin_popcount($1)"},
    {0x6a, "ii", 'i', "$1 + $2"},
    {0x6b, "ii", 'i', "$1 - $2"},
    {0x6c, "ii", 'i', "$1 * $2"},
    {0x6d, "ii", 'i', "DIV_S32($1, $2)"},
    {0x6e, "ii", 'i', "DIV_U32($1, $2)"},
    {0x6f, "ii", 'i', "REM_S32($1, $2)"},
    {0x70, "ii", 'i', "REM_U32($1, $2)"},
    {0x71, "ii", 'i', "$1 & $2"},
    {0x72, "ii", 'i', "$1 | $2"},
    {0x73, "ii", 'i', "$1 ^ $2"},
    {0x74, "ii", 'i', "$1 << ($2 & 31)"},
    {0x75, "ii", 'i', "(u32)((s32)$1 >> ($2 & 31))"},
    {0x76, "ii", 'i', "$1 >> ($2 & 31)"},
    {0x77, "ii", 'i', "ROTL32($1, $2)"},
    {0x78, "ii", 'i', "ROTR32($1, $2)"},
    {0x79, "l", 'l', "CLZ64($1)"},
    {0x7a, "l", 'l', "CTZ64($1)"},
    {0x7b, "l", 'l', "__builtin_popcountll($1)"},
    {0x7c, "ll", 'l', "$1 + $2"},
    {0x7d, "ll", 'l', "$1 - $2"},
    {0x7e, "ll", 'l', "$1 * $2"},
    {0x7f, "ll", 'l', "DIV_S64($1, $2)"},
    {0x80, "ll", 'l', "DIV_U64($1, $2)"},
    {0x81, "ll", 'l', "REM_S64($1, $2)"},
    {0x82, "ll", 'l', "REM_U64($1, $2)"},
    {0x83, "ll", 'l', "$1 & $2"},
    {0x84, "ll", 'l', "$1 | $2"},
    {0x85, "ll", 'l', "$1 ^ $2"},
    {0x86, "ll", 'l', "$1 << ($2 & 63)"},
    {0x87, "ll", 'l', "(u64)((s64)$1 >> ($2 & 63))"},
    {0x88, "ll", 'l', "$1 >> ($2 & 63)"},
    {0x89, "ll", 'l', "ROTL64($1, $2)"},
    {0x8a, "ll", 'l', "ROTR64($1, $2)"},
    {0x8b, "f", 'f', "__builtin_fabsf($1)"},
    {0x8c, "f", 'f', "-$1"},
    {0x8d, "f", 'f', "__builtin_ceilf($1)"},
    {0x8e, "f", 'f', "__builtin_floorf($1)"},
    {0x8f, "f", 'f', "__builtin_truncf($1)"},
    {0x90, "f", 'f', "__builtin_rintf($1)"},
    {0x91, "f", 'f', "__builtin_sqrtf($1)"},
    {0x92, "ff", 'f', "$1 + $2"},
    {0x93, "ff", 'f', "$1 - $2"},
    {0x94, "ff", 'f', "$1 * $2"},
    {0x95, "ff", 'f', "$1 / $2"},
    {0x96, "ff", 'f', "MIN_F32($1, $2)"},
    {0x97, "ff", 'f', "MAX_F32($1, $2)"},
    {0x98, "ff", 'f', "__builtin_copysignf($1, $2)"},
    {0x99, "d", 'd', "__builtin_fabs($1)"},
    {0x9a, "d", 'd', "-$1"},
    {0x9b, "d", 'd', "__builtin_ceil($1)"},
    {0x9c, "d", 'd', "__builtin_floor($1)"},
    {0x9d, "d", 'd', "__builtin_trunc($1)"},
    {0x9e, "d", 'd', "__builtin_rint($1)"},
    {0x9f, "d", 'd', "__builtin_sqrt($1)"},
    {0xa0, "dd", 'd', "$1 + $2"},
    {0xa1, "dd", 'd', "$1 - $2"},
    {0xa2, "dd", 'd', "$1 * $2"},
    {0xa3, "dd", 'd', "$1 / $2"},
    {0xa4, "dd", 'd', "MIN_F64($1, $2)"},
    {0xa5, "dd", 'd', "MAX_F64($1, $2)"},
    {0xa6, "dd", 'd', "__builtin_copysign($1, $2)"},
    {0xa7, "l", 'i', "(u32)$1"},
    {0xa8, "f", 'i', "TRUNC_S32($1)"},
    {0xa9, "f", 'i', "TRUNC_U32($1)"},
    {0xaa, "d", 'i', "TRUNC_S32($1)"},
    {0xab, "d", 'i', "TRUNC_U32($1)"},
    {0xac, "i", 'l', "(u64)(s64)(s32)$1"},
    {0xad, "i", 'l', "(u64)$1"},
    {0xae, "f", 'l', "TRUNC_S64($1)"},
    {0xaf, "f", 'l', "TRUNC_U64($1)"},
    {0xb0, "d", 'l', "TRUNC_S64($1)"},
    {0xb1, "d", 'l', "TRUNC_U64($1)"},
    {0xb2, "i", 'f', "(float)(s32)$1"},
    {0xb3, "i", 'f', "(float)$1"},
    {0xb4, "l", 'f', "(float)(s64)$1"},
    {0xb5, "l", 'f', "(float)$1"},
    {0xb6, "d", 'f', "(float)$1"},
    {0xb7, "i", 'd', "(double)(s32)$1"},
    {0xb8, "i", 'd', "(double)$1"},
    {0xb9, "l", 'd', "(double)(s64)$1"},
    {0xba, "l", 'd', "(double)$1"},
    {0xbb, "f", 'd', "(double)$1"},
    {0xbc, "f", 'i', "BITS_OF_F32($1)"},
    {0xbd, "d", 'l', "BITS_OF_F64($1)"},
    {0xbe, "i", 'f', "F32_OF_BITS($1)"},
    {0xbf, "l", 'd', "F64_OF_BITS($1)"},
    {0xc0, "i", 'i', "(u32)(s32)(s8)$1"},
    {0xc1, "i", 'i', "(u32)(s32)(s16)$1"},
    {0xc2, "l", 'l', "(u64)(s64)(s8)$1"},
    {0xc3, "l", 'l', "(u64)(s64)(s16)$1"},
    {0xc4, "l", 'l', "(u64)(s64)(s32)$1"},
};

constexpr Operator kSaturating[] = {
    {0, "f", 'i', "SATURATE_S32($1)"}, {1, "f", 'i', "SATURATE_U32($1)"},
    {2, "d", 'i', "SATURATE_S32($1)"}, {3, "d", 'i', "SATURATE_U32($1)"},
    {4, "f", 'l', "SATURATE_S64($1)"}, {5, "f", 'l', "SATURATE_U64($1)"},
    {6, "d", 'l', "SATURATE_S64($1)"}, {7, "d", 'l', "SATURATE_U64($1)"},
};

constexpr Access kAccesses[] = {
    {0x28, false, 'i', "u32", 4},    {0x29, false, 'l', "u64", 8},  {0x2a, false, 'f', "float", 4},
    {0x2b, false, 'd', "double", 8}, {0x2c, false, 'i', "s8", 1},   {0x2d, false, 'i', "u8", 1},
    {0x2e, false, 'i', "s16", 2},    {0x2f, false, 'i', "u16", 2},  {0x30, false, 'l', "s8", 1},
    {0x31, false, 'l', "u8", 1},     {0x32, false, 'l', "s16", 2},  {0x33, false, 'l', "u16", 2},
    {0x34, false, 'l', "s32", 4},    {0x35, false, 'l', "u32", 4},  {0x36, true, 'i', "u32", 4},
    {0x37, true, 'l', "u64", 8},     {0x38, true, 'f', "float", 4}, {0x39, true, 'd', "double", 8},
    {0x3a, true, 'i', "u8", 1},      {0x3b, true, 'i', "u16", 2},   {0x3c, true, 'l', "u8", 1},
    {0x3d, true, 'l', "u16", 2},     {0x3e, true, 'l', "u32", 4},
};

// The entry of a table that is sorted by opcode without gaps, or null.
template <typename Entry, std::size_t count>
const Entry* entry(const Entry (&table)[count], std::uint32_t opcode) {
  const std::uint32_t index = opcode - table[0].opcode;
  return opcode >= table[0].opcode && index < count ? &table[index] : nullptr;
}

template <typename Entry, std::size_t count>
constexpr bool without_gaps(const Entry (&table)[count]) {
  for (std::size_t i = 0; i < count; ++i)
    if (table[i].opcode != table[0].opcode + i) return false;
  return true;
}
static_assert(without_gaps(kOperators) && without_gaps(kSaturating) && without_gaps(kAccesses));

}  // namespace

const Operator* find_operator(std::uint8_t opcode) {
  return entry(kOperators, opcode);
}
const Operator* find_saturating_operator(std::uint32_t opcode) {
  return entry(kSaturating, opcode);
}
const Access* find_access(std::uint8_t opcode) {
  return entry(kAccesses, opcode);
}

}  // namespace pylon::native
