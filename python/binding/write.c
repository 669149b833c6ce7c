// Python objects to the bytes of a request.
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>

#include "binding/values.h"

void cap_writer_open(cap_writer* out, const cap_contract* contract, const cap_function* function) {
  out->contract = contract;
  out->function = function;
  out->parameter = NULL;
  out->data = out->inline_bytes;
  out->size = 0;
  out->capacity = CAP_INLINE_BYTES;
  out->loans = out->inline_loans;
  out->loan_count = 0;
  out->loan_capacity = CAP_INLINE_LOANS;
}

void cap_writer_close(cap_writer* out, bool given) {
  for (size_t i = 0; i < out->loan_count; i++) {
    cap_loan* loan = &out->loans[i];
    loan->resource->busy--;
    if (loan->given && given) loan->resource->handle = 0;
    Py_DECREF(loan->resource);
  }
  if (out->loans != out->inline_loans) free(out->loans);
  if (out->data != out->inline_bytes) free(out->data);
}

bool cap_refuse(const cap_writer* out, PyObject* exception, const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  PyObject* reason = PyUnicode_FromFormatV(format, arguments);
  va_end(arguments);
  if (!reason) return false;
  if (out->parameter)
    PyErr_Format(exception, "%U() argument '%U': %U", out->function->python_name, out->parameter,
                 reason);
  else
    PyErr_Format(exception, "result of the callback %U(): %U", out->function->python_name, reason);
  Py_DECREF(reason);
  return false;
}

static bool refuse_type(const cap_writer* out, const char* wanted, PyObject* value) {
  return cap_refuse(out, PyExc_TypeError, "expected %s, not %T", wanted, value);
}

static bool refuse_class(const cap_writer* out, PyObject* class, PyObject* value) {
  return cap_refuse(out, PyExc_TypeError, "expected %N, not %T", class, value);
}

// Room for `size` more bytes; NULL with MemoryError.
static uint8_t* reserve(cap_writer* out, size_t size) {
  if (out->capacity - out->size >= size) return out->data + out->size;
  if (size > PY_SSIZE_T_MAX / 2 - out->size) return (uint8_t*)PyErr_NoMemory();
  size_t capacity = out->capacity * 2 > out->size + size ? out->capacity * 2 : out->size + size;
  uint8_t* moved = realloc(out->data == out->inline_bytes ? NULL : out->data, capacity);
  if (!moved) return (uint8_t*)PyErr_NoMemory();
  if (out->data == out->inline_bytes) memcpy(moved, out->inline_bytes, out->size);
  out->data = moved;
  out->capacity = capacity;
  return moved + out->size;
}

static bool put_head(cap_writer* out, unsigned major, uint64_t value) {
  uint8_t* at = reserve(out, CBOR_HEAD_SIZE);
  if (!at) return false;
  out->size = (size_t)(cbor_put_head(at, major, value) - out->data);
  return true;
}

static bool put_byte(cap_writer* out, uint8_t byte) {
  uint8_t* at = reserve(out, 1);
  if (!at) return false;
  *at = byte;
  out->size++;
  return true;
}

static bool put_block(cap_writer* out, unsigned major, const void* data, size_t size) {
  uint8_t* at = reserve(out, CBOR_HEAD_SIZE + size);
  if (!at) return false;
  at = cbor_put_head(at, major, size);
  if (size) memcpy(at, data, size);
  out->size = (size_t)(at + size - out->data);
  return true;
}

bool cap_write_array(cap_writer* out, size_t count) {
  return put_head(out, CBOR_ARRAY, count);
}

// ---- numbers

static const struct {
  const char* name;
  int64_t least;
  uint64_t most;
} integers[CAP_S64 + 1] = {
    [CAP_U8] = {"u8", 0, UINT8_MAX},           [CAP_U16] = {"u16", 0, UINT16_MAX},
    [CAP_U32] = {"u32", 0, UINT32_MAX},        [CAP_U64] = {"u64", 0, UINT64_MAX},
    [CAP_S8] = {"s8", INT8_MIN, INT8_MAX},     [CAP_S16] = {"s16", INT16_MIN, INT16_MAX},
    [CAP_S32] = {"s32", INT32_MIN, INT32_MAX}, [CAP_S64] = {"s64", INT64_MIN, INT64_MAX},
};

