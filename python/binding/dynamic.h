// Python values as documents and back: the functions dumps() and loads() of the module _pylon_caps.
#pragma once

#define PY_SSIZE_T_CLEAN
#include <Python.h>

/// Writes None, bool, int, float, str, buffers, lists and tuples as one document; a new bytes
/// object.
PyObject* cap_document_dumps(PyObject* self, PyObject* value);

/// Reads a document: an array at its top is a list, one inside of it a tuple. A CapError of kind
/// bad-payload if it is not in the one form that dumps() writes.
PyObject* cap_document_loads(PyObject* self, PyObject* document);
