// Reads a schema (docs/bindings.md, "Schema") in one pass.
#include "binding/contract.h"

#include <stdlib.h>

#include "binding/cbor.h"

#define SCHEMA_VERSION 1
#define DEEPEST_TYPE 100
#define BLOCK_SIZE 4096

typedef struct cap_block {
  struct cap_block* next;
  size_t used, size;
  _Alignas(8) char bytes[];
} cap_block;

void* cap_allocate(cap_contract* contract, size_t size) {
  size = (size + 7) & ~(size_t)7;
  cap_block* block = contract->blocks;
  if (!block || block->size - block->used < size) {
    size_t room = size > BLOCK_SIZE ? size : BLOCK_SIZE;
    block = calloc(1, sizeof *block + room);
    if (!block) return PyErr_NoMemory();
    block->size = room;
    block->next = contract->blocks;
    contract->blocks = block;
  }
  void* memory = block->bytes + block->used;
  block->used += size;
  return memory;
}

void cap_contract_free(cap_contract* contract) {
  while (contract && contract->blocks) {
    cap_block* block = contract->blocks;
    contract->blocks = block->next;
    free(block);
  }
  free(contract);
}

#define PRIMITIVE(k) [k] = {.kind = k}
const cap_type cap_primitives[CAP_PRIMITIVES] = {
    PRIMITIVE(CAP_BOOL),   PRIMITIVE(CAP_U8),   PRIMITIVE(CAP_U16), PRIMITIVE(CAP_U32),
    PRIMITIVE(CAP_U64),    PRIMITIVE(CAP_S8),   PRIMITIVE(CAP_S16), PRIMITIVE(CAP_S32),
    PRIMITIVE(CAP_S64),    PRIMITIVE(CAP_F32),  PRIMITIVE(CAP_F64), PRIMITIVE(CAP_CHAR),
    PRIMITIVE(CAP_STRING), PRIMITIVE(CAP_BYTES)};

typedef struct {
  cbor_reader in;
  cap_contract* contract;
  size_t known;    // types read so far: what a type may refer to
  uint32_t calls;  // functions read so far
} reader;

// Every function here returns false if the schema is malformed or memory is short (then with an
// exception set).

static bool read_text(reader* r, cap_text* text) {
  const uint8_t* data;
  if (!cbor_string(&r->in, CBOR_TEXT, &data, &text->size)) return false;
  text->data = (const char*)data;
  return true;
}

static bool read_fixed_array(reader* r, size_t count) {
  size_t found;
  return cbor_array(&r->in, &found) && found == count;
}

static bool read_number(reader* r, uint64_t limit, size_t* number) {
  uint64_t value;
  if (!cbor_expect(&r->in, CBOR_UNSIGNED, &value) || value >= limit) return false;
  *number = (size_t)value;
  return true;
}

// An array's count, and zeroed memory for as many elements.
static bool read_list(reader* r, size_t item_size, size_t* count, void* items) {
  void* memory;
  if (!cbor_array(&r->in, count) || !(memory = cap_allocate(r->contract, *count * item_size)))
    return false;
  *(void**)items = memory;
  return true;
}

static bool read_reference(reader* r, const cap_type** type) {
  size_t number;
  if (!read_number(r, 16 + r->known, &number) || (number >= CAP_PRIMITIVES && number < 16))
    return false;
  *type = number < CAP_PRIMITIVES ? &cap_primitives[number] : &r->contract->types[number - 16];
  return true;
}

static bool read_optional_reference(reader* r, const cap_type** type) {
  *type = NULL;
  return cbor_byte(&r->in, CBOR_NULL) || read_reference(r, type);
}

// ---- functions

static bool read_parameters(reader* r, cap_function* function) {
  if (!read_list(r, sizeof *function->parameters, &function->count, &function->parameters))
    return false;
  if (function->count > CAP_MOST_PARAMETERS) return false;
  for (size_t i = 0; i < function->count; i++) {
    cap_parameter* parameter = &function->parameters[i];
    if (!read_fixed_array(r, 2) || !read_text(r, &parameter->name) ||
        !read_reference(r, &parameter->type))
      return false;
    if (!(parameter->python_name = cap_snake_case(parameter->name))) return false;
  }
  return true;
}

