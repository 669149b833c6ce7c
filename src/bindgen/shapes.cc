#include "bindgen/shapes.hh"

#include "bindgen/names.hh"

namespace pylon::bindgen {
namespace {

std::string shape(const Type& type, const std::string& name) {
  std::string count = std::to_string(type.members.size()), list;
  switch (type.kind) {
    case Type::kRecord:
      for (const Member& member : type.members)
        list += (list.empty() ? "&" : ", &") + name + "::" + cpp_name(member.name);
      return "template <>\nstruct record<" + name +
             "> {\n  static constexpr auto fields = std::tuple(" + list + ");\n};\n";
    case Type::kVariant:
      return "template <>\ninline constexpr bool is_variant<" + name + "> = true;\n";
    case Type::kEnum:
      return "template <>\ninline constexpr std::uint32_t enum_cases<" + name + "> = " + count +
             ";\n";
    case Type::kFlags:
      return "template <>\ninline constexpr unsigned flag_count<" + name + "> = " + count + ";\n";
    default:
      return {};
  }
}

}  // namespace

std::string type_shapes(const Contract& contract, const CppTypes& types) {
  std::string out;
  for (const Type& type : contract.types)
    if (type.named()) out += shape(type, types.named(type));
  return out;
}

}  // namespace pylon::bindgen