static bool refuse_range(const cap_writer* out, cap_kind kind) {
  PyObject* least = PyLong_FromLongLong(integers[kind].least);
  PyObject* most = PyLong_FromUnsignedLongLong(integers[kind].most);
  if (least && most)
    cap_refuse(out, PyExc_OverflowError, "out of range for %s (%S to %S)", integers[kind].name,
               least, most);
  Py_XDECREF(least);
  Py_XDECREF(most);
  return false;
}

// An int, or what says by __index__ that it is one; a new reference.
static PyObject* as_integer(const cap_writer* out, PyObject* value) {
  if (PyLong_Check(value)) return Py_NewRef(value);
  if (PyIndex_Check(value)) return PyNumber_Index(value);
  refuse_type(out, "an integer", value);
  return NULL;
}

// The integer's bits; a negative one's are its two's complement.
static bool get_integer(const cap_writer* out, cap_kind kind, PyObject* value, int64_t* bits) {
  PyObject* number = as_integer(out, value);
  if (!number) return false;
  int overflow;
  long long found = PyLong_AsLongLongAndOverflow(number, &overflow);
  bool good = !overflow && found >= integers[kind].least &&
              (found < 0 || (uint64_t)found <= integers[kind].most);
  if (overflow > 0 && kind == CAP_U64) {
    unsigned long long large = PyLong_AsUnsignedLongLong(number);
    good = !(large == (unsigned long long)-1 && PyErr_Occurred());
    PyErr_Clear();
    found = (long long)large;
  }
  Py_DECREF(number);
  *bits = found;
  return good || (!PyErr_Occurred() && refuse_range(out, kind));
}

static bool write_integer(cap_writer* out, cap_kind kind, PyObject* value) {
  int64_t bits;
  if (!get_integer(out, kind, value, &bits)) return false;
  bool negative = kind >= CAP_S8 && bits < 0;
  return put_head(out, negative ? CBOR_NEGATIVE : CBOR_UNSIGNED,
                  (uint64_t)(negative ? ~bits : bits));
}

static bool get_float(const cap_writer* out, cap_kind kind, PyObject* value, double* number) {
  if (!PyFloat_Check(value) && (PyUnicode_Check(value) || !PyNumber_Check(value)))
    return refuse_type(out, "a float", value);
  *number = PyFloat_AsDouble(value);
  if (*number == -1.0 && PyErr_Occurred()) return false;
  if (kind == CAP_F32 && isfinite(*number) && isinf((float)*number))
    return cap_refuse(out, PyExc_OverflowError, "too large for f32");
  return true;
}

static bool write_float(cap_writer* out, cap_kind kind, PyObject* value) {
  double number;
  if (!get_float(out, kind, value, &number)) return false;
  size_t size = kind == CAP_F32 ? 4 : 8;
  uint64_t bits;
  if (kind == CAP_F32) {
    float narrow = (float)number;
    uint32_t narrow_bits;
    memcpy(&narrow_bits, &narrow, sizeof narrow);
    bits = isnan(number) ? 0x7fc00000u : narrow_bits;
  } else {
    memcpy(&bits, &number, sizeof bits);
    if (isnan(number)) bits = 0x7ff8000000000000u;
  }
  uint8_t* at = reserve(out, 1 + size);
  if (!at) return false;
  *at++ = kind == CAP_F32 ? CBOR_F32 : CBOR_F64;
  for (size_t i = size; i-- > 0;) *at++ = (uint8_t)(bits >> (8 * i));
  out->size += 1 + size;
  return true;
}

// ---- text and bytes

static bool write_string(cap_writer* out, PyObject* value) {
  if (!PyUnicode_Check(value)) return refuse_type(out, "a str", value);
  Py_ssize_t size;
  const char* text = PyUnicode_AsUTF8AndSize(value, &size);
  return text && put_block(out, CBOR_TEXT, text, (size_t)size);
}

