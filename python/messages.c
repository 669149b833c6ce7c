// sendmsg(), recvmsg() and recvmsg_into() of sockets, without ancillary data, which WASI does not
// have: over the methods that the type of sockets has.
#include <string.h>
#include <sys/socket.h>

#include "pylon.h"
#include "sockets.h"

// The largest datagram, and one byte more.
enum { kDatagram = 65536 };

static bool is_datagram(PyObject* socket) {
  PyObject* type = PyObject_GetAttrString(socket, "type");
  const long number = type ? PyLong_AsLong(type) : -1;
  Py_XDECREF(type);
  PyErr_Clear();
  return number == SOCK_DGRAM;
}

// ---- sending

// The buffers' bytes as one object.
static PyObject* join(PyObject* buffers) {
  PyObject* none = PyBytes_FromStringAndSize(NULL, 0);
  PyObject* list = none ? PySequence_List(buffers) : NULL;
  for (Py_ssize_t i = 0; list && i < PyList_GET_SIZE(list); i++)
    if (!PyObject_CheckBuffer(PyList_GET_ITEM(list, i))) {
      PyErr_Format(PyExc_TypeError, "a bytes-like object is required, not '%T'",
                   PyList_GET_ITEM(list, i));
      Py_CLEAR(list);
    }
  PyObject* joined = list ? PyObject_CallMethod(none, "join", "O", list) : NULL;
  Py_XDECREF(list);
  Py_XDECREF(none);
  return joined;
}

// Whether each item is (level, type, data), as CPython asks for; and then, that there is none.
static bool is_without_ancillary(PyObject* iterable) {
  if (!iterable) return true;
  PyObject* items = PySequence_Fast(iterable, "sendmsg() argument 2 must be an iterable");
  for (Py_ssize_t i = 0; items && i < PySequence_Fast_GET_SIZE(items); i++) {
    int level, type;
    Py_buffer data;
    if (PyArg_Parse(PySequence_Fast_GET_ITEM(items, i), "(iiy*):[sendmsg() ancillary data items]",
                    &level, &type, &data))
      PyBuffer_Release(&data);
    else
      Py_CLEAR(items);
  }
  const bool empty = items && PySequence_Fast_GET_SIZE(items) == 0;
  if (items && !empty) PyErr_SetString(PyExc_OSError, "ancillary data is not supported here");
  Py_XDECREF(items);
  return empty;
}

static PyObject* send_message(PyObject* self, PyObject* arguments) {
  PyObject *buffers, *ancillary = NULL, *address = Py_None;
  int flags = 0;
  if (!PyArg_ParseTuple(arguments, "O|OiO:sendmsg", &buffers, &ancillary, &flags, &address))
    return NULL;
  PyObject* data = join(buffers);
  if (!data) return NULL;
  PyObject* sent = NULL;
  if (is_without_ancillary(ancillary))
    sent = address == Py_None ? PyObject_CallMethod(self, "send", "Oi", data, flags)
                              : PyObject_CallMethod(self, "sendto", "OiO", data, flags, address);
  Py_DECREF(data);
  return sent;
}

// ---- receiving

static bool are_sizes(const char* function, Py_ssize_t size, Py_ssize_t ancillary_size) {
  if (size < 0 || ancillary_size < 0) {
    PyErr_Format(PyExc_ValueError, "negative buffer size in %s()", function);
    return false;
  }
  return true;
}

// What came, at most `size` bytes, with its address and whether it was cut off: (bytes, address).
static PyObject* receive(PyObject* self, Py_ssize_t size, int flags, int* told) {
  const bool datagram = is_datagram(self);
  const Py_ssize_t asked = datagram && size < kDatagram ? kDatagram : size;
  PyObject* pair = PyObject_CallMethod(self, "recvfrom", "ni", asked, flags & ~MSG_TRUNC);
  *told = 0;
  if (!pair || !PyTuple_Check(pair) || PyTuple_GET_SIZE(pair) != 2 || !datagram) return pair;
  PyObject* data = PyTuple_GET_ITEM(pair, 0);
  if (!PyBytes_Check(data) || PyBytes_GET_SIZE(data) <= size) return pair;
  *told = MSG_TRUNC;
  PyObject* cut = Py_BuildValue("(y#O)", PyBytes_AS_STRING(data), size, PyTuple_GET_ITEM(pair, 1));
  Py_DECREF(pair);
  return cut;
}

static PyObject* receive_message(PyObject* self, PyObject* arguments) {
  Py_ssize_t size, ancillary_size = 0;
  int flags = 0, told;
  if (!PyArg_ParseTuple(arguments, "n|ni:recvmsg", &size, &ancillary_size, &flags) ||
      !are_sizes("recvmsg", size, ancillary_size))
    return NULL;
  PyObject* pair = receive(self, size, flags, &told);
  PyObject* answer =
      pair ? Py_BuildValue("(O[]iO)", PyTuple_GET_ITEM(pair, 0), told, PyTuple_GET_ITEM(pair, 1))
           : NULL;
  Py_XDECREF(pair);
  return answer;
}

