#include "bindgen/extension.hh"

#include "bindgen/canonical_abi.hh"
#include "bindgen/names.hh"
#include "bindgen/schema.hh"
#include "bindgen/shapes.hh"

namespace pylon::bindgen {
namespace {

class Extension {
 public:
  Extension(const Contract& contract, std::string name)
      : contract_(contract),
        types_(contract, CppTypes::kHandles),
        module_("_" + python_name(name) + "_cap") {}
  std::string write();

 private:
  void interface(const Interface& interface);
  void resource(const Type& type);
  void function(const Function& function, const Interface& interface);
  void drop(const Type& type);
  void import(const std::string& id, const std::string& interface, const std::string& name,
              const std::string& result, const std::string& params);
  void schema();
  void module();
  void initialiser();

  const Contract& contract_;
  CppTypes types_;
  std::string module_;
  std::string out_;
  std::string table_;  // what serves each function, in the schema's order
  int functions_ = 0;
};

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
          name + "\")]] " + result + " " + module_ + "_import_" + id + "(" + params + ");\n";
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
  std::string call = module_ + "_import_" + id + "(" + arguments + ")";
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
          "  static void import(const slot* in, void*) { " + module_ + "_import_" + id +
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

void Extension::schema() {
  out_ += "const std::uint8_t kSchema[] = {";
  std::size_t column = 0;
  for (std::uint8_t byte : schema_of(contract_))
    out_ += (column++ % 24 ? "" : "\n    ") + std::to_string(byte) + ",";
  out_ += "\n};\n\n";
}

void Extension::module() {
  out_ += "using serve = cap::glue::answer (*)(std::span<const std::uint8_t>);\n\n";
  out_ += "constexpr serve kFunctions[] = {\n" + table_ + "};\n\n";
  out_ +=
      R"(void call(void*, std::uint32_t function, const char*, std::size_t, const std::uint8_t* payload,
          std::size_t size, pylon_cap_answer* out) {
  cap::glue::answer answer = kFunctions[function]({payload, size});
  out->status = static_cast<pylon_cap_status>(answer.status);
  out->kind = static_cast<pylon_cap_failure>(answer.kind);
  out->size = answer.data.size();
  out->data = answer.data.release();
  out->object = nullptr;
}

)";
}

// The module is made when it is imported, by the library that makes those of the dynamic linkage
// too.
void Extension::initialiser() {
  const std::string name = "\"" + module_ + "\"";
  out_ += "static PyObject* " + module_ + "_create(PyObject*, PyModuleDef*) {\n" +
          "  using namespace cap::glue;\n" +
          "  static const pylon_cap_backend backend = {call, nullptr};\n" +
          "  return pylon_cap_module_new(" + name + ", kSchema, sizeof(kSchema), &backend);\n}\n\n";
  out_ += "PyMODINIT_FUNC PyInit_" + module_ + "() {\n" +
          "  static PyModuleDef_Slot slots[] = {{Py_mod_create, reinterpret_cast<void*>(" +
          module_ + "_create)}, {0, nullptr}};\n" +
          "  static PyModuleDef definition = {PyModuleDef_HEAD_INIT, " + name +
          ", nullptr, 0, nullptr, slots, nullptr, nullptr, nullptr};\n" +
          "  return PyModuleDef_Init(&definition);\n}\n\n";
  out_ += "// Before the interpreter is initialised.\n[[gnu::constructor]] static void " + module_ +
          "_add() { PyImport_AppendInittab(" + name + ", PyInit_" + module_ + "); }\n";
}

std::string Extension::write() {
  out_ = "// Made by pylon-bindgen from " + contract_.package + ": the Python module " + module_ +
         " over typed imports.\n#include <Python.h>\n\nextern \"C\" {\n#include "
         "\"binding/pylon_cap.h\"\n}\n#include \"import.hh\"\n\n";
  out_ += type_definitions(contract_, CppTypes::kHandles);
  out_ += "namespace cap::glue {\n\n" + type_shapes(contract_, types_) + "\nnamespace {\n\n";
  for (const Interface& one : contract_.interfaces) interface(one);
  for (const Type& type : contract_.types)
    if (type.kind == Type::kResource) resource(type);
  out_ += "\n";
  schema();
  module();
  out_ += "}  // namespace\n}  // namespace cap::glue\n\n";
  initialiser();
  return out_;
}

}  // namespace

std::string extension_source(const Contract& contract, const std::string& name) {
  return Extension(contract, name).write();
}

}  // namespace pylon::bindgen
