// Values whose type is known only when they are met, as documents (docs/bindings.md "Documents"):
// rows of a database, parameters of a statement. Written and read whole, without a Python object
// for each step.
#include "binding/dynamic.h"

#include <math.h>

#include "binding/values.h"

#define MOST_NESTED 64

// ---- writing

// The document is a bytes object that grows.
typedef struct {
  PyObject* bytes;
  uint8_t *at, *end;
  unsigned depth;
} document;

static bool write_value(document* out, PyObject* value);

static uint8_t* begin_of(const document* out) {
  return (uint8_t*)PyBytes_AS_STRING(out->bytes);
}

static bool grow(document* out, size_t size) {
  const size_t used = (size_t)(out->at - begin_of(out));
  if (size > PY_SSIZE_T_MAX / 4 || used > PY_SSIZE_T_MAX / 4) return PyErr_NoMemory() != NULL;
  const size_t room = 2 * used > used + size ? 2 * used : used + size;
  if (_PyBytes_Resize(&out->bytes, (Py_ssize_t)room) < 0) return false;
  out->at = begin_of(out) + used;
  out->end = begin_of(out) + room;
  return true;
}

static inline bool reserve(document* out, size_t size) {
  return (size_t)(out->end - out->at) >= size || grow(out, size);
}

static inline bool put_head(document* out, unsigned major, uint64_t value) {
  if (!reserve(out, CBOR_HEAD_SIZE)) return false;
  out->at = cbor_put_head(out->at, major, value);
  return true;
}

static inline bool put_byte(document* out, uint8_t byte) {
  if (!reserve(out, 1)) return false;
  *out->at++ = byte;
  return true;
}

static bool put_block(document* out, unsigned major, const void* data, size_t size) {
  if (size > PY_SSIZE_T_MAX / 4) return PyErr_NoMemory() != NULL;
  if (!reserve(out, CBOR_HEAD_SIZE + size)) return false;
  out->at = cbor_put_head(out->at, major, size);
  if (size) memcpy(out->at, data, size);
  out->at += size;
  return true;
}

static bool refuse_integer(void) {
  PyErr_SetString(PyExc_OverflowError,
                  "int out of range for a document (-9223372036854775808 to "
                  "18446744073709551615)");
  return false;
}

static bool write_integer(document* out, PyObject* value) {
  int overflow;
  const long long number = PyLong_AsLongLongAndOverflow(value, &overflow);
  if (!overflow)
    return number < 0 ? put_head(out, CBOR_NEGATIVE, (uint64_t)~number)
                      : put_head(out, CBOR_UNSIGNED, (uint64_t)number);
  if (overflow < 0) return refuse_integer();
  const unsigned long long large = PyLong_AsUnsignedLongLong(value);
  if (large == (unsigned long long)-1 && PyErr_Occurred()) {
    PyErr_Clear();
    return refuse_integer();
  }
  return put_head(out, CBOR_UNSIGNED, large);
}

static bool write_float(document* out, double number) {
  uint64_t bits;
  memcpy(&bits, &number, sizeof bits);
  if (isnan(number)) bits = 0x7ff8000000000000u;
  if (!reserve(out, 1 + sizeof bits)) return false;
  *out->at++ = CBOR_F64;
  bits = __builtin_bswap64(bits);
  memcpy(out->at, &bits, sizeof bits);
  out->at += sizeof bits;
  return true;
}

static bool write_text(document* out, PyObject* value) {
  if (PyUnicode_IS_COMPACT_ASCII(value))
    return put_block(out, CBOR_TEXT, PyUnicode_DATA(value), (size_t)PyUnicode_GET_LENGTH(value));
  Py_ssize_t size;
  const char* text = PyUnicode_AsUTF8AndSize(value, &size);
  return text && put_block(out, CBOR_TEXT, text, (size_t)size);
}

static bool write_buffer(document* out, PyObject* value) {
  Py_buffer view;
  if (PyObject_GetBuffer(value, &view, PyBUF_SIMPLE) < 0) return false;
  const bool good = put_block(out, CBOR_BYTES, view.buf, (size_t)view.len);
  PyBuffer_Release(&view);
  return good;
}

