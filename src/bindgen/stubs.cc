#include "bindgen/stubs.hh"

#include <set>

#include "bindgen/names.hh"

namespace pylon::bindgen {
namespace {

class Writer {
 public:
  explicit Writer(const Contract& contract) : contract_(contract) {
    for (const Interface& interface : contract_.interfaces) {
      exported_ += interface.role == Interface::kExported;
      for (const Function& function : interface.functions) note_error(function);
    }
    for (const Type& type : contract_.types)
      for (const Function& function : type.functions) note_error(function);
  }

  std::string write();

 private:
  void note_error(const Function& function);
  bool is_error(TypeRef ref) const { return !ref.primitive() && errors_.contains(ref.index()); }
  std::string class_name(const Type& type, std::size_t index) const;
  bool flat(std::size_t interface) const {
    return exported_ == 1 && contract_.interfaces[interface].role == Interface::kExported;
  }

  void line(const std::string& text) {
    if (!text.empty()) out_ += std::string(indent_ * 4, ' ') + text;
    out_ += "\n";
  }
  void docs(const std::string& text);
  void interface(std::size_t index);
  void result_classes();
  void type_here(const NamedType& named, std::size_t home);
  void definition(std::size_t index);
  void members(const Type& type);
  void exception(const Type& type, std::size_t index);
  void resource(const Type& type);
  void function(const Function& function, bool in_class);

  std::string name_of(const Type& type, std::size_t index) const;
  std::string hint(TypeRef ref, bool in) const;
  std::string hint(const std::optional<TypeRef>& ref, bool in) const {
    return ref ? hint(*ref, in) : "None";
  }

