#include "bindgen/wit_text.hh"

#include <map>
#include <set>

namespace pylon::bindgen {
namespace {

// compose:dynlink, as far as a provider needs it (wit/compose-dynlink/dynlink.wit).
constexpr const char* kDynlink = R"(package compose:dynlink@0.1.0 {
  interface types {
    enum failure-kind { not-found, denied, corrupt, schema-mismatch, bad-payload, limit, trapped, raised, internal }
    record failure { kind: failure-kind, message: string }
    variant error { returned(list<u8>), failed(failure) }
  }
  interface endpoint {
    use types.{error};
    schema-digest: func() -> list<u8>;
    handle: func(method: string, payload: list<u8>) -> result<list<u8>, error>;
  }
  interface callback {
    use types.{error};
    call: func(method: string, payload: list<u8>) -> result<list<u8>, error>;
  }
)";
// ...and what one needs that loads others.
constexpr const char* kLinker = R"(  interface linker {
    use types.{error, failure};
    resource instance {
      schema: func() -> result<list<u8>, failure>;
      invoke: func(method: string, payload: list<u8>) -> result<list<u8>, error>;
    }
    resolve-by-id: func(id: string) -> result<instance, failure>;
    resolve-by-digest: func(digest: string) -> result<instance, failure>;
  }
)";

// The locks of wit/pylon-files/locks.wit.
constexpr const char* kFiles = R"(package pylon:files@0.1.0 {
  interface locks {
    enum access { shared, exclusive }
    enum failure { not-permitted, missing, not-a-file, unsupported, io }
    resource file-lock {
      open: static func(path: string) -> result<file-lock, failure>;
      lock: func(access: access, start: u64, length: u64) -> result<bool, failure>;
      unlock: func(start: u64, length: u64) -> result<_, failure>;
      is-locked: func(access: access, start: u64, length: u64) -> result<bool, failure>;
    }
  }
}
)";

std::string package_of(const Interface& interface) {
  std::size_t slash = interface.id.find('/'), at = interface.id.find('@');
  std::string package = interface.id.substr(0, slash);
  return at == std::string::npos ? package : package + interface.id.substr(at);
}

// A keyword may be a name if it is marked; any name may.
std::string quoted(const std::string& name) {
  return "%" + name;
}

class Printer {
 public:
  explicit Printer(const Contract& contract) : contract_(contract) {}

  std::string packages();

 private:
  std::string interface(std::size_t index);
  void uses(std::size_t index, std::string& out);
  void collect(TypeRef ref, std::set<std::size_t>& named) const;
  std::string name_of(std::size_t type) const;
  std::string type(TypeRef ref) const;
  std::string optional_type(const std::optional<TypeRef>& ref) const {
    return ref ? type(*ref) : "_";
  }
  std::string definition(const Type& type) const;
  std::string members(const Type& type) const;
  std::string function(const Function& function, const std::string& head, std::size_t skip) const;
  std::string resource(const Type& type) const;

  const Contract& contract_;
  std::map<std::size_t, std::string> local_;  // types of other interfaces, as they are called here
};

std::string Printer::name_of(std::size_t index) const {
  auto found = local_.find(index);
  return quoted(found == local_.end() ? contract_.types[index].name : found->second);
}

std::string Printer::type(TypeRef ref) const {
  static constexpr const char* kPrimitives[] = {"bool", "u8",   "u16",    "u32",     "u64",
                                                "s8",   "s16",  "s32",    "s64",     "f32",
                                                "f64",  "char", "string", "list<u8>"};
  if (ref.primitive()) return kPrimitives[ref.code];
  const Type& type = contract_.type(ref);
  std::string list;
  switch (type.kind) {
    case Type::kList:
      return "list<" + this->type(type.element()) + ">";
    case Type::kOption:
      return "option<" + this->type(type.element()) + ">";
    case Type::kOwn:
      return this->type(type.element());
    case Type::kBorrow:
      return "borrow<" + this->type(type.element()) + ">";
    case Type::kResult:
      if (!type.members[1].type)
        return type.members[0].type ? "result<" + optional_type(type.members[0].type) + ">"
                                    : "result";
      return "result<" + optional_type(type.members[0].type) + ", " +
             optional_type(type.members[1].type) + ">";
    case Type::kTuple:
      for (const Member& member : type.members)
        list += (list.empty() ? "" : ", ") + this->type(*member.type);
      return "tuple<" + list + ">";
    default:
      return name_of(ref.index());
  }
}

void Printer::collect(TypeRef ref, std::set<std::size_t>& named) const {
  if (ref.primitive()) return;
  const Type& type = contract_.type(ref);
  if (type.named()) {
    named.insert(ref.index());
    return;
  }
  for (const Member& member : type.members)
    if (member.type) collect(*member.type, named);
}

