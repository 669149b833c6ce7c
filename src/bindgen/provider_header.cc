#include "bindgen/cpp_types.hh"
#include "bindgen/names.hh"
#include "bindgen/provider.hh"
#include "bindgen/shapes.hh"

namespace pylon::bindgen {
namespace {

// A comment a line; none may end in a backslash.
std::string comment(const std::string& docs, const std::string& indent) {
  if (docs.empty()) return {};
  std::string out = indent + "/// ";
  for (char c : docs) {
    if (c == '\n') {
      if (out.ends_with("\\")) out += " .";
      out += "\n" + indent + "/// ";
    } else if (c >= ' ' || c == '\t') {
      out += c;
    }
  }
  return out + (out.ends_with("\\") ? " .\n" : "\n");
}

class Header {
 public:
  Header(const Contract& contract, CppTypes::Resources resources)
      : contract_(contract), types_(contract, resources) {}
  std::string provider();
  std::string types_only();

 private:
  void open(const Interface& interface) {
    out_ += "namespace " + cpp_namespace(interface).substr(2) + " {\n";
  }
  void type(const Type& type);
  void record(const Type& type, const std::string& name);
  void variant(const Type& type, const std::string& name);
  void enumeration(const Type& type, const std::string& name);
  void flags(const Type& type, const std::string& name);
  void resource(const Type& type);
  void aliases(std::size_t interface);
  void functions(const Interface& interface);
  std::string declaration(const Function& function, const std::string& name, std::size_t skip);

