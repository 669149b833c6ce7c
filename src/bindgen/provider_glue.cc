#include <map>

#include "base/sha256.hh"
#include "bindgen/canonical_abi.hh"
#include "bindgen/cpp_types.hh"
#include "bindgen/names.hh"
#include "bindgen/provider.hh"
#include "bindgen/schema.hh"
#include "bindgen/shapes.hh"

namespace pylon::bindgen {
namespace {

// The same as in src/bindgen/guest/endpoint.hh.
std::uint32_t method_hash(std::string_view method) {
  std::uint32_t hash = 2166136261u;
  for (char c : method) hash = (hash ^ static_cast<std::uint8_t>(c)) * 16777619u;
  return hash;
}

class Glue {
 public:
  Glue(const Contract& contract, std::string name)
      : contract_(contract), types_(contract, CppTypes::kObjects), name_(std::move(name)) {}
  std::string write();

 private:
  void resource(const Type& type);
  void function(const Function& function, const Interface& interface, const Type* resource);
  std::string callee(const Function& function, const Interface& interface, const Type* resource);
  void typed(const Function& function, const Interface& interface, const std::string& id);
  void dispatch();
  void digest();
  void callbacks(const Interface& interface);

  const Contract& contract_;
  CppTypes types_;
  std::string name_;
  std::string out_;
  std::string exports_;                                // the typed exports, written last
  std::multimap<std::uint32_t, std::string> methods_;  // hash -> the statement that serves it
  int functions_ = 0;
};

void Glue::resource(const Type& type) {
  const std::string& id = contract_.interfaces[type.interface].id;
  std::string name = types_.named(type), suffix = std::to_string(functions_++);
  out_ += "template <>\ninline constexpr bool is_resource<" + name + "> = true;\n";
  auto import = [&](const std::string& what) {
    out_ += "extern \"C\" [[clang::import_module(\"[export]" + id +
            "\"), clang::import_name(\"[resource-" + what + "]" + type.name +
            "\")]] std::int32_t cap_" + what + "_" + suffix + "(std::int32_t);\n";
  };
  import("new");
  import("rep");
  out_ += "extern \"C\" [[clang::import_module(\"[export]" + id +
          "\"), clang::import_name(\"[resource-drop]" + type.name + "\")]] void cap_drop_" +
          suffix + "(std::int32_t);\n";
  out_ += "template <>\nstruct resource_functions<" + name + "> {\n" +
          "  static std::int32_t make(void* cell) { return cap_new_" + suffix +
          "(static_cast<std::int32_t>(reinterpret_cast<std::uintptr_t>(cell))); }\n" +
          "  static std::int32_t rep(std::int32_t handle) { return cap_rep_" + suffix +
          "(handle); }\n" + "  static void drop(std::int32_t handle) { cap_drop_" + suffix +
          "(handle); }\n};\n";
  exports_ += "extern \"C\" [[clang::export_name(\"" + id + "#[dtor]" + type.name +
              "\")]] void cap_dtor_" + suffix + "(cap::glue::cell<" + name +
              ">* cell) { delete cell; }\n\n";
  methods_.emplace(method_hash(type.drop_method), "if (method == \"" + type.drop_method +
                                                      "\") return serve_drop<" + name +
                                                      ">(method, payload);");
}

std::string Glue::callee(const Function& function, const Interface& interface,
                         const Type* resource) {
  std::string name = cpp_function_name(function, resource);
  if (function.kind == Function::kMethod) return "std::get<0>(p)->" + name;
  return cpp_namespace(interface) + "::" + name;
}

// One struct a function: what is decoded, and the call. Both kinds of exports are made from it.
void Glue::function(const Function& function, const Interface& interface, const Type* resource) {
  std::string id = std::to_string(functions_++), arguments;
  std::size_t skip = function.kind == Function::kMethod ? 1 : 0;
  for (std::size_t i = skip; i < function.params.size(); ++i) {
    TypeRef type = function.params[i].type;
    arguments +=
        (i > skip ? ", " : "") + types_.argument(type, "std::get<" + std::to_string(i) + ">(p)");
  }
  out_ += "struct f" + id + " {  // " + function.method +
          "\n  using parameters = " + types_.holders(function) + ";\n";
  out_ += "  static " + types_.result(function.result) +
          " call([[maybe_unused]] parameters& p) { return " +
          callee(function, interface, resource) + "(" + arguments + "); }\n};\n";
  methods_.emplace(
      method_hash(function.method),
      "if (method == \"" + function.method + "\") return serve<f" + id + ">(method, payload);");
  typed(function, interface, id);
}

void Glue::typed(const Function& function, const Interface& interface, const std::string& id) {
  std::vector<Core> params = flatten_params(contract_, function);
  std::vector<Core> result;
  if (function.result) result = flatten(contract_, *function.result);
  std::string declared, slots, name = interface.id + "#" + function.wit_name;
  bool spilled = params.size() > kMostFlatParams;
  for (std::size_t i = 0; i < params.size() && !spilled; ++i) {
    std::string p = "p" + std::to_string(i);
    declared += (i ? ", " : "") + std::string(core_name(params[i])) + " " + p;
    slots += (i ? ", " : "") + ("cap::glue::slot_of(" + p + ")");
  }
  if (spilled) declared = "const std::uint8_t* p";
  std::string call = "cap::glue::serve_" + std::string(spilled ? "memory" : "flat") +
                     "<cap::glue::f" + id + ">(" +
                     (spilled         ? "p"
                      : slots.empty() ? "nullptr"
                                      : "slots") +
                     ")";
  std::string type = result.empty() ? "void" : result.size() > 1 ? "void*" : core_name(result[0]);
  exports_ += "extern \"C\" [[clang::export_name(\"" + name + "\")]] " + type + " cap_f" + id +
              "(" + declared + ") {\n";
  if (!spilled && !slots.empty())
    exports_ += "  const cap::glue::slot slots[] = {" + slots + "};\n";
  if (result.empty()) {
    exports_ += "  " + call + ";\n}\n";
  } else if (result.size() > 1) {
    exports_ += "  return " + call + ";\n}\n";
    exports_ += "extern \"C\" [[clang::export_name(\"cabi_post_" + name + "\")]] void cap_f" + id +
                "_done(void*) { cap::glue::free_returned(); }\n";
  } else {
    std::string value = types_.owned(TypeRef{sole_primitive(contract_, *function.result)});
    exports_ += "  return static_cast<" + type + ">(cap::glue::raw_load<" + value +
                ">(static_cast<const std::uint8_t*>(" + call + ")));\n}\n";
  }
  exports_ += "\n";
}

void Glue::dispatch() {
  out_ += "answer dispatch(std::string_view method, std::span<const std::uint8_t> payload) {\n";
  out_ += "  switch (method_hash(method)) {\n";
  for (auto at = methods_.begin(); at != methods_.end();) {
    std::uint32_t hash = at->first;
    out_ += "    case " + std::to_string(hash) + "u:\n";
    for (; at != methods_.end() && at->first == hash; ++at) out_ += "      " + at->second + "\n";
    out_ += "      break;\n";
  }
  out_ += "    default:\n      break;\n  }\n";
  out_ += "  return failed(failure_kind::not_found, std::string(\"" + name_ +
          " has no method \").append(method));\n}\n\n";
}

void Glue::digest() {
  std::string hex = sha256(schema_of(contract_));
  out_ += "const std::uint8_t schema_digest[32] = {";
  for (std::size_t i = 0; i < hex.size(); i += 2) out_ += (i ? ", 0x" : "0x") + hex.substr(i, 2);
  out_ += "};\n\n";
}

void Glue::callbacks(const Interface& interface) {
  out_ += "namespace " + cpp_namespace(interface).substr(2) + " {\n";
  for (const Function& function : interface.functions) {
    std::string params, arguments, result = types_.result(function.result);
    for (const Param& param : function.params) {
      std::string name = "p" + std::to_string(&param - function.params.data());
      params += (params.empty() ? "" : ", ") + types_.param(param.type) + " " + name;
      arguments += ", " + name;
    }
    out_ += "::cap::outcome<" + result + "> " + cpp_name(function.name) + "(" + params + ") {\n" +
            "  return ::cap::glue::call_back<" + result + ">(\"" + function.method + "\"" +
            arguments + ");\n}\n";
  }
  out_ += "}\n\n";
}

std::string Glue::write() {
  std::string header = python_name(name_) + "_cap.hh";
  out_ = "// Made by pylon-bindgen from " + contract_.package + ": the exports of the component.\n";
  out_ += "#include \"" + header + "\"\n\n#include \"canonical.hh\"\n\nnamespace cap::glue {\n\n";
  out_ += type_shapes(contract_, types_);
  for (const Type& type : contract_.types)
    if (type.kind == Type::kResource) resource(type);
  out_ += "\n";
  for (const Interface& interface : contract_.interfaces)
    if (interface.role == Interface::kExported)
      for (const Function& one : interface.functions) function(one, interface, nullptr);
  for (const Type& type : contract_.types)
    for (const Function& one : type.functions)
      function(one, contract_.interfaces[type.interface], &type);
  out_ += "\n";
  digest();
  dispatch();
  out_ += "}  // namespace cap::glue\n\n";
  for (const Interface& interface : contract_.interfaces)
    if (interface.role == Interface::kCallbacks) callbacks(interface);
  out_ += exports_;
  out_.pop_back();
  return out_;
}

}  // namespace

std::string provider_glue(const Contract& contract, const std::string& name) {
  return Glue(contract, name).write();
}

}  // namespace pylon::bindgen