static bool read_function(reader* r, cap_function* function) {
  size_t kind;
  if (!read_fixed_array(r, 6) || !read_number(r, CAP_STATIC + 1, &kind) ||
      !read_text(r, &function->name) || !read_text(r, &function->method) ||
      !read_text(r, &function->docs) || !read_parameters(r, function) ||
      !read_optional_reference(r, &function->value) ||
      !(function->python_name = cap_snake_case(function->name)))
    return false;
  function->kind = (cap_function_kind)kind;
  function->number = r->calls++;
  return true;
}

// What depends on the types, which come after the interfaces' functions.
static void complete_functions(cap_function* functions, size_t count) {
  for (size_t i = 0; i < count; i++) {
    cap_function* function = &functions[i];
    const cap_type* result = function->value;
    function->fallible = result && result->kind == CAP_RESULT;
    function->value = function->fallible ? result->element : result;
    function->error = function->fallible ? result->error : NULL;
    function->raw_request = function->count == 1 && function->parameters[0].type->kind == CAP_BYTES;
    function->raw_response = function->value && function->value->kind == CAP_BYTES;
    function->required = function->count;
    while (function->required > 0 &&
           function->parameters[function->required - 1].type->kind == CAP_OPTION)
      function->required--;
  }
}

static void complete(cap_contract* contract) {
  for (size_t i = 0; i < contract->interface_count; i++)
    complete_functions(contract->interfaces[i].functions, contract->interfaces[i].function_count);
  for (size_t i = 0; i < contract->type_count; i++)
    complete_functions(contract->types[i].functions, contract->types[i].function_count);
}

static bool read_functions(reader* r, cap_function** functions, size_t* count) {
  if (!read_list(r, sizeof **functions, count, functions)) return false;
  for (size_t i = 0; i < *count; i++)
    if (!read_function(r, &(*functions)[i])) return false;
  return true;
}

// ---- types

static bool read_items(reader* r, cap_type* type) {
  if (!read_list(r, sizeof *type->items, &type->count, &type->items)) return false;
  bool typed = type->kind == CAP_RECORD || type->kind == CAP_VARIANT;
  for (size_t i = 0; i < type->count; i++) {
    cap_item* item = &type->items[i];
    if (!read_fixed_array(r, typed ? 3 : 2) || !read_text(r, &item->name)) return false;
    if (type->kind == CAP_RECORD && !read_reference(r, &item->type)) return false;
    if (type->kind == CAP_VARIANT && !read_optional_reference(r, &item->type)) return false;
    if (!read_text(r, &item->docs)) return false;
  }
  return type->count > 0 && (type->kind != CAP_FLAGS || type->count <= 32);
}

static bool read_tuple(reader* r, cap_type* type) {
  if (!read_list(r, sizeof *type->items, &type->count, &type->items)) return false;
  for (size_t i = 0; i < type->count; i++)
    if (!read_reference(r, &type->items[i].type)) return false;
  return true;
}

static bool read_named_type(reader* r, cap_type* type) {
  if (!read_number(r, r->contract->interface_count, &type->interface) ||
      !read_text(r, &type->name) || !read_text(r, &type->docs))
    return false;
  if (type->kind != CAP_RESOURCE) return read_items(r, type);
  type->drop_number = 0;
  return read_text(r, &type->drop);
}

static const size_t elements[CAP_KINDS_END] = {
    [CAP_LIST] = 2,     [CAP_OPTION] = 2,  [CAP_RESULT] = 3, [CAP_TUPLE] = 2,
    [CAP_RECORD] = 5,   [CAP_VARIANT] = 5, [CAP_ENUM] = 5,   [CAP_FLAGS] = 5,
    [CAP_RESOURCE] = 6, [CAP_OWN] = 2,     [CAP_BORROW] = 2};

static bool measure_depth(cap_type* type) {
  unsigned deepest = 0;
  if (type->element && type->kind < CAP_OWN) deepest = type->element->depth;
  if (type->error && type->error->depth > deepest) deepest = type->error->depth;
  for (size_t i = 0; i < type->count; i++)
    if (type->items[i].type && type->items[i].type->depth > deepest)
      deepest = type->items[i].type->depth;
  type->depth = deepest + 1;
  return type->depth <= DEEPEST_TYPE;
}

