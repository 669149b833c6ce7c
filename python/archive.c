// The library inside a composed file: an archive in memory that holds Python's standard library and
// the plan's facades, and the module _pylon_archive that reads it. Whoever composes the file asks
// for room when the interpreter is initialised, and fills it. Format: src/link/library_archive.hh.
#include <stdlib.h>
#include <string.h>

#include <zstd.h>

#include "pylon.h"

#define ARCHIVE_MAGIC 0x424C5950u  // "PYLB" in memory
#define ARCHIVE_VERSION 1u
#define KEPT_BLOCKS 2  // a package's modules lie in one block, with one of another in between

typedef struct {
  uint32_t magic, version, blocks, entries;
} header;

// Offsets count from the archive's beginning. A block whose two sizes are equal is stored as it is.
typedef struct {
  uint32_t offset, stored, size;
} block;

// Entries are ascending by path.
typedef struct {
  uint32_t path, path_size, block, offset, size;
} entry;

static const uint8_t* archive;
static uint32_t archive_size;

static struct {
  uint32_t block;
  uint8_t* data;  // NULL: nothing is kept here
} kept[KEPT_BLOCKS];
static unsigned next_kept;

bool pylon_prepare_library(void) {
  const char* text = getenv(PYLON_LIBRARY_VARIABLE);
  archive_size = text ? (uint32_t)strtoul(text, NULL, 10) : 0;
  unsetenv(PYLON_LIBRARY_VARIABLE);
  if (archive_size == 0) return false;
  void* room = calloc(1, archive_size);
  if (!room) abort();
  archive = room;
  pylon_note_library(room, archive_size);
  return true;
}

static const header* read_header(void) {
  const header* found = (const header*)archive;
  bool usable = archive && archive_size >= sizeof *found && found->magic == ARCHIVE_MAGIC &&
                found->version == ARCHIVE_VERSION;
  return usable ? found : NULL;
}

static const block* blocks(void) {
  return (const block*)(archive + sizeof(header));
}

static const entry* entries(const header* head) {
  return (const entry*)(blocks() + head->blocks);
}

static int compare(const entry* one, const char* path, size_t size) {
  size_t shared = one->path_size < size ? one->path_size : size;
  int order = memcmp(archive + one->path, path, shared);
  return order ? order : (one->path_size > size) - (one->path_size < size);
}

// The first entry that is not before `path`; the number of entries if all are.
static uint32_t lower_bound(const header* head, const char* path, size_t size) {
  uint32_t first = 0, count = head->entries;
  while (count) {
    uint32_t half = count / 2;
    if (compare(&entries(head)[first + half], path, size) < 0) {
      first += half + 1;
      count -= half + 1;
    } else {
      count = half;
    }
  }
  return first;
}

static const entry* find(const char* path, size_t size) {
  const header* head = read_header();
  if (!head) return NULL;
  uint32_t at = lower_bound(head, path, size);
  bool there = at < head->entries && compare(&entries(head)[at], path, size) == 0;
  return there ? &entries(head)[at] : NULL;
}

// A block's content, which stays until KEPT_BLOCKS others have been read; NULL with an exception.
static const uint8_t* content(uint32_t index) {
  const block* one = &blocks()[index];
  if (one->stored == one->size) return archive + one->offset;
  for (unsigned i = 0; i < KEPT_BLOCKS; i++)
    if (kept[i].data && kept[i].block == index) return kept[i].data;
  uint8_t* data = malloc(one->size);
  if (!data) return (const uint8_t*)PyErr_NoMemory();
  size_t made = ZSTD_decompress(data, one->size, archive + one->offset, one->stored);
  if (made != one->size) {
    free(data);
    PyErr_Format(PyExc_ImportError, "block %u of the library in this file is damaged", index);
    return NULL;
  }
  free(kept[next_kept].data);
  kept[next_kept].block = index;
  kept[next_kept].data = data;
  next_kept = (next_kept + 1) % KEPT_BLOCKS;
  return data;
}

static PyObject* archive_read(PyObject* self, PyObject* path) {
  (void)self;
  Py_ssize_t size;
  const char* text = PyUnicode_AsUTF8AndSize(path, &size);
  if (!text) return NULL;
  const entry* one = find(text, (size_t)size);
  if (!one) Py_RETURN_NONE;
  const uint8_t* data = content(one->block);
  return data ? PyBytes_FromStringAndSize((const char*)data + one->offset, one->size) : NULL;
}

static PyObject* archive_has(PyObject* self, PyObject* path) {
  (void)self;
  Py_ssize_t size;
  const char* text = PyUnicode_AsUTF8AndSize(path, &size);
  return text ? PyBool_FromLong(find(text, (size_t)size) != NULL) : NULL;
}

// Adds the name that follows `prefix` in an entry's path, up to the next slash.
static int add_name(PyObject* names, const entry* one, size_t prefix) {
  const char* rest = (const char*)archive + one->path + prefix;
  size_t size = one->path_size - prefix;
  const char* slash = memchr(rest, '/', size);
  PyObject* name =
      PyUnicode_FromStringAndSize(rest, slash ? (Py_ssize_t)(slash - rest) : (Py_ssize_t)size);
  int result = name ? PySet_Add(names, name) : -1;
  Py_XDECREF(name);
  return result;
}

static PyObject* archive_names(PyObject* self, PyObject* directory) {
  (void)self;
  Py_ssize_t size;
  const char* text = PyUnicode_AsUTF8AndSize(directory, &size);
  PyObject* names = text ? PySet_New(NULL) : NULL;
  const header* head = read_header();
  if (!names || !head) return names;
  for (uint32_t at = lower_bound(head, text, (size_t)size); at < head->entries; at++) {
    const entry* one = &entries(head)[at];
    if (one->path_size < (size_t)size || memcmp(archive + one->path, text, (size_t)size) != 0)
      break;
    bool below = one->path_size > (size_t)size + 1 && archive[one->path + size] == '/';
    if (below && add_name(names, one, (size_t)size + 1) < 0) {
      Py_DECREF(names);
      return NULL;
    }
  }
  return names;
}

PyMODINIT_FUNC pylon_init_archive(void) {
  static PyMethodDef methods[] = {
      {"read", archive_read, METH_O,
       "read(path, /)\n--\n\nThe content of the file at that guest path, or None."},
      {"has", archive_has, METH_O,
       "has(path, /)\n--\n\nWhether there is a file at that guest path."},
      {"names", archive_names, METH_O,
       "names(directory, /)\n--\n\nThe names of the files and directories in a directory: a set."},
      {0}};
  static PyModuleDef definition = {PyModuleDef_HEAD_INIT, .m_name = "_pylon_archive",
                                   .m_doc = "The library inside this file.", .m_methods = methods};
  return PyModuleDef_Init(&definition);
}