// Everything that the interface refers to and does not define, by the name that its own WIT gave
// it.
void Printer::uses(std::size_t index, std::string& out) {
  std::set<std::size_t> named;
  const Interface& interface = contract_.interfaces[index];
  auto of_function = [&](const Function& function) {
    for (const Param& param : function.params) collect(param.type, named);
    if (function.result) collect(*function.result, named);
  };
  for (const Function& function : interface.functions) of_function(function);
  for (std::size_t i = 0; i < contract_.types.size(); ++i) {
    const Type& type = contract_.types[i];
    if (!type.named() || type.interface != index) continue;
    for (const Member& member : type.members)
      if (member.type) collect(*member.type, named);
    for (const Function& function : type.functions) of_function(function);
  }
  local_.clear();
  for (std::size_t one : named) {
    const Type& type = contract_.types[one];
    if (type.interface == index) continue;
    const Interface& home = contract_.interfaces[type.interface];
    std::string alias = home.name + "-" + type.name;
    for (const NamedType& name : interface.names)
      if (name.type == TypeRef::of(one)) alias = name.name;
    local_[one] = alias;
    std::string from = package_of(home) == package_of(interface) ? quoted(home.name) : home.id;
    out += "    use " + from + ".{" + quoted(type.name) +
           (alias == type.name ? "" : " as " + quoted(alias)) + "};\n";
  }
}

std::string Printer::members(const Type& type) const {
  std::string out;
  for (const Member& member : type.members) {
    out += (out.empty() ? "" : ", ") + quoted(member.name);
    if (!member.type) continue;
    out += type.kind == Type::kRecord ? ": " + this->type(*member.type)
                                      : "(" + this->type(*member.type) + ")";
  }
  return out;
}

std::string Printer::function(const Function& function, const std::string& head,
                              std::size_t skip) const {
  std::string params;
  for (std::size_t i = skip; i < function.params.size(); ++i)
    params += (i == skip ? "" : ", ") + quoted(function.params[i].name) + ": " +
              type(function.params[i].type);
  std::string out = head + "(" + params + ")";
  bool plain = function.kind == Function::kConstructor && function.result &&
               contract_.is(*function.result, Type::kOwn);
  if (function.result && !plain) out += " -> " + type(*function.result);
  return out + ";\n";
}

std::string Printer::resource(const Type& type) const {
  std::string out = "    resource " + quoted(type.name) + " {\n";
  for (const Function& one : type.functions) {
    std::string head = one.kind == Function::kConstructor ? "constructor"
                       : one.kind == Function::kStatic    ? quoted(one.name) + ": static func"
                                                          : quoted(one.name) + ": func";
    out += "      " + function(one, head, one.kind == Function::kMethod ? 1 : 0);
  }
  return out + "    }\n";
}

std::string Printer::definition(const Type& type) const {
  static constexpr const char* kWords[] = {"", "", "", "", "record", "variant", "enum", "flags"};
  if (type.kind == Type::kResource) return resource(type);
  return std::string("    ") + kWords[type.kind] + " " + quoted(type.name) + " { " + members(type) +
         " }\n";
}

std::string Printer::interface(std::size_t index) {
  const Interface& of = contract_.interfaces[index];
  std::string out = "  interface " + quoted(of.name) + " {\n";
  uses(index, out);
  for (const Type& type : contract_.types)
    if (type.named() && type.interface == index) out += definition(type);
  for (const Function& one : of.functions)
    out += "    " + function(one, quoted(one.name) + ": func", 0);
  return out + "  }\n";
}

std::string Printer::packages() {
  std::map<std::string, std::string> packages;
  for (std::size_t i = 0; i < contract_.interfaces.size(); ++i)
    if (contract_.interfaces[i].role != Interface::kCallbacks ||
        !contract_.interfaces[i].names.empty())
      packages[package_of(contract_.interfaces[i])] += interface(i);
  std::string out;
  for (const auto& [name, body] : packages) out += "\npackage " + name + " {\n" + body + "}\n";
  return out;
}

std::string world(const Contract& contract, const std::string& name, const std::string& verb,
                  const std::string& more) {
  std::string out = "// Made by pylon-bindgen from " + contract.package +
                    ".\npackage pylon:made;\n\nworld " + name + " {\n" + more;
  for (const Interface& interface : contract.interfaces)
    if (interface.role == Interface::kExported) out += "  " + verb + " " + interface.id + ";\n";
  return out + "}\n" + Printer(contract).packages();
}

}  // namespace

std::string provider_world(const Contract& contract) {
  std::string more = "  export compose:dynlink/endpoint@0.1.0;\n";
  if (contract.has_callbacks()) more = "  import compose:dynlink/callback@0.1.0;\n" + more;
  if (contract.loads_others) more = "  import compose:dynlink/linker@0.1.0;\n" + more;
  if (contract.locks_files) more = "  import pylon:files/locks@0.1.0;\n" + more;
  return world(contract, "provider", "export", more) + "\n" + kDynlink +
         (contract.loads_others ? kLinker : "") + "}\n" + (contract.locks_files ? kFiles : "");
}

std::string extension_world(const Contract& contract) {
  return world(contract, "extension", "import", "");
}

}  // namespace pylon::bindgen