static bool read_type(reader* r, cap_type* type) {
  size_t found, kind;
  if (!cbor_array(&r->in, &found) || !read_number(r, CAP_KINDS_END - CAP_LIST, &kind)) return false;
  type->kind = (cap_kind)(CAP_LIST + kind);
  if (found != elements[type->kind]) return false;
  bool good;
  switch (type->kind) {
    case CAP_RESULT:
      good = read_optional_reference(r, &type->element) && read_optional_reference(r, &type->error);
      break;
    case CAP_TUPLE:
      good = read_tuple(r, type);
      break;
    case CAP_LIST:
    case CAP_OPTION:
      good = read_reference(r, &type->element);
      break;
    case CAP_OWN:
    case CAP_BORROW:
      good = read_reference(r, &type->element) && type->element->kind == CAP_RESOURCE;
      break;
    default:
      good = read_named_type(r, type);
  }
  return good && measure_depth(type);
}

// A constructor is called by the name of its class.
static bool name_constructor(cap_type* type) {
  for (size_t i = 0; i < type->function_count; i++) {
    cap_function* function = &type->functions[i];
    if (function->kind != CAP_CONSTRUCTOR) continue;
    Py_SETREF(function->python_name, cap_camel_case(type->name));
    if (!function->python_name) return false;
  }
  return true;
}

static bool read_types(reader* r) {
  cap_contract* contract = r->contract;
  for (size_t i = 0; i < contract->type_count; i++) {
    cap_type* type = &contract->types[i];
    r->known = i;
    if (!read_type(r, type)) return false;
    if (type->kind != CAP_RESOURCE) continue;
    type->drop_number = r->calls++;
    r->known = contract->type_count;  // a resource's functions may refer to any type
    if (!read_functions(r, &type->functions, &type->function_count) || !name_constructor(type))
      return false;
  }
  return true;
}

// ---- interfaces

static bool read_interface(reader* r, cap_interface* interface) {
  size_t role;
  if (!read_fixed_array(r, 6) || !read_number(r, CAP_CALLBACKS + 1, &role) ||
      !read_text(r, &interface->name) || !read_text(r, &interface->id) ||
      !read_text(r, &interface->docs) ||
      !read_list(r, sizeof *interface->named, &interface->named_count, &interface->named))
    return false;
  interface->role = (cap_role)role;
  for (size_t i = 0; i < interface->named_count; i++) {
    cap_item* named = &interface->named[i];
    if (!read_fixed_array(r, 3) || !read_text(r, &named->name) ||
        !read_reference(r, &named->type) || !read_text(r, &named->docs))
      return false;
  }
  return read_functions(r, &interface->functions, &interface->function_count);
}

// Passes over one item, whatever it is, without recursion: `open` items are still to come.
static bool skip_item(cbor_reader* in) {
  for (uint64_t open = 1; open > 0; open--) {
    unsigned major;
    uint64_t value;
    if (in->at < in->end && *in->at >> 5 == CBOR_SIMPLE) {
      in->at++;
      continue;
    }
    if (!cbor_head(in, &major, &value)) return false;
    if (major == CBOR_BYTES || major == CBOR_TEXT) {
      if (value > cbor_left(in)) return false;
      in->at += value;
    } else if (major == CBOR_ARRAY) {
      if (value > cbor_left(in)) return false;
      open += value;
    }
  }
  return true;
}

static bool count_types(reader* r, size_t* count) {
  cbor_reader ahead = r->in;
  return skip_item(&ahead) && cbor_array(&ahead, count);
}

static bool read_schema(reader* r) {
  cap_contract* contract = r->contract;
  size_t version, count;
  if (!read_fixed_array(r, 5) || !read_number(r, SIZE_MAX, &version) || version != SCHEMA_VERSION ||
      !read_text(r, &contract->package) || !read_text(r, &contract->docs) ||
      !count_types(r, &contract->type_count))
    return false;
  contract->types = cap_allocate(contract, contract->type_count * sizeof *contract->types);
  if (!contract->types) return false;
  r->known = contract->type_count;
  if (!read_list(r, sizeof *contract->interfaces, &contract->interface_count,
                 &contract->interfaces))
    return false;
  for (size_t i = 0; i < contract->interface_count; i++)
    if (!read_interface(r, &contract->interfaces[i])) return false;
  return cbor_array(&r->in, &count) && read_types(r) && cbor_left(&r->in) == 0;
}

cap_contract* cap_contract_read(const uint8_t* schema, size_t size) {
  cap_contract* contract = calloc(1, sizeof *contract);
  if (!contract) return (cap_contract*)PyErr_NoMemory();
  reader r = {{schema, schema + size}, contract, 0, 0};
  if (read_schema(&r)) {
    complete(contract);
    return contract;
  }
  cap_contract_free(contract);
  return NULL;
}