  const Contract& contract_;
  std::set<std::size_t> errors_;      // named types that are the error of a result
  bool plain_error_ = false;          // whether some error has no name
  mutable bool uses_result_ = false;  // whether a result stands inside a value, so far
  int exported_ = 0;
  std::size_t home_ = 0;  // the interface that is being written
  std::size_t indent_ = 0;
  std::string out_;
};

void Writer::note_error(const Function& function) {
  if (!function.result || !contract_.is(*function.result, Type::kResult)) return;
  const std::optional<TypeRef>& error = contract_.type(*function.result).members[1].type;
  if (error && !error->primitive() && contract_.type(*error).named())
    errors_.insert(error->index());
  else
    plain_error_ = true;
}

std::string Writer::class_name(const Type& type, std::size_t index) const {
  std::string name = python_class(type.name);
  return errors_.contains(index) && python_exception(type.name) == name ? name + "Value" : name;
}

// A class as it is reached from the interface that is being written.
std::string Writer::name_of(const Type& type, std::size_t index) const {
  std::string name = class_name(type, index);
  if (type.interface == home_ || flat(type.interface)) return name;
  return python_name(contract_.interfaces[type.interface].name) + "." + name;
}

std::string Writer::hint(TypeRef ref, bool in) const {
  switch (ref.code) {
    case TypeRef::kBool:
      return "bool";
    case TypeRef::kF32:
    case TypeRef::kF64:
      return "float";
    case TypeRef::kChar:
    case TypeRef::kString:
      return "str";
    case TypeRef::kBytes:
      return in ? "abc.Buffer" : "bytes";
    default:
      if (ref.primitive()) return "int";
  }
  const Type& type = contract_.type(ref);
  std::string list;
  switch (type.kind) {
    case Type::kList:
      return (in ? "abc.Iterable[" : "list[") + hint(type.element(), in) + "]";
    case Type::kOption:
      return contract_.is(type.element(), Type::kOption)
                 ? "tuple[" + hint(type.element(), in) + "] | None"
                 : hint(type.element(), in) + " | None";
    case Type::kResult:
      uses_result_ = true;
      return "Ok[" + hint(type.members[0].type, in) + "] | Err[" + hint(type.members[1].type, in) +
             "]";
    case Type::kTuple:
      for (const Member& member : type.members)
        list += (list.empty() ? "" : ", ") + hint(member.type, in);
      return "tuple[" + list + "]";
    case Type::kOwn:
    case Type::kBorrow:
      return hint(type.element(), in);
    default:
      return name_of(type, ref.index());
  }
}

void Writer::docs(const std::string& text) {
  if (text.empty()) return;
  std::string escaped;
  for (char c : text) {
    if (c == '\\' || c == '"') escaped += '\\';
    escaped += c;
    if (c == '\n') escaped += std::string(indent_ * 4, ' ');
  }
  line("\"\"\"" + escaped + "\"\"\"");
}

void Writer::members(const Type& type) {
  if (type.kind == Type::kEnum || type.kind == Type::kFlags) {
    for (std::size_t i = 0; i < type.members.size(); ++i)
      line(python_constant(type.members[i].name) + " = " +
           std::to_string(type.kind == Type::kEnum ? i : std::size_t{1} << i));
    return;
  }
  std::string parameters;
  for (const Member& member : type.members) {
    line("@property");
    line("def " + python_name(member.name) + "(self) -> " + hint(member.type, false) + ": ...");
    parameters += ", " + python_name(member.name) + ": " + hint(member.type, true) + " = ...";
  }
  line("def __new__(cls, fields: abc.Iterable[object] = ..., /, *" + parameters + ") -> Self: ...");
}

// A class a case; all are subclasses of the variant's.
void variant_case(const std::string& base, const std::string& name, const std::string& value,
                  std::string& out, const std::string& indent) {
  out += indent + "class " + name + "(" + base + "):\n";
  if (value.empty()) {
    out += indent + "    def __init__(self) -> None: ...\n";
    return;
  }
  out += indent + "    @property\n" + indent + "    def value(self) -> " + value + ": ...\n";
  out += indent + "    def __init__(self, value: " + value + ") -> None: ...\n";
}

void Writer::definition(std::size_t index) {
  const Type& type = contract_.types[index];
  static constexpr const char* kBases[] = {"", "", "", "", "tuple", "", "IntEnum", "IntFlag", ""};
  std::string base = kBases[type.kind];
  std::string name = class_name(type, index);
  line("class " + name + (base.empty() ? "" : "(" + base + ")") + ":");
  ++indent_;
  docs(type.docs);
  if (type.kind == Type::kResource) {
    resource(type);
  } else if (type.kind == Type::kVariant) {
    line("tag: str");
    for (const Member& member : type.members)
      variant_case(name, python_class(member.name),
                   member.type ? hint(*member.type, false) : std::string(), out_,
                   std::string(indent_ * 4, ' '));
  } else {
    members(type);
  }
  --indent_;
  line("");
  if (errors_.contains(index)) exception(type, index);
}

void Writer::exception(const Type& type, std::size_t index) {
  line("class " + python_exception(type.name) + "(Exception):");
  line("    value: " + class_name(type, index));
  line("");
}

void Writer::resource(const Type& type) {
  for (const Function& one : type.functions) function(one, true);
  line("def close(self) -> None: ...");
  line("def __enter__(self) -> Self: ...");
  line("def __exit__(self, *exception: object) -> None: ...");
}

void Writer::function(const Function& function, bool in_class) {
  if (function.kind == Function::kStatic) line("@staticmethod");
  std::string name =
      function.kind == Function::kConstructor ? "__init__" : python_name(function.name);
  std::string parameters = function.kind == Function::kConstructor ? "self" : "";
  // Trailing options may be left out.
  std::size_t required = function.params.size();
  while (required > 0 && contract_.is(function.params[required - 1].type, Type::kOption))
    --required;
  for (const Param& param : function.params) {
    std::size_t index = static_cast<std::size_t>(&param - function.params.data());
    if (!parameters.empty()) parameters += ", ";
    bool self = in_class && function.kind == Function::kMethod && index == 0;
    parameters += self ? "self" : python_name(param.name) + ": " + hint(param.type, true);
    if (index >= required) parameters += " = None";
  }
  std::string result = "None";
  if (function.result && function.kind != Function::kConstructor)
    result = contract_.is(*function.result, Type::kResult)
                 ? hint(contract_.type(*function.result).members[0].type, false)
                 : hint(*function.result, false);
  line("def " + name + "(" + parameters + ") -> " + result + ":" +
       (function.docs.empty() ? " ..." : ""));
  ++indent_;
  docs(function.docs);
  --indent_;
}

void Writer::type_here(const NamedType& named, std::size_t home) {
  // Another name for what has no class here is no name of the module's: hints say what it stands
  // for.
  if (named.type.primitive() || !contract_.type(named.type).named()) return;
  std::string alias = python_class(named.name);
  const Type& type = contract_.type(named.type);
  if (type.interface == home && type.name == named.name) {
    definition(named.type.index());
    return;
  }
  // Where an exception has the plain name, both are taken over.
  const std::string name = name_of(type, named.type.index());
  const bool beside = class_name(type, named.type.index()) != python_class(type.name);
  const std::string own = beside ? alias + "Value" : alias;
  if (own == name) return;
  line(own + " = " + name);
  if (beside) line(alias + " = " + name.substr(0, name.size() - 5));
}

void Writer::interface(std::size_t index) {
  const Interface& of = contract_.interfaces[index];
  home_ = index;
  if (!flat(index)) {
    line("class " + python_name(of.name) + ":");
    ++indent_;
    docs(of.docs);
  }
  const std::size_t begin = out_.size();
  for (const NamedType& named : of.names) type_here(named, index);
  if (of.role == Interface::kExported)
    for (const Function& one : of.functions) function(one, false);
  if (!flat(index)) {
    if (out_.size() == begin) line("...");
    --indent_;
  }
  line("");
}

std::string Writer::write() {
  for (std::size_t i = 0; i < contract_.interfaces.size(); ++i) interface(i);
  const std::string interfaces = std::move(out_);
  out_ = "# Made by pylon-bindgen from " + contract_.package + ".\n";
  docs(contract_.docs);
  line("from collections import abc");
  line("from enum import IntEnum, IntFlag");
  line("from typing import Generic, Self, TypeVar");
  line("");
  if (uses_result_) result_classes();
  if (plain_error_) {
    line("class Error(Exception):");
    line("    value: object");
    line("");
  }
  if (contract_.has_callbacks()) {
    line("def set_callbacks(interface: str, implementation: object) -> None: ...");
    line("");
  }
  out_ += interfaces;
  while (out_.ends_with("\n\n")) out_.pop_back();
  return out_;
}

// Those of a `result` that stands inside a value.
void Writer::result_classes() {
  line("T = TypeVar(\"T\")");
  line("");
  for (const char* name : {"Ok", "Err"}) {
    line(std::string("class ") + name + "(Generic[T]):");
    line("    value: T");
    line("    def __init__(self, value: T = ...) -> None: ...");
    line("");
  }
}

}  // namespace

std::string stubs_of(const Contract& contract) {
  return Writer(contract).write();
}

}  // namespace pylon::bindgen
