// Deterministic CBOR (RFC 8949, section 4.2): heads of items, read strictly and written shortest.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum {
  CBOR_UNSIGNED,
  CBOR_NEGATIVE,
  CBOR_BYTES,
  CBOR_TEXT,
  CBOR_ARRAY,
  CBOR_MAP,
  CBOR_TAG,
  CBOR_SIMPLE
};
enum { CBOR_FALSE = 0xf4, CBOR_TRUE = 0xf5, CBOR_NULL = 0xf6, CBOR_F32 = 0xfa, CBOR_F64 = 0xfb };

typedef struct {
  const uint8_t* at;
  const uint8_t* end;
} cbor_reader;

static inline size_t cbor_left(const cbor_reader* in) {
  return (size_t)(in->end - in->at);
}

/// Reads a number of `size` bytes, most significant first.
static inline uint64_t cbor_big_endian(const uint8_t* at, size_t size) {
  uint64_t value = 0;
  for (size_t i = 0; i < size; i++) value = value << 8 | at[i];
  return value;
}

/// Reads the head of an item other than a simple value; false if there is none or it is not the
/// shortest.
static inline bool cbor_head(cbor_reader* in, unsigned* major, uint64_t* value) {
  if (in->at == in->end) return false;
  unsigned first = *in->at++, info = first & 31;
  *major = first >> 5;
  *value = info;
  if (*major == CBOR_SIMPLE) return false;
  if (info < 24) return true;
  if (info > 27) return false;
  size_t size = (size_t)1 << (info - 24);
  if (cbor_left(in) < size) return false;
  *value = cbor_big_endian(in->at, size);
  in->at += size;
  return *value >= (info == 24 ? 24 : (uint64_t)1 << (size * 4));
}

/// Reads a head of this major type.
static inline bool cbor_expect(cbor_reader* in, unsigned major, uint64_t* value) {
  unsigned found;
  return cbor_head(in, &found, value) && found == major;
}

/// Reads the head of an array, whose elements have at least a byte each.
static inline bool cbor_array(cbor_reader* in, size_t* count) {
  uint64_t value;
  if (!cbor_expect(in, CBOR_ARRAY, &value) || value > cbor_left(in)) return false;
  *count = (size_t)value;
  return true;
}

/// Reads a byte or text string, which stays where it is.
static inline bool cbor_string(cbor_reader* in, unsigned major, const uint8_t** data,
                               size_t* size) {
  uint64_t value;
  if (!cbor_expect(in, major, &value) || value > cbor_left(in)) return false;
  *data = in->at;
  *size = (size_t)value;
  in->at += value;
  return true;
}

/// Reads a byte if it is this one.
static inline bool cbor_byte(cbor_reader* in, uint8_t byte) {
  if (in->at == in->end || *in->at != byte) return false;
  in->at++;
  return true;
}

#define CBOR_HEAD_SIZE 9  // the longest

/// Writes a head to `out`, which has room for the longest; returns its end.
static inline uint8_t* cbor_put_head(uint8_t* out, unsigned major, uint64_t value) {
  if (value < 24) {
    *out++ = (uint8_t)(major << 5 | value);
    return out;
  }
  unsigned power = value < 0x100 ? 0 : value < 0x10000 ? 1 : value <= 0xffffffff ? 2 : 3;
  *out++ = (uint8_t)(major << 5 | (24 + power));
  for (int shift = (8 << power) - 8; shift >= 0; shift -= 8) *out++ = (uint8_t)(value >> shift);
  return out;
}
