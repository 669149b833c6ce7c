// The bytes of an answer to Python objects. Whatever the bytes are, nothing is allocated beyond
// what they can fill.
#include <math.h>

#include "binding/values.h"

static const struct {
  uint64_t most;        // unsigned
  uint64_t most_below;  // of what follows a negative head: -1 - value
} ranges[CAP_S64 + 1] = {
    [CAP_U8] = {UINT8_MAX, 0},          [CAP_U16] = {UINT16_MAX, 0},
    [CAP_U32] = {UINT32_MAX, 0},        [CAP_U64] = {UINT64_MAX, 0},
    [CAP_S8] = {INT8_MAX, INT8_MAX},    [CAP_S16] = {INT16_MAX, INT16_MAX},
    [CAP_S32] = {INT32_MAX, INT32_MAX}, [CAP_S64] = {INT64_MAX, INT64_MAX},
};

static PyObject* read_integer(cbor_reader* in, cap_kind kind) {
  unsigned major;
  uint64_t value;
  if (!cbor_head(in, &major, &value)) return NULL;
  if (major == CBOR_UNSIGNED && value <= ranges[kind].most)
    return PyLong_FromUnsignedLongLong(value);
  if (major != CBOR_NEGATIVE || kind < CAP_S8 || value > ranges[kind].most_below) return NULL;
  return PyLong_FromLongLong(~(int64_t)value);
}

static PyObject* read_float(cbor_reader* in, cap_kind kind) {
  size_t size = kind == CAP_F32 ? 4 : 8;
  if (!cbor_byte(in, kind == CAP_F32 ? CBOR_F32 : CBOR_F64) || cbor_left(in) < size) return NULL;
  uint64_t bits = cbor_big_endian(in->at, size);
  uint32_t narrow_bits = (uint32_t)bits;
  float narrow;
  double wide;
  in->at += size;
  memcpy(&narrow, &narrow_bits, sizeof narrow);
  memcpy(&wide, &bits, sizeof wide);
  double number = kind == CAP_F32 ? narrow : wide;
  uint64_t nan = kind == CAP_F32 ? 0x7fc00000u : 0x7ff8000000000000u;
  return isnan(number) && bits != nan ? NULL : PyFloat_FromDouble(number);
}

static PyObject* read_string(cbor_reader* in) {
  const uint8_t* data;
  size_t size;
  if (!cbor_string(in, CBOR_TEXT, &data, &size)) return NULL;
  PyObject* text = PyUnicode_DecodeUTF8((const char*)data, (Py_ssize_t)size, "strict");
  if (!text && PyErr_ExceptionMatches(PyExc_UnicodeDecodeError)) PyErr_Clear();
  return text;
}

static PyObject* read_char(cbor_reader* in) {
  uint64_t value;
  if (!cbor_expect(in, CBOR_UNSIGNED, &value) || value > 0x10ffff ||
      (value >= 0xd800 && value < 0xe000))
    return NULL;
  return PyUnicode_FromOrdinal((int)value);
}

static PyObject* read_bytes(cbor_reader* in) {
  const uint8_t* data;
  size_t size;
  if (!cbor_string(in, CBOR_BYTES, &data, &size)) return NULL;
  return PyBytes_FromStringAndSize((const char*)data, (Py_ssize_t)size);
}

static uint64_t little_endian(const uint8_t* at, size_t size) {
  uint64_t value = 0;
  for (size_t i = size; i-- > 0;) value = value << 8 | at[i];
  return value;
}

static PyObject* unpack(const uint8_t* at, cap_kind kind, size_t size) {
  uint64_t bits = little_endian(at, size);
  if (kind == CAP_F64) {
    double number;
    memcpy(&number, &bits, sizeof number);
    return PyFloat_FromDouble(number);
  }
  if (kind == CAP_F32) {
    uint32_t narrow_bits = (uint32_t)bits;
    float number;
    memcpy(&number, &narrow_bits, sizeof number);
    return PyFloat_FromDouble(number);
  }
  if (kind < CAP_S8) return PyLong_FromUnsignedLongLong(bits);
  unsigned unused = 64 - 8 * (unsigned)size;
  return PyLong_FromLongLong((int64_t)(bits << unused) >> unused);
}

// The list of a packed list whose tag has been read.
static PyObject* read_packed_block(cbor_reader* in, cap_kind kind) {
  const cap_packing* packing = &cap_packings[kind];
  const uint8_t* data;
  size_t size;
  if (!cbor_string(in, CBOR_BYTES, &data, &size) || size % packing->size) return NULL;
  size_t count = size / packing->size;
  PyObject* list = PyList_New((Py_ssize_t)count);
  for (size_t i = 0; list && i < count; i++) {
    PyObject* item = unpack(data + i * packing->size, kind, packing->size);
    if (item)
      PyList_SET_ITEM(list, (Py_ssize_t)i, item);
    else
      Py_CLEAR(list);
  }
  return list;
}

static PyObject* read_packed_list(cbor_reader* in, cap_kind kind) {
  uint64_t tag;
  if (!cbor_expect(in, CBOR_TAG, &tag) || tag != cap_packings[kind].tag) return NULL;
  return read_packed_block(in, kind);
}

PyObject* cap_read_numbers(cbor_reader* in) {
  uint64_t tag;
  if (!cbor_expect(in, CBOR_TAG, &tag)) return NULL;
  for (cap_kind kind = CAP_U16; kind < CAP_CHAR; kind++)
    if (cap_packings[kind].size && cap_packings[kind].tag == tag)
      return read_packed_block(in, kind);
  return NULL;
}

