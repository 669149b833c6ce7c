#include "bindgen/extension.hh"

#include "bindgen/canonical_abi.hh"
#include "bindgen/schema.hh"
#include "bindgen/shapes.hh"

namespace pylon::bindgen {
namespace {

class Extension {
 public:
  Extension(const Contract& contract, const std::string& name)
      : contract_(contract), types_(contract, CppTypes::kHandles), name_(name) {}
  std::string write();

 private:
  void interface(const Interface& interface);
  void resource(const Type& type);
  void function(const Function& function, const Interface& interface);
  void drop(const Type& type);
  void import(const std::string& id, const std::string& interface, const std::string& name,
              const std::string& result, const std::string& params);
  void functions();

  const Contract& contract_;
  CppTypes types_;
  const std::string& name_;
  std::string out_;
  std::string table_;  // what serves each function, in the schema's order
  int functions_ = 0;
};

// The schema, and what adds the extension to the interpreter when the component is instantiated. A
// function `call` has to stand before it.
std::string registration(const Contract& contract, const std::string& name) {
  std::string out = "const std::uint8_t kSchema[] = {";
  std::size_t column = 0;
  for (std::uint8_t byte : schema_of(contract))
    out += (column++ % 24 ? "" : "\n    ") + std::to_string(byte) + ",";
  out += "\n};\n\n";
  out += "pylon_extension extension = {\"" + name +
         "\", kSchema, sizeof(kSchema), {call, nullptr}, nullptr};\n\n";
  out += "[[gnu::constructor]] void add() { pylon_add_extension(&extension); }\n\n";
  return out + "}  // namespace\n}  // namespace cap::glue\n";
}

// A slot as a core type.
std::string from_slot(Core core, const std::string& slot) {
  switch (core) {
    case Core::kF32:
      return "std::bit_cast<float>(static_cast<std::uint32_t>(" + slot + "))";
    case Core::kF64:
      return "std::bit_cast<double>(" + slot + ")";
    default:
      return std::string("static_cast<") + core_name(core) + ">(" + slot + ")";
  }
}

void Extension::import(const std::string& id, const std::string& interface, const std::string& name,
                       const std::string& result, const std::string& params) {
  out_ += "extern \"C\" [[clang::import_module(\"" + interface + "\"), clang::import_name(\"" +
          name + "\")]] " + result + " cap_import_" + id + "(" + params + ");\n";
}

void Extension::function(const Function& function, const Interface& interface) {
  std::string id = std::to_string(functions_++), params, arguments;
  std::vector<Core> flat = flatten_params(contract_, function), result;
  if (function.result) result = flatten(contract_, *function.result);
  if (flat.size() > kMostFlatParams) flat = {Core::kI32};
  for (std::size_t i = 0; i < flat.size(); ++i) {
    params += (i ? ", " : "") + std::string(core_name(flat[i]));
    arguments += (i ? ", " : "") + from_slot(flat[i], "in[" + std::to_string(i) + "]");
  }
  if (result.size() > 1) {
    params += params.empty() ? "void*" : ", void*";
    arguments += arguments.empty() ? "area" : ", area";
  }
  import(id, interface.id, function.wit_name, result.size() == 1 ? core_name(result[0]) : "void",
         params);
  std::string call = "cap_import_" + id + "(" + arguments + ")";
  if (result.size() == 1) call = "*static_cast<slot*>(area) = slot_of(" + call + ")";
  out_ +=
      "struct f" + id + " {\n  static constexpr std::string_view method = \"" + function.method +
      "\";\n" + "  using parameters = " + types_.holders(function) + ";\n" +
      "  using result = " + types_.result(function.result) + ";\n" +
      "  static void import([[maybe_unused]] const slot* in, [[maybe_unused]] void* area) {\n    " +
      call + ";\n  }\n};\n";
  table_ += "    serve_import<f" + id + ">,\n";
}

void Extension::drop(const Type& type) {
  std::string id = std::to_string(functions_++);
  import(id, contract_.interfaces[type.interface].id, "[resource-drop]" + type.name, "void",
         "std::int32_t");
  out_ += "struct f" + id + " {\n  static constexpr std::string_view method = \"" +
          type.drop_method + "\";\n" +
          "  using parameters = std::tuple<handle>;\n  using result = void;\n" +
          "  static void import(const slot* in, void*) { cap_import_" + id +
          "(static_cast<std::int32_t>(in[0])); }\n};\n";
  table_ += "    serve_import<f" + id + ">,\n";
}

void Extension::interface(const Interface& interface) {
  for (const Function& one : interface.functions) {
    if (interface.role == Interface::kExported)
      function(one, interface);
    else
      table_ += "    nullptr,\n";
  }
}

void Extension::resource(const Type& type) {
  drop(type);
  for (const Function& one : type.functions) function(one, contract_.interfaces[type.interface]);
}

void Extension::functions() {
  out_ += "using serve = answer (*)(std::span<const std::uint8_t>);\n\n";
  out_ += "constexpr serve kFunctions[] = {\n" + table_ + "};\n\n";
  out_ +=
      R"(void call(void*, std::uint32_t function, const char*, std::size_t, const std::uint8_t* payload,
          std::size_t size, pylon_cap_answer* out) {
  hand_over(kFunctions[function]({payload, size}), out);
}

)";
}

std::string Extension::write() {
  out_ = "// Made by pylon-bindgen from " + contract_.package +
         ": the functions of its Python module over typed imports.\n"
         "#include \"extension.hh\"\n#include \"import.hh\"\n\n";
  out_ += type_definitions(contract_, CppTypes::kHandles);
  out_ += "namespace cap::glue {\n\n" + type_shapes(contract_, types_) + "\nnamespace {\n\n";
  for (const Interface& one : contract_.interfaces) interface(one);
  for (const Type& type : contract_.types)
    if (type.kind == Type::kResource) resource(type);
  out_ += "\n";
  functions();
  out_ += registration(contract_, name_);
  return out_;
}

}  // namespace

std::string extension_source(const Contract& contract, const std::string& name) {
  return Extension(contract, name).write();
}

std::string static_extension_source(const Contract& contract, const std::string& name) {
  return "// Made by pylon-bindgen from " + contract.package +
         ": the functions of its Python module, with their provider linked in.\n"
         "#include \"extension.hh\"\n\nnamespace cap::glue {\nnamespace {\n\n"
         R"(void call(void*, std::uint32_t, const char* method, std::size_t method_size,
          const std::uint8_t* payload, std::size_t size, pylon_cap_answer* out) {
  hand_over(dispatch({method, method_size}, {payload, size}), out);
}

)" + registration(contract, name);
}

}  // namespace pylon::bindgen