// A list may change while a buffer of one of its elements is asked for.
static bool write_elements(document* out, PyObject* value, bool list) {
  const Py_ssize_t count = Py_SIZE(value);
  if (!put_head(out, CBOR_ARRAY, (uint64_t)count)) return false;
  for (Py_ssize_t i = 0; i < count; i++) {
    if (list && Py_SIZE(value) != count) {
      PyErr_SetString(PyExc_RuntimeError, "list changed its size while it was written");
      return false;
    }
    PyObject* item = Py_NewRef(list ? PyList_GET_ITEM(value, i) : PyTuple_GET_ITEM(value, i));
    const bool good = write_value(out, item);
    Py_DECREF(item);
    if (!good) return false;
  }
  return true;
}

static bool write_array(document* out, PyObject* value, bool list) {
  if (out->depth == MOST_NESTED) {
    PyErr_Format(PyExc_ValueError, "nested more than %d deep", MOST_NESTED);
    return false;
  }
  out->depth++;
  const bool good = write_elements(out, value, list);
  out->depth--;
  return good;
}

static bool write_value(document* out, PyObject* value) {
  if (value == Py_None) return put_byte(out, CBOR_NULL);
  if (PyUnicode_Check(value)) return write_text(out, value);
  if (PyBool_Check(value)) return put_byte(out, value == Py_True ? CBOR_TRUE : CBOR_FALSE);
  if (PyLong_Check(value)) return write_integer(out, value);
  if (PyFloat_Check(value)) return write_float(out, PyFloat_AS_DOUBLE(value));
  if (PyTuple_Check(value)) return write_array(out, value, false);
  if (PyList_Check(value)) return write_array(out, value, true);
  if (PyBytes_Check(value))
    return put_block(out, CBOR_BYTES, PyBytes_AS_STRING(value), (size_t)PyBytes_GET_SIZE(value));
  if (PyObject_CheckBuffer(value)) return write_buffer(out, value);
  PyErr_Format(PyExc_TypeError,
               "expected None, a bool, an int, a float, a str, a bytes-like object, a list or a "
               "tuple, not %T",
               value);
  return false;
}

PyObject* cap_document_dumps(PyObject* Py_UNUSED(self), PyObject* value) {
  enum { kFirstRoom = 256 };
  document out = {.bytes = PyBytes_FromStringAndSize(NULL, kFirstRoom)};
  if (!out.bytes) return NULL;
  out.at = begin_of(&out);
  out.end = out.at + kFirstRoom;
  if (!write_value(&out, value))
    Py_CLEAR(out.bytes);
  else
    _PyBytes_Resize(&out.bytes, out.at - begin_of(&out));
  return out.bytes;
}

// ---- reading

typedef struct {
  cbor_reader in;
  size_t owed;  // items that arrays have promised and that are still to come, a byte each at least
  unsigned depth;
} source;

// Bytes that are left for the present item.
static inline size_t spare(const source* from) {
  const size_t left = cbor_left(&from->in);
  return left > from->owed ? left - from->owed : 0;
}

static PyObject* read_value(source* from);

static PyObject* read_float(source* from) {
  uint64_t bits;
  double number;
  if (cbor_left(&from->in) < 1 + sizeof bits) return NULL;
  memcpy(&bits, from->in.at + 1, sizeof bits);
  bits = __builtin_bswap64(bits);
  memcpy(&number, &bits, sizeof number);
  from->in.at += 1 + sizeof bits;
  if (isnan(number) && bits != 0x7ff8000000000000u) return NULL;
  return PyFloat_FromDouble(number);
}

static PyObject* read_simple(source* from) {
  switch (*from->in.at) {
    case CBOR_NULL:
      from->in.at++;
      return Py_NewRef(Py_None);
    case CBOR_TRUE:
      from->in.at++;
      return Py_NewRef(Py_True);
    case CBOR_FALSE:
      from->in.at++;
      return Py_NewRef(Py_False);
    case CBOR_F64:
      return read_float(from);
    default:
      return NULL;
  }
}

