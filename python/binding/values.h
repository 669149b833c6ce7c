// Python objects to payloads and back.
#pragma once

#include "binding/cbor.h"
#include "binding/contract.h"

#define CAP_INLINE_BYTES 512
#define CAP_INLINE_LOANS 4

/// A resource that a request refers to.
typedef struct {
  cap_resource* resource;
  bool given;  ///< by own: it belongs to the provider once the call has been made
} cap_loan;

/// Writes one request (or the answer of a callback). Messages of exceptions name the function and
/// the parameter.
typedef struct {
  const cap_contract* contract;
  const cap_function* function;
  PyObject* parameter;  ///< NULL: the value is a callback's result
  uint8_t* data;
  size_t size, capacity;
  cap_loan* loans;
  size_t loan_count, loan_capacity;
  uint8_t inline_bytes[CAP_INLINE_BYTES];
  cap_loan inline_loans[CAP_INLINE_LOANS];
} cap_writer;

void cap_writer_open(cap_writer* out, const cap_contract* contract, const cap_function* function);
/// Releases everything; resources that were given are dead from here on if `given`.
void cap_writer_close(cap_writer* out, bool given);
/// Writes the head of an array; false with an exception.
bool cap_write_array(cap_writer* out, size_t count);
/// Writes a value; false with an exception.
bool cap_write(cap_writer* out, const cap_type* type, PyObject* value);
/// Sets an exception whose text begins with the function and the parameter; false.
bool cap_refuse(const cap_writer* out, PyObject* exception, const char* format, ...);
/// Takes a view of an object's bytes; false with an exception.
bool cap_view(const cap_writer* out, PyObject* value, Py_buffer* view);

/// Reads a value; NULL with an exception, or without one if the bytes are not what the contract
/// says.
PyObject* cap_read(cap_contract* contract, cbor_reader* in, const cap_type* type);

/// Reads a list of numbers of any type, which its tag tells; NULL as above.
PyObject* cap_read_numbers(cbor_reader* in);

/// Lists of numbers travel as one block of little-endian elements under a tag (RFC 8746).
typedef struct {
  uint8_t tag;
  size_t size;          ///< of an element; 0 for a type that does not travel so
  const char* formats;  ///< of buffers with such elements, in struct's notation
} cap_packing;

extern const cap_packing cap_packings[CAP_CHAR];
