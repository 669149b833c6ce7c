#include "wasm/component_types.hh"

namespace pylon::wasm {
namespace {

constexpr std::size_t kMaxDepth = 100;
constexpr std::uint8_t kFunctionType = 0x40, kAsyncFunctionType = 0x43, kResourceType = 0x3f,
                       kComponentType = 0x41, kInstanceType = 0x42;

// Reads a type and writes it again, with other indices.
class TypeCopy {
 public:
  TypeCopy(Cursor& in, Writer& out, const IndexMap& map) : in_(in), out_(out), map_(map) {}

  Result<void> type() {
    PYLON_TRY(kind, in_.u8("a type"));
    out_.u8(kind);
    if (kind == kFunctionType || kind == kAsyncFunctionType) return function();
    if (kind == kResourceType) return resource();
    return defined_value(kind);
  }

 private:
  using Step = Result<void> (TypeCopy::*)();

  Result<std::uint8_t> byte(std::string_view what) {
    PYLON_TRY(value, in_.u8(what));
    out_.u8(value);
    return value;
  }

  Result<void> index(std::string_view what) {
    PYLON_TRY(old, in_.u32(what));
    PYLON_TRY(mapped, map_(old));
    out_.u32(mapped);
    return {};
  }

  // An index, or a primitive type as a negative number.
  Result<void> value() {
    PYLON_TRY(old, in_.s64("a value type"));
    if (old < -0x40 || old > INT32_MAX) return fail(in_.error("a value type of unknown kind"));
    auto code = static_cast<std::int32_t>(old);
    if (code >= 0) {
      PYLON_TRY(mapped, map_(static_cast<std::uint32_t>(code)));
      code = static_cast<std::int32_t>(mapped);
    }
    out_.s32(code);
    return {};
  }

  Result<void> optional_value() {
    PYLON_TRY(there, byte("whether there is a value type"));
    return there == 0 ? Result<void>() : value();
  }

  Result<void> label() {
    PYLON_TRY(text, in_.name("a label"));
    out_.name(text);
    return {};
  }

  Result<void> labelled_value() {
    PYLON_CHECK(label());
    return value();
  }

  Result<void> variant_case() {
    PYLON_CHECK(label());
    PYLON_CHECK(optional_value());
    PYLON_TRY(refines, byte("what a case refines"));
    if (refines != 0) return fail(in_.error("a case that refines another"));
    return {};
  }

  Result<void> each(Step step) {
    PYLON_TRY(count, in_.count("the number of elements"));
    out_.u32(count);
    for (std::uint32_t i = 0; i < count; ++i) PYLON_CHECK((this->*step)());
    return {};
  }

  Result<void> function() {
    PYLON_CHECK(each(&TypeCopy::labelled_value));
    PYLON_TRY(results, byte("whether a function has a result"));
    return results == 0 ? value() : each(&TypeCopy::labelled_value);
  }

  Result<void> resource() {
    PYLON_CHECK(byte("a resource's representation"));
    PYLON_TRY(destructor, byte("whether a resource has a destructor"));
    if (destructor == 0) return {};
    PYLON_TRY(core_function, in_.u32("a destructor"));
    out_.u32(core_function);
    return {};
  }

  Result<void> defined_value(std::uint8_t kind) {
    switch (kind) {
      case 0x72:
        return each(&TypeCopy::labelled_value);
      case 0x71:
        return each(&TypeCopy::variant_case);
      case 0x70:
      case 0x6b:
        return value();
      case 0x6f:
        return each(&TypeCopy::value);
      case 0x6e:
      case 0x6d:
        return each(&TypeCopy::label);
      case 0x6a:
        PYLON_CHECK(optional_value());
        return optional_value();
      case 0x69:
      case 0x68:
        return index("a resource's type");
      case 0x66:
      case 0x65:
        return optional_value();
      default:
        break;
    }
    if (kind >= 0x73 && kind <= 0x7f) return {};  // a primitive type
    return fail(in_.error("a type of unknown kind"));
  }

  Cursor& in_;
  Writer& out_;
  const IndexMap& map_;
};

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
  Cursor ahead = in;
  PYLON_TRY(kind, ahead.u8("a type"));
  if (kind != kComponentType && kind != kInstanceType) {
    Writer nowhere;
    PYLON_CHECK(copy_type(in, nowhere, [](std::uint32_t index) { return index; }));
    return false;
  }
  in = ahead;
  bool only_types = kind == kInstanceType;
  PYLON_TRY(count, in.count("the number of declarations", 2));
  for (std::uint32_t i = 0; i < count; ++i) {
    PYLON_TRY(more, skip_declaration(in, depth));
    if (more) only_types = false;
  }
  return only_types;
}

}  // namespace

Result<void> copy_type(Cursor& in, Writer& out, const IndexMap& map) {
  return TypeCopy(in, out, map).type();
}

Result<void> skip_type(Cursor& in) {
  PYLON_CHECK(skip_type(in, 0));
  return {};
}

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