static bool write_char(cap_writer* out, PyObject* value) {
  if (!PyUnicode_Check(value) || PyUnicode_GET_LENGTH(value) != 1)
    return refuse_type(out, "a str of one character", value);
  Py_UCS4 character = PyUnicode_READ_CHAR(value, 0);
  if (Py_UNICODE_IS_SURROGATE(character))
    return cap_refuse(out, PyExc_ValueError, "a surrogate is not a character");
  return put_head(out, CBOR_UNSIGNED, character);
}

bool cap_view(const cap_writer* out, PyObject* value, Py_buffer* view) {
  if (!PyObject_CheckBuffer(value)) return refuse_type(out, "a bytes-like object", value);
  return PyObject_GetBuffer(value, view, PyBUF_SIMPLE) == 0;
}

static bool write_bytes(cap_writer* out, PyObject* value) {
  Py_buffer view;
  if (!cap_view(out, value, &view)) return false;
  bool good = put_block(out, CBOR_BYTES, view.buf, (size_t)view.len);
  PyBuffer_Release(&view);
  return good;
}

// ---- lists

const cap_packing cap_packings[CAP_CHAR] = {
    [CAP_U16] = {69, 2, "H"},  [CAP_U32] = {70, 4, "IL"}, [CAP_U64] = {71, 8, "QL"},
    [CAP_S8] = {72, 1, "b"},   [CAP_S16] = {77, 2, "h"},  [CAP_S32] = {78, 4, "il"},
    [CAP_S64] = {79, 8, "ql"}, [CAP_F32] = {85, 4, "f"},  [CAP_F64] = {86, 8, "d"},
};

// True if the buffer's elements lie in memory as they travel: same size, same kind, little-endian.
static bool same_layout(const Py_buffer* view, const cap_packing* packing) {
  const char* format = view->format ? view->format : "B";
  if (*format == '@' || *format == '=' || *format == '<') format++;
  return (size_t)view->itemsize == packing->size && format[0] && !format[1] &&
         strchr(packing->formats, format[0]);
}

// 1 if the object's memory was written as it is, 0 if its elements have to be taken one by one, -1
// with an exception.
static int write_packed_buffer(cap_writer* out, const cap_packing* packing, PyObject* value) {
  Py_buffer view;
  if (!PyObject_CheckBuffer(value)) return 0;
  if (PyObject_GetBuffer(value, &view, PyBUF_FORMAT | PyBUF_C_CONTIGUOUS) < 0) {
    PyErr_Clear();
    return 0;
  }
  int done = view.ndim == 1 && same_layout(&view, packing);
  if (done && !(put_head(out, CBOR_TAG, packing->tag) &&
                put_block(out, CBOR_BYTES, view.buf, (size_t)view.len)))
    done = -1;
  PyBuffer_Release(&view);
  return done;
}

static bool pack(const cap_writer* out, cap_kind kind, PyObject* value, uint8_t bytes[8]) {
  if (kind < CAP_F32) {
    int64_t bits;
    if (!get_integer(out, kind, value, &bits)) return false;
    memcpy(bytes, &bits, 8);
    return true;
  }
  double number;
  if (!get_float(out, kind, value, &number)) return false;
  float narrow = (float)number;
  if (kind == CAP_F32)
    memcpy(bytes, &narrow, sizeof narrow);
  else
    memcpy(bytes, &number, sizeof number);
  return true;
}

// The list's elements as a list or tuple that nobody else changes meanwhile; a new reference.
static PyObject* elements_of(const cap_writer* out, PyObject* value) {
  if (PyTuple_Check(value)) return Py_NewRef(value);
  bool text = PyUnicode_Check(value) || PyDict_Check(value);
  PyObject* items = text ? NULL : PySequence_Tuple(value);
  if (text || (!items && PyErr_ExceptionMatches(PyExc_TypeError)))
    refuse_type(out, "a list or another iterable", value);
  return items;
}

