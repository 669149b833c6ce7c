// What the C made from a WebAssembly module relies on (src/native writes it beside that C). Freestanding: the host
// program gives the few functions of a C library that are needed (src/engine/native_code.cc).
#pragma once

#include "native/host.h"

typedef unsigned char u8;
typedef signed char s8;
typedef unsigned short u16;
typedef signed short s16;
typedef unsigned int u32;
typedef signed int s32;
typedef unsigned long long u64;
typedef signed long long s64;

#define COLD __attribute__((cold, noinline, noreturn, visibility("hidden")))
#define INLINE static inline __attribute__((always_inline))
#define UNLIKELY(condition) __builtin_expect(!!(condition), 0)

extern native_host pylon_host __attribute__((visibility("hidden")));

COLD void pylon_trap(u32 why);

/// An entry of the function table: the number of the function's type, and where its code lies, relative to the table.
typedef struct {
  u32 type;
  s32 code;
} native_entry;
extern const native_entry pylon_table[] __attribute__((visibility("hidden")));
extern const u32 pylon_table_size __attribute__((visibility("hidden")));

// Linear memory is the segment GS: an address is an offset of 32 bits and a constant, so it lies in the memory or in the
// guard region behind it, whatever the module does.
#define GUEST __attribute__((address_space(256)))
#define AT(type, address, offset) \
  (*(type GUEST __attribute__((aligned(1), may_alias))*)((u64)(u32)(address) + (offset)))

// An offset that reaches beyond the guard region is added first and checked.
INLINE u32 FAR(u32 address, u64 offset) {
  u64 sum = address + offset;
  if (UNLIKELY(sum >> 32)) pylon_trap(TRAP_ADDRESS);
  return (u32)sum;
}

INLINE u8* RANGE(u32 address, u32 size) {
  if (UNLIKELY(((u64)address + size) >> 32)) pylon_trap(TRAP_ADDRESS);
  return pylon_host.memory + address;
}
INLINE void MEMORY_COPY(u32 to, u32 from, u32 size) { pylon_host.move(RANGE(to, size), RANGE(from, size), size); }
INLINE void MEMORY_FILL(u32 to, u32 value, u32 size) { pylon_host.fill(RANGE(to, size), (u8)value, size); }

INLINE const void* FUNCTION(u32 index, u32 type) {
  if (UNLIKELY(index >= pylon_table_size)) pylon_trap(TRAP_TABLE);
  if (UNLIKELY(pylon_table[index].type != type)) pylon_trap(TRAP_SIGNATURE);
  return (const u8*)pylon_table + pylon_table[index].code;
}

INLINE u32 CLZ32(u32 x) { return x ? (u32)__builtin_clz(x) : 32; }
INLINE u32 CTZ32(u32 x) { return x ? (u32)__builtin_ctz(x) : 32; }
INLINE u64 CLZ64(u64 x) { return x ? (u64)__builtin_clzll(x) : 64; }
INLINE u64 CTZ64(u64 x) { return x ? (u64)__builtin_ctzll(x) : 64; }
INLINE u32 ROTL32(u32 x, u32 n) { return x << (n & 31) | x >> (-n & 31); }
INLINE u32 ROTR32(u32 x, u32 n) { return x >> (n & 31) | x << (-n & 31); }
INLINE u64 ROTL64(u64 x, u64 n) { return x << (n & 63) | x >> (-n & 63); }
INLINE u64 ROTR64(u64 x, u64 n) { return x >> (n & 63) | x << (-n & 63); }

#define DIVIDE(name, type, operator)                     \
  INLINE type name(type a, type b) {                     \
    if (UNLIKELY(b == 0)) pylon_trap(TRAP_DIVISION);     \
    return a operator b;                                 \
  }
DIVIDE(DIV_U32, u32, /)
DIVIDE(REM_U32, u32, %)
DIVIDE(DIV_U64, u64, /)
DIVIDE(REM_U64, u64, %)
#define DIVIDE_SIGNED(divide, rest, type, signed_type)                                        \
  INLINE type divide(type a, type b) {                                                        \
    if (UNLIKELY(b == 0)) pylon_trap(TRAP_DIVISION);                                          \
    if (UNLIKELY(b == (type)-1 && a == (type)1 << (sizeof(type) * 8 - 1))) pylon_trap(TRAP_OVERFLOW); \
    return (type)((signed_type)a / (signed_type)b);                                           \
  }                                                                                           \
  INLINE type rest(type a, type b) {                                                          \
    if (UNLIKELY(b == 0)) pylon_trap(TRAP_DIVISION);                                          \
    return b == (type)-1 ? 0 : (type)((signed_type)a % (signed_type)b);                       \
  }
DIVIDE_SIGNED(DIV_S32, REM_S32, u32, s32)
DIVIDE_SIGNED(DIV_S64, REM_S64, u64, s64)

INLINE u32 BITS_OF_F32(float x) { return __builtin_bit_cast(u32, x); }
INLINE u64 BITS_OF_F64(double x) { return __builtin_bit_cast(u64, x); }
INLINE float F32_OF_BITS(u32 x) { return __builtin_bit_cast(float, x); }
INLINE double F64_OF_BITS(u64 x) { return __builtin_bit_cast(double, x); }

// The smaller or larger one: a NaN if either is, and -0 below +0.
#define EXTREME(name, type, bits, of_bits, bits_of, operator, zeros)                \
  INLINE type name(type a, type b) {                                                \
    if (UNLIKELY(a != a || b != b)) return a + b;                                   \
    if (UNLIKELY(a == b)) return of_bits((bits)(bits_of(a) zeros bits_of(b)));      \
    return a operator b ? a : b;                                                    \
  }
EXTREME(MIN_F32, float, u32, F32_OF_BITS, BITS_OF_F32, <, |)
EXTREME(MAX_F32, float, u32, F32_OF_BITS, BITS_OF_F32, >, &)
EXTREME(MIN_F64, double, u64, F64_OF_BITS, BITS_OF_F64, <, |)
EXTREME(MAX_F64, double, u64, F64_OF_BITS, BITS_OF_F64, >, &)

// Conversions of a float (promoted: exact) towards zero. The bounds are the nearest floats outside the range.
#define CONVERT(suffix, type, signed_type, above, below_or_equal, least, most)               \
  INLINE type TRUNC_##suffix(double x) {                                                     \
    if (UNLIKELY(!(x below_or_equal && x < above))) pylon_trap(TRAP_CONVERSION);             \
    return (type)(signed_type)x;                                                             \
  }                                                                                          \
  INLINE type SATURATE_##suffix(double x) {                                                  \
    if (UNLIKELY(x != x)) return 0;                                                          \
    if (UNLIKELY(!(x below_or_equal))) return (type)least;                                   \
    if (UNLIKELY(!(x < above))) return (type)most;                                           \
    return (type)(signed_type)x;                                                             \
  }
CONVERT(S32, u32, s32, 2147483648.0, > -2147483649.0, 0x80000000, 0x7fffffff)
CONVERT(U32, u32, u32, 4294967296.0, > -1.0, 0, 0xffffffff)
CONVERT(S64, u64, s64, 9223372036854775808.0, >= -9223372036854775808.0, 0x8000000000000000, 0x7fffffffffffffff)
CONVERT(U64, u64, u64, 18446744073709551616.0, > -1.0, 0, 0xffffffffffffffff)