// Lays bytes into the buffers, one after the other.
static void scatter(const char* data, Py_ssize_t size, Py_buffer* views, Py_ssize_t count) {
  for (Py_ssize_t i = 0; i < count && size > 0; i++) {
    const Py_ssize_t part = size < views[i].len ? size : views[i].len;
    if (part) memcpy(views[i].buf, data, (size_t)part);
    data += part;
    size -= part;
  }
}

static PyObject* receive_into(PyObject* self, Py_buffer* views, Py_ssize_t count, int flags) {
  Py_ssize_t room = 0;
  for (Py_ssize_t i = 0; i < count; i++) room += views[i].len;
  int told;
  PyObject* pair = receive(self, room, flags, &told);
  if (!pair) return NULL;
  PyObject* data = PyTuple_GET_ITEM(pair, 0);
  scatter(PyBytes_AS_STRING(data), PyBytes_GET_SIZE(data), views, count);
  PyObject* answer =
      Py_BuildValue("(n[]iO)", PyBytes_GET_SIZE(data), told, PyTuple_GET_ITEM(pair, 1));
  Py_DECREF(pair);
  return answer;
}

static bool take_view(PyObject* buffer, Py_buffer* view) {
  if (PyObject_GetBuffer(buffer, view, PyBUF_WRITABLE) == 0) return true;
  PyErr_Format(PyExc_TypeError, "a read-write bytes-like object is required, not '%T'", buffer);
  return false;
}

static PyObject* receive_message_into(PyObject* self, PyObject* arguments) {
  PyObject* buffers;
  Py_ssize_t ancillary_size = 0;
  int flags = 0;
  if (!PyArg_ParseTuple(arguments, "O|ni:recvmsg_into", &buffers, &ancillary_size, &flags) ||
      !are_sizes("recvmsg_into", 0, ancillary_size))
    return NULL;
  PyObject* list = PySequence_Tuple(buffers);
  if (!list) return NULL;
  const Py_ssize_t count = PyTuple_GET_SIZE(list);
  Py_buffer* views = PyMem_Calloc((size_t)count + 1, sizeof *views);
  Py_ssize_t taken = 0;
  while (views && taken < count && take_view(PyTuple_GET_ITEM(list, taken), &views[taken])) taken++;
  if (!views) PyErr_NoMemory();
  PyObject* answer = views && taken == count ? receive_into(self, views, count, flags) : NULL;
  for (Py_ssize_t i = 0; i < taken; i++) PyBuffer_Release(&views[i]);
  PyMem_Free(views);
  Py_DECREF(list);
  return answer;
}

// ---- the type

static PyMethodDef methods[] = {
    {"sendmsg", send_message, METH_VARARGS,
     "sendmsg(buffers[, ancdata[, flags[, address]]]) -> count\n\n"
     "Send the bytes of all buffers as one message. There is no ancillary data here."},
    {"recvmsg", receive_message, METH_VARARGS,
     "recvmsg(bufsize[, ancbufsize[, flags]]) -> (data, ancdata, msg_flags, address)\n\n"
     "Receive up to bufsize bytes. There is no ancillary data here."},
    {"recvmsg_into", receive_message_into, METH_VARARGS,
     "recvmsg_into(buffers[, ancbufsize[, flags]]) -> (nbytes, ancdata, msg_flags, address)\n\n"
     "Receive into the buffers. There is no ancillary data here."},
    {0}};

// Options that ask for ancillary data, which there is none of.
static bool remove_requests(PyObject* module) {
  PyObject* names = PyObject_Dir(module);
  bool good = names;
  for (Py_ssize_t i = 0; good && i < PyList_GET_SIZE(names); i++) {
    PyObject* name = PyList_GET_ITEM(names, i);
    const char* text = PyUnicode_AsUTF8(name);
    good = text && (strncmp(text, "IPV6_RECV", 9) != 0 || PyObject_DelAttr(module, name) == 0);
  }
  Py_XDECREF(names);
  return good;
}

int pylon_add_messages(PyObject* module) {
  PyObject* type = PyObject_GetAttrString(module, "SocketType");
  PyObject* names = type ? PyType_GetDict((PyTypeObject*)type) : NULL;
  bool good = names && remove_requests(module) &&
              PyModule_AddIntConstant(module, "SO_LINGER", PYLON_SO_LINGER) == 0;
  for (PyMethodDef* each = methods; good && each->ml_name; each++) {
    PyObject* method = PyDescr_NewMethod((PyTypeObject*)type, each);
    good = method && PyDict_SetItemString(names, each->ml_name, method) == 0;
    Py_XDECREF(method);
  }
  if (good) PyType_Modified((PyTypeObject*)type);
  Py_XDECREF(names);
  Py_XDECREF(type);
  return good ? 0 : -1;
}
