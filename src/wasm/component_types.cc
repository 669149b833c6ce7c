#include "wasm/component_types.hh"

namespace pylon::wasm {
namespace {

constexpr std::size_t kMaxDepth = 100;

Result<void> skip_value_type(Cursor& in) {
  PYLON_CHECK(in.s64("a value type"));  // an index, or a primitive type as a negative number
  return {};
}

Result<void> skip_optional_value_type(Cursor& in) {
  PYLON_TRY(there, in.u8("whether there is a value type"));
  return there == 0 ? Result<void>() : skip_value_type(in);
}

// A vector whose elements `skip` reads.
template <typename Skip>
Result<void> skip_vector(Cursor& in, Skip skip) {
  PYLON_TRY(count, in.count("the number of elements"));
  for (std::uint32_t i = 0; i < count; ++i) PYLON_CHECK(skip(in));
  return {};
}

Result<void> skip_label(Cursor& in) {
  PYLON_CHECK(in.name("a label"));
  return {};
}

Result<void> skip_labelled_type(Cursor& in) {
  PYLON_CHECK(in.name("a label"));
  return skip_value_type(in);
}

Result<void> skip_case(Cursor& in) {
  PYLON_CHECK(in.name("a case's label"));
  PYLON_CHECK(skip_optional_value_type(in));
  PYLON_TRY(refines, in.u8("what a case refines"));
  if (refines != 0) PYLON_CHECK(in.u32("the case that is refined"));
  return {};
}

Result<void> skip_function_type(Cursor& in) {
  PYLON_CHECK(skip_vector(in, skip_labelled_type));
  PYLON_TRY(results, in.u8("whether a function has a result"));
  if (results == 0) return skip_value_type(in);
  return skip_vector(in, skip_labelled_type);
}

Result<void> skip_resource_type(Cursor& in) {
  PYLON_CHECK(in.u8("a resource's representation"));
  PYLON_TRY(destructor, in.u8("whether a resource has a destructor"));
  if (destructor != 0) PYLON_CHECK(in.u32("a destructor"));
  return {};
}

Result<void> skip_defined_value_type(Cursor& in, std::uint8_t kind) {
  switch (kind) {
    case 0x72:
      return skip_vector(in, skip_labelled_type);
    case 0x71:
      return skip_vector(in, skip_case);
    case 0x70:
    case 0x6b:
      return skip_value_type(in);
    case 0x6f:
      return skip_vector(in, skip_value_type);
    case 0x6e:
    case 0x6d:
      return skip_vector(in, skip_label);
    case 0x6a:
      PYLON_CHECK(skip_optional_value_type(in));
      return skip_optional_value_type(in);
    case 0x69:
    case 0x68:
      PYLON_CHECK(in.u32("a resource's type"));
      return {};
    case 0x66:
    case 0x65:
      return skip_optional_value_type(in);
    default:
      break;
  }
  if (kind >= 0x73 && kind <= 0x7f) return {};  // a primitive type
  return fail(in.error("a type of unknown kind"));
}

// The sort of what an alias gives a name to.
Result<std::uint8_t> skip_alias(Cursor& in) {
  PYLON_TRY(sort, in.u8("an alias's sort"));
  if (sort == 0x00) PYLON_CHECK(in.u8("an alias's core sort"));
  PYLON_TRY(target, in.u8("an alias's target"));
  PYLON_CHECK(in.u32("where an alias points"));
  if (target == 0x02)
    PYLON_CHECK(in.u32("where an alias points"));
  else if (target <= 0x01)
    PYLON_CHECK(in.name("an alias's name"));
  else
    return fail(in.error("an alias of unknown kind"));
  return sort;
}

Result<bool> skip_type(Cursor& in, std::size_t depth);

// A declaration of a component's or an instance's type; true if it is a function or a resource.
Result<bool> skip_declaration(Cursor& in, std::size_t depth) {
  PYLON_TRY(kind, in.u8("a declaration"));
  if (kind == 0x01) {
    PYLON_CHECK(skip_type(in, depth + 1));
    return false;
  }
  if (kind == 0x02) {
    PYLON_CHECK(skip_alias(in));
    return false;
  }
  if (kind != 0x03 && kind != 0x04) return fail(in.error("a declaration of unknown kind"));
  PYLON_CHECK(read_extern_name(in));
  PYLON_TRY(type, read_extern_type(in));
  return type.sort != ComponentExtern::kType || type.is_resource;
}

// A type; true if it is that of instances without functions and resources.
Result<bool> skip_type(Cursor& in, std::size_t depth) {
  if (depth > kMaxDepth) return fail(in.error("types nested too deep"));
  PYLON_TRY(kind, in.u8("a type"));
  if (kind == 0x40 || kind == 0x43) {
    PYLON_CHECK(skip_function_type(in));
    return false;
  }
  if (kind == 0x3f) {
    PYLON_CHECK(skip_resource_type(in));
    return false;
  }
  if (kind != 0x41 && kind != 0x42) {
    PYLON_CHECK(skip_defined_value_type(in, kind));
    return false;
  }
  bool only_types = kind == 0x42;
  PYLON_TRY(count, in.count("the number of declarations", 2));
  for (std::uint32_t i = 0; i < count; ++i) {
    PYLON_TRY(more, skip_declaration(in, depth));
    if (more) only_types = false;
  }
  return only_types;
}

}  // namespace

Result<std::string> read_extern_name(Cursor& in) {
  PYLON_TRY(tag, in.u8("the kind of a name"));
  if (tag > 2) return fail(in.error("a name of unknown kind"));
  PYLON_TRY(name, in.name("an interface name"));
  if (tag == 2) PYLON_CHECK(in.name("a version suffix"));
  return std::move(name);
}

Result<ComponentExtern> read_extern_type(Cursor& in) {
  PYLON_TRY(sort, in.u8("the kind of an import or export"));
  ComponentExtern out{sort, 0, false};
  if (sort > ComponentExtern::kInstance)
    return fail(in.error("an import or export of unknown kind"));
  if (sort == 0x00) PYLON_CHECK(in.u8("the kind of a core item"));
  if (sort == 0x02 || sort == ComponentExtern::kType) {
    PYLON_TRY(bound, in.u8("a bound"));
    if (bound > 1 || (sort == 0x02 && bound == 1)) return fail(in.error("a bound of unknown kind"));
    out.is_resource = bound == 1;
    if (out.is_resource) return out;
  }
  PYLON_TRY(index, in.u32("a type index"));
  out.index = index;
  return out;
}

Result<void> ComponentTypes::add_types(Cursor in) {
  PYLON_TRY(count, in.count("the number of types"));
  for (std::uint32_t i = 0; i < count; ++i) {
    PYLON_TRY(only_types, skip_type(in, 0));
    types_only_.push_back(only_types);
  }
  return in.expect_end();
}

Result<void> ComponentTypes::add_aliases(Cursor in) {
  PYLON_TRY(count, in.count("the number of aliases", 4));
  for (std::uint32_t i = 0; i < count; ++i) {
    PYLON_TRY(sort, skip_alias(in));
    if (sort == ComponentExtern::kType) add_type();
  }
  return in.expect_end();
}

}  // namespace pylon::wasm