static bool is_ascii(const uint8_t* data, size_t size) {
  uint64_t all = 0, word;
  for (; size >= sizeof word; data += sizeof word, size -= sizeof word) {
    memcpy(&word, data, sizeof word);
    all |= word;
  }
  for (; size; size--) all |= *data++;
  return !(all & 0x8080808080808080u);
}

static PyObject* read_text(const uint8_t* data, size_t size) {
  if (size > 1 && is_ascii(data, size)) {
    PyObject* ascii = PyUnicode_New((Py_ssize_t)size, 127);
    if (ascii) memcpy(PyUnicode_DATA(ascii), data, size);
    return ascii;
  }
  PyObject* text = PyUnicode_DecodeUTF8((const char*)data, (Py_ssize_t)size, "strict");
  if (!text && PyErr_ExceptionMatches(PyExc_UnicodeDecodeError)) PyErr_Clear();
  return text;
}

static bool is_container(PyObject* value) {
  return PyTuple_CheckExact(value) || PyList_CheckExact(value);
}

// The elements, as a list or as a tuple, which the collector need not look at if it holds no other.
static PyObject* read_elements(source* from, size_t count, bool list) {
  PyObject* made = list ? PyList_New((Py_ssize_t)count) : PyTuple_New((Py_ssize_t)count);
  if (!made) return NULL;
  bool plain = !list && count;
  for (size_t i = 0; i < count; i++) {
    from->owed--;
    PyObject* item = read_value(from);
    if (!item) {
      Py_DECREF(made);
      return NULL;
    }
    if (list)
      PyList_SET_ITEM(made, (Py_ssize_t)i, item);
    else
      PyTuple_SET_ITEM(made, (Py_ssize_t)i, item);
    plain = plain && !is_container(item);
  }
  if (plain) PyObject_GC_UnTrack(made);
  return made;
}

static PyObject* read_array(source* from, uint64_t count) {
  if (from->depth == MOST_NESTED || count > spare(from)) return NULL;
  from->owed += (size_t)count;
  from->depth++;
  PyObject* made = read_elements(from, (size_t)count, from->depth == 1);
  from->depth--;
  return made;
}

static PyObject* read_value(source* from) {
  if (!spare(from)) return NULL;
  if (*from->in.at >> 5 == CBOR_SIMPLE) return read_simple(from);
  const uint8_t* const begin = from->in.at;
  unsigned major;
  uint64_t value;
  if (!cbor_head(&from->in, &major, &value)) return NULL;
  if (major == CBOR_UNSIGNED)
    return value <= INT64_MAX ? PyLong_FromLongLong((int64_t)value)
                              : PyLong_FromUnsignedLongLong(value);
  if (major == CBOR_NEGATIVE)
    return value <= INT64_MAX ? PyLong_FromLongLong(~(int64_t)value) : NULL;
  if (major == CBOR_ARRAY) return read_array(from, value);
  if (major == CBOR_TAG) {
    from->in.at = begin;
    return cap_read_numbers(&from->in);
  }
  if (major == CBOR_MAP || value > spare(from)) return NULL;
  const uint8_t* data = from->in.at;
  from->in.at += value;
  return major == CBOR_TEXT ? read_text(data, (size_t)value)
                            : PyBytes_FromStringAndSize((const char*)data, (Py_ssize_t)value);
}

PyObject* cap_document_loads(PyObject* Py_UNUSED(self), PyObject* document) {
  Py_buffer view;
  if (PyObject_GetBuffer(document, &view, PyBUF_SIMPLE) < 0) return NULL;
  const uint8_t* data = view.buf;
  source from = {.in = {data, data + view.len}};
  PyObject* value = read_value(&from);
  if (value && cbor_left(&from.in)) Py_CLEAR(value);
  if (!value && !PyErr_Occurred()) {
    PyObject* message = PyUnicode_FromFormat(
        "not a document: byte %zd of %zd is not what may be there", from.in.at - data, view.len);
    Py_ssize_t size = 0;
    const char* text = message ? PyUnicode_AsUTF8AndSize(message, &size) : NULL;
    if (text) pylon_cap_raise(PYLON_CAP_BAD_PAYLOAD, text, (size_t)size, 0);
    Py_XDECREF(message);
  }
  PyBuffer_Release(&view);
  return value;
}
