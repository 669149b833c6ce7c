// WIT's names in Python (docs/bindings.md, "Names in Python").
#include <ctype.h>

#include "binding/contract.h"

#define LONGEST_NAME 256

PyObject* cap_text_string(cap_text text) {
  return PyUnicode_DecodeUTF8(text.data, (Py_ssize_t)text.size, "strict");
}

// A name that Python would not read as one gets a trailing underscore.
static PyObject* spelled(const char* name, size_t size) {
  static PyObject* keywords;
  if (!keywords) {
    PyObject* module = PyImport_ImportModule("keyword");
    keywords = module ? PyObject_GetAttrString(module, "kwlist") : NULL;
    Py_XDECREF(module);
    if (!keywords) return NULL;
  }
  PyObject* text = PyUnicode_DecodeUTF8(name, (Py_ssize_t)size, "strict");
  int keyword = text ? PySequence_Contains(keywords, text) : -1;
  if (keyword > 0) Py_SETREF(text, PyUnicode_FromFormat("%U_", text));
  if (keyword < 0) Py_CLEAR(text);
  if (text) PyUnicode_InternInPlace(&text);
  return text;
}

static PyObject* fail_long_name(void) {
  PyErr_SetString(PyExc_ImportError, "the schema has a name of more than 256 characters");
  return NULL;
}

static PyObject* joined(cap_text name, int change(int)) {
  char text[LONGEST_NAME];
  if (name.size > sizeof text) return fail_long_name();
  for (size_t i = 0; i < name.size; i++)
    text[i] = name.data[i] == '-' ? '_' : (char)change((unsigned char)name.data[i]);
  return spelled(text, name.size);
}

PyObject* cap_snake_case(cap_text name) {
  return joined(name, tolower);
}

PyObject* cap_upper_case(cap_text name) {
  return joined(name, toupper);
}

// Without the check for keywords; the size, or 0 if it is too long.
static size_t camel(cap_text name, char* out) {
  size_t size = 0;
  if (name.size > LONGEST_NAME) return 0;
  for (size_t i = 0; i < name.size; i++) {
    if (name.data[i] == '-') continue;
    bool begins = i == 0 || name.data[i - 1] == '-';
    out[size++] = (char)(begins ? toupper((unsigned char)name.data[i])
                                : tolower((unsigned char)name.data[i]));
  }
  return size;
}

PyObject* cap_camel_case(cap_text name) {
  char text[LONGEST_NAME];
  size_t size = camel(name, text);
  return size ? spelled(text, size) : fail_long_name();
}

PyObject* cap_exception_name(cap_text name, bool* takes_name) {
  char text[LONGEST_NAME + 5];
  size_t size = camel(name, text);
  if (!size) return fail_long_name();
  *takes_name = (name.size == 5 && memcmp(name.data, "error", 5) == 0) ||
                (name.size > 6 && memcmp(name.data + name.size - 6, "-error", 6) == 0);
  if (!*takes_name) {
    memcpy(text + size, "Error", 5);
    size += 5;
  }
  return spelled(text, size);
}