static bool write_packed_list(cap_writer* out, const cap_type* element, PyObject* value) {
  const cap_packing* packing = &cap_packings[element->kind];
  int done = write_packed_buffer(out, packing, value);
  if (done) return done > 0;
  PyObject* items = elements_of(out, value);
  if (!items) return false;
  size_t count = (size_t)PyTuple_GET_SIZE(items);
  bool good =
      put_head(out, CBOR_TAG, packing->tag) && put_head(out, CBOR_BYTES, count * packing->size);
  for (size_t i = 0; good && i < count; i++) {
    uint8_t bytes[8];
    uint8_t* at = reserve(out, packing->size);
    good = at && pack(out, element->kind, PyTuple_GET_ITEM(items, i), bytes);
    if (!good) break;
    memcpy(at, bytes, packing->size);
    out->size += packing->size;
  }
  Py_DECREF(items);
  return good;
}

static bool write_list(cap_writer* out, const cap_type* type, PyObject* value) {
  if (type->element->kind < CAP_CHAR && cap_packings[type->element->kind].size)
    return write_packed_list(out, type->element, value);
  PyObject* items = elements_of(out, value);
  if (!items) return false;
  Py_ssize_t count = PyTuple_GET_SIZE(items);
  bool good = put_head(out, CBOR_ARRAY, (uint64_t)count);
  for (Py_ssize_t i = 0; good && i < count; i++)
    good = cap_write(out, type->element, PyTuple_GET_ITEM(items, i));
  Py_DECREF(items);
  return good;
}

// ---- composed values

static bool write_option(cap_writer* out, const cap_type* type, PyObject* value) {
  if (value == Py_None) return put_byte(out, CBOR_NULL);
  if (type->element->kind != CAP_OPTION) return cap_write(out, type->element, value);
  if (!PyTuple_Check(value) || PyTuple_GET_SIZE(value) != 1)
    return refuse_type(out, "None or a tuple of one", value);
  return put_head(out, CBOR_ARRAY, 1) && cap_write(out, type->element, PyTuple_GET_ITEM(value, 0));
}

// A record is a tuple with named fields, and any tuple of the same length serves.
static bool write_fields(cap_writer* out, const cap_type* type, PyObject* value) {
  bool list = PyList_Check(value) && type->kind == CAP_TUPLE;
  if (!PyTuple_Check(value) && !list)
    return type->object ? refuse_class(out, type->object, value)
                        : refuse_type(out, "a tuple", value);
  PyObject* items = list ? PyList_AsTuple(value) : Py_NewRef(value);
  if (!items) return false;
  bool good = (size_t)PyTuple_GET_SIZE(items) == type->count;
  if (!good)
    cap_refuse(out, PyExc_TypeError, "expected %zu values, not %zd", type->count,
               PyTuple_GET_SIZE(items));
  good = good && put_head(out, CBOR_ARRAY, type->count);
  for (size_t i = 0; good && i < type->count; i++)
    good = cap_write(out, type->items[i].type, PyTuple_GET_ITEM(items, (Py_ssize_t)i));
  Py_DECREF(items);
  return good;
}

static bool write_case(cap_writer* out, size_t index, const cap_type* payload, PyObject* value) {
  if (!payload) return put_head(out, CBOR_UNSIGNED, index);
  return put_head(out, CBOR_ARRAY, 2) && put_head(out, CBOR_UNSIGNED, index) &&
         cap_write(out, payload, ((cap_case*)value)->value);
}

static bool write_variant(cap_writer* out, const cap_type* type, PyObject* value) {
  for (size_t i = 0; i < type->count; i++)
    if ((PyObject*)Py_TYPE(value) == type->items[i].object)
      return write_case(out, i, type->items[i].type, value);
  return refuse_class(out, type->object, value);
}

static bool write_result(cap_writer* out, const cap_type* type, PyObject* value) {
  bool err = (PyObject*)Py_TYPE(value) == out->contract->err;
  if (!err && (PyObject*)Py_TYPE(value) != out->contract->ok)
    return refuse_type(out, "Ok or Err", value);
  const cap_type* payload = err ? type->error : type->element;
  if (!payload && ((cap_case*)value)->value != Py_None)
    return cap_refuse(out, PyExc_TypeError, "has no value");
  return write_case(out, err, payload, value);
}