  const Contract& contract_;
  CppTypes types_;
  std::string out_;
};

void Header::record(const Type& type, const std::string& name) {
  out_ += "struct " + name + " {\n";
  for (const Member& member : type.members) {
    out_ += comment(member.docs, "  ");
    out_ += "  " + types_.owned(*member.type) + " " + cpp_name(member.name) + "{};\n";
  }
  out_ += "};\n";
}

void Header::variant(const Type& type, const std::string& name) {
  std::string cases;
  out_ += "struct " + name + " {\n";
  for (const Member& member : type.members) {
    std::string inner = cpp_inner_name(member.name, type);
    cases += (cases.empty() ? "" : ", ") + inner;
    out_ += comment(member.docs, "  ") + "  struct " + inner;
    out_ += member.type ? " {\n    " + types_.owned(*member.type) + " value{};\n  };\n" : " {};\n";
  }
  out_ += "  std::variant<" + cases + "> value{};\n};\n";
}

void Header::enumeration(const Type& type, const std::string& name) {
  out_ += "enum class " + name + " : std::uint32_t {\n";
  for (const Member& member : type.members)
    out_ += comment(member.docs, "  ") + "  " + cpp_name(member.name) + ",\n";
  out_ += "};\n";
}

void Header::flags(const Type& type, const std::string& name) {
  std::size_t count = type.members.size();
  std::string bits = count <= 8 ? "std::uint8_t" : count <= 16 ? "std::uint16_t" : "std::uint32_t";
  out_ += "struct " + name + " {\n  " + bits + " bits = 0;\n";
  for (std::size_t i = 0; i < count; ++i) {
    out_ += comment(type.members[i].docs, "  ");
    out_ += "  static constexpr " + bits + " " + cpp_inner_name(type.members[i].name, type) +
            " = " + std::to_string(std::uint64_t{1} << i) + (i == 31 ? "u;\n" : ";\n");
  }
  out_ += "};\n";
}

void Header::type(const Type& type) {
  if (!type.named() || type.kind == Type::kResource) return;
  open(contract_.interfaces[type.interface]);
  out_ += comment(type.docs, "");
  std::string name = cpp_name(type.name);
  if (type.kind == Type::kRecord) record(type, name);
  if (type.kind == Type::kVariant) variant(type, name);
  if (type.kind == Type::kEnum) enumeration(type, name);
  if (type.kind == Type::kFlags) flags(type, name);
  out_ += "}\n\n";
}

std::string Header::declaration(const Function& function, const std::string& name,
                                std::size_t skip) {
  std::string out = types_.result(function.result) + " " + name + "(";
  for (std::size_t i = skip; i < function.params.size(); ++i)
    out += (i == skip ? "" : ", ") + types_.param(function.params[i].type) + " " +
           cpp_name(function.params[i].name);
  return out + ")";
}

// The class to derive from, and the functions that make its objects.
void Header::resource(const Type& type) {
  if (type.kind != Type::kResource) return;
  std::string name = cpp_name(type.name);
  open(contract_.interfaces[type.interface]);
  out_ += comment(type.docs, "") + "class " + name + " {\n public:\n";
  out_ += "  virtual ~" + name + "() = default;\n";
  for (const Function& function : type.functions) {
    if (function.kind != Function::kMethod) continue;
    out_ += comment(function.docs, "  ");
    out_ +=
        "  virtual " + declaration(function, cpp_inner_name(function.name, type), 1) + " = 0;\n";
  }
  out_ += "};\n";
  for (const Function& function : type.functions)
    if (function.kind != Function::kMethod)
      out_ += comment(function.docs, "") +
              declaration(function, cpp_function_name(function, &type), 0) + ";\n";
  out_ += "}\n\n";
}

// Names that are defined elsewhere, or that only abbreviate.
void Header::aliases(std::size_t index) {
  const Interface& interface = contract_.interfaces[index];
  std::string list;
  for (const NamedType& named : interface.names) {
    bool here = !named.type.primitive() && contract_.type(named.type).named() &&
                contract_.type(named.type).interface == index &&
                contract_.type(named.type).name == named.name;
    if (here) continue;
    bool resource = contract_.is(named.type, Type::kResource);
    list += "using " + cpp_name(named.name) + " = " +
            (resource ? types_.named(contract_.type(named.type)) : types_.owned(named.type)) +
            ";\n";
  }
  if (list.empty()) return;
  open(interface);
  out_ += list + "}\n\n";
}

void Header::functions(const Interface& interface) {
  if (interface.functions.empty()) return;
  bool callbacks = interface.role == Interface::kCallbacks;
  out_ += comment(interface.docs, "");
  out_ += callbacks ? "// The consumer's; to be called.\n" : "// To be defined.\n";
  open(interface);
  for (const Function& function : interface.functions) {
    out_ += comment(function.docs, "");
    std::string text = declaration(function, cpp_name(function.name), 0);
    if (callbacks) {
      std::string result = types_.result(function.result);
      text = "::cap::outcome<" + result + ">" + text.substr(result.size());
    }
    out_ += text + ";\n";
  }
  out_ += "}\n\n";
}

std::string Header::types_only() {
  for (const Type& one : contract_.types) type(one);
  return out_;
}

std::string Header::provider() {
  out_ = "// Made by pylon-bindgen from " + contract_.package +
         "; docs/bindings.md explains it.\n#pragma once\n\n";
  out_ += "#include \"cap.hh\"\n\n";
  for (const Type& type : contract_.types) {
    if (type.kind != Type::kResource) continue;
    open(contract_.interfaces[type.interface]);
    out_ += "class " + cpp_name(type.name) + ";\n}\n\n";
  }
  for (const Type& one : contract_.types) type(one);
  for (const Type& one : contract_.types) resource(one);
  for (std::size_t i = 0; i < contract_.interfaces.size(); ++i) aliases(i);
  for (const Interface& interface : contract_.interfaces) functions(interface);
  out_.pop_back();
  return out_;
}

}  // namespace

std::string provider_header(const Contract& contract) {
  return Header(contract, CppTypes::kObjects).provider();
}

std::string type_definitions(const Contract& contract, CppTypes::Resources resources) {
  return Header(contract, resources).types_only();
}

}  // namespace pylon::bindgen