static PyObject* read_list(cap_contract* contract, cbor_reader* in, const cap_type* element) {
  if (element->kind < CAP_CHAR && cap_packings[element->kind].size)
    return read_packed_list(in, element->kind);
  size_t count;
  if (!cbor_array(in, &count)) return NULL;
  PyObject* list = PyList_New((Py_ssize_t)count);
  for (size_t i = 0; list && i < count; i++) {
    PyObject* item = cap_read(contract, in, element);
    if (item)
      PyList_SET_ITEM(list, (Py_ssize_t)i, item);
    else
      Py_CLEAR(list);
  }
  return list;
}

static PyObject* read_option(cap_contract* contract, cbor_reader* in, const cap_type* element) {
  if (cbor_byte(in, CBOR_NULL)) return Py_NewRef(Py_None);
  if (element->kind != CAP_OPTION) return cap_read(contract, in, element);
  size_t count;
  PyObject* inner = cbor_array(in, &count) && count == 1 ? cap_read(contract, in, element) : NULL;
  PyObject* some = inner ? PyTuple_Pack(1, inner) : NULL;
  Py_XDECREF(inner);
  return some;
}

static PyObject* read_fields(cap_contract* contract, cbor_reader* in, const cap_type* type) {
  size_t count;
  if (!cbor_array(in, &count) || count != type->count) return NULL;
  bool record = type->kind == CAP_RECORD;
  PyObject* fields =
      record ? PyStructSequence_New((PyTypeObject*)type->object) : PyTuple_New((Py_ssize_t)count);
  for (size_t i = 0; fields && i < count; i++) {
    PyObject* item = cap_read(contract, in, type->items[i].type);
    if (!item)
      Py_CLEAR(fields);
    else if (record)
      PyStructSequence_SetItem(fields, (Py_ssize_t)i, item);
    else
      PyTuple_SET_ITEM(fields, (Py_ssize_t)i, item);
  }
  return fields;
}

// A case's index; whether a payload follows.
static bool read_case(cbor_reader* in, uint64_t* index, bool* payload) {
  unsigned major;
  if (!cbor_head(in, &major, index)) return false;
  *payload = major == CBOR_ARRAY;
  return *payload ? *index == 2 && cbor_expect(in, CBOR_UNSIGNED, index) : major == CBOR_UNSIGNED;
}

static PyObject* read_payload(cap_contract* contract, cbor_reader* in, PyObject* class,
                              const cap_type* type) {
  PyObject* value = type ? cap_read(contract, in, type) : Py_NewRef(Py_None);
  PyObject* found = value ? cap_case_new(class, value) : NULL;
  Py_XDECREF(value);
  return found;
}

static PyObject* read_variant(cap_contract* contract, cbor_reader* in, const cap_type* type) {
  uint64_t index;
  bool payload;
  if (!read_case(in, &index, &payload) || index >= type->count ||
      payload != !!type->items[index].type)
    return NULL;
  return read_payload(contract, in, type->items[index].object, type->items[index].type);
}

static PyObject* read_result(cap_contract* contract, cbor_reader* in, const cap_type* type) {
  uint64_t index;
  bool payload;
  if (!read_case(in, &index, &payload) || index > 1) return NULL;
  const cap_type* wanted = index ? type->error : type->element;
  return payload == !!wanted
             ? read_payload(contract, in, index ? contract->err : contract->ok, wanted)
             : NULL;
}

static PyObject* read_enum(cbor_reader* in, const cap_type* type) {
  uint64_t index;
  if (!cbor_expect(in, CBOR_UNSIGNED, &index) || index >= type->count) return NULL;
  return Py_NewRef(type->items[index].object);
}

static PyObject* read_flags(cbor_reader* in, const cap_type* type) {
  uint64_t bits;
  if (!cbor_expect(in, CBOR_UNSIGNED, &bits) || bits >> type->count) return NULL;
  PyObject* number = PyLong_FromUnsignedLongLong(bits);
  PyObject* flags = number ? PyObject_CallOneArg(type->object, number) : NULL;
  Py_XDECREF(number);
  return flags;
}

static PyObject* read_resource(cap_contract* contract, cbor_reader* in, const cap_type* type) {
  uint64_t handle;
  if (!cbor_expect(in, CBOR_UNSIGNED, &handle) || handle == 0 || handle > UINT32_MAX) return NULL;
  PyTypeObject* class = (PyTypeObject*)type->element->object;
  return cap_resource_new(contract, type->element, class, (uint32_t)handle, type->kind == CAP_OWN);
}

PyObject* cap_read(cap_contract* contract, cbor_reader* in, const cap_type* type) {
  switch (type->kind) {
    case CAP_BOOL:
      if (cbor_byte(in, CBOR_TRUE)) return Py_NewRef(Py_True);
      return cbor_byte(in, CBOR_FALSE) ? Py_NewRef(Py_False) : NULL;
    case CAP_F32:
    case CAP_F64:
      return read_float(in, type->kind);
    case CAP_CHAR:
      return read_char(in);
    case CAP_STRING:
      return read_string(in);
    case CAP_BYTES:
      return read_bytes(in);
    case CAP_LIST:
      return read_list(contract, in, type->element);
    case CAP_OPTION:
      return read_option(contract, in, type->element);
    case CAP_RESULT:
      return read_result(contract, in, type);
    case CAP_TUPLE:
    case CAP_RECORD:
      return read_fields(contract, in, type);
    case CAP_VARIANT:
      return read_variant(contract, in, type);
    case CAP_ENUM:
      return read_enum(in, type);
    case CAP_FLAGS:
      return read_flags(in, type);
    case CAP_OWN:
    case CAP_BORROW:
      return read_resource(contract, in, type);
    case CAP_RESOURCE:
    case CAP_PRIMITIVES:
    case CAP_KINDS_END:
      return NULL;
    default:
      return read_integer(in, type->kind);
  }
}