static bool write_enum(cap_writer* out, const cap_type* type, PyObject* value) {
  PyObject* number = as_integer(out, value);
  if (!number) return false;
  int overflow;
  long index = PyLong_AsLongAndOverflow(number, &overflow);
  Py_DECREF(number);
  if (overflow || index < 0 || (size_t)index >= type->count)
    return cap_refuse(out, PyExc_ValueError, "not a valid %N", type->object);
  return put_head(out, CBOR_UNSIGNED, (uint64_t)index);
}

static bool write_flags(cap_writer* out, const cap_type* type, PyObject* value) {
  int64_t bits;
  if (!get_integer(out, CAP_U32, value, &bits)) return false;
  if ((uint64_t)bits >> type->count)
    return cap_refuse(out, PyExc_ValueError, "not a valid %N", type->object);
  return put_head(out, CBOR_UNSIGNED, (uint64_t)bits);
}

// ---- resources

static cap_loan* next_loan(cap_writer* out) {
  if (out->loan_count == out->loan_capacity) {
    size_t size = out->loan_capacity * sizeof *out->loans;
    cap_loan* moved = realloc(out->loans == out->inline_loans ? NULL : out->loans, 2 * size);
    if (!moved) return (cap_loan*)PyErr_NoMemory();
    if (out->loans == out->inline_loans) memcpy(moved, out->inline_loans, size);
    out->loans = moved;
    out->loan_capacity *= 2;
  }
  return &out->loans[out->loan_count];
}

static bool write_resource(cap_writer* out, const cap_type* type, PyObject* value) {
  if (!PyObject_TypeCheck(value, (PyTypeObject*)type->element->object))
    return refuse_class(out, type->element->object, value);
  cap_resource* resource = (cap_resource*)value;
  uint32_t handle = cap_resource_handle(resource);
  if (!handle) return false;
  bool own = type->kind == CAP_OWN;
  if (own && (resource->busy || !resource->owned))
    return cap_refuse(out, PyExc_ValueError, "%T is in use and cannot be given away", value);
  for (size_t i = 0; i < out->loan_count; i++)
    if (out->loans[i].given && out->loans[i].resource == resource)
      return cap_refuse(out, PyExc_ValueError, "%T is given away in this call", value);
  cap_loan* loan = next_loan(out);
  if (!loan) return false;
  loan->resource = (cap_resource*)Py_NewRef(value);
  loan->given = own;
  resource->busy++;
  out->loan_count++;
  return put_head(out, CBOR_UNSIGNED, handle);
}

bool cap_write(cap_writer* out, const cap_type* type, PyObject* value) {
  switch (type->kind) {
    case CAP_BOOL:
      if (!PyBool_Check(value)) return refuse_type(out, "a bool", value);
      return put_byte(out, value == Py_True ? CBOR_TRUE : CBOR_FALSE);
    case CAP_F32:
    case CAP_F64:
      return write_float(out, type->kind, value);
    case CAP_CHAR:
      return write_char(out, value);
    case CAP_STRING:
      return write_string(out, value);
    case CAP_BYTES:
      return write_bytes(out, value);
    case CAP_LIST:
      return write_list(out, type, value);
    case CAP_OPTION:
      return write_option(out, type, value);
    case CAP_RESULT:
      return write_result(out, type, value);
    case CAP_TUPLE:
    case CAP_RECORD:
      return write_fields(out, type, value);
    case CAP_VARIANT:
      return write_variant(out, type, value);
    case CAP_ENUM:
      return write_enum(out, type, value);
    case CAP_FLAGS:
      return write_flags(out, type, value);
    case CAP_OWN:
    case CAP_BORROW:
      return write_resource(out, type, value);
    case CAP_RESOURCE:
    case CAP_PRIMITIVES:
    case CAP_KINDS_END:
      return cap_refuse(out, PyExc_TypeError, "a resource must be owned or borrowed");
    default:
      return write_integer(out, type->kind, value);
  }
}
