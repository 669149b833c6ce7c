#include "bindgen/wit_json.hh"

#include <algorithm>
#include <array>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

namespace pylon::bindgen {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMostFlags = 32;
constexpr int kDeepestType = 100;

// Hyphenated words of letters and digits: nothing else gets into generated code.
bool is_wit_name(std::string_view name) {
  bool word_start = true;
  for (char c : name) {
    bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    bool digit = c >= '0' && c <= '9';
    if (c == '-' ? word_start : !(letter || digit)) return false;
    word_start = c == '-';
  }
  return !name.empty() && !word_start && !(name[0] >= '0' && name[0] <= '9');
}

// `namespace:package@version`, of which the version is free text of a version's characters.
bool is_package_name(std::string_view name) {
  std::string_view version = "0";
  if (std::size_t at = name.find('@'); at != std::string_view::npos) {
    version = name.substr(at + 1);
    name = name.substr(0, at);
  }
  auto in_version = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' ||
           c == '-' || c == '+';
  };
  std::size_t colon = name.find(':');
  return colon != std::string_view::npos && is_wit_name(name.substr(0, colon)) &&
         is_wit_name(name.substr(colon + 1)) && !version.empty() &&
         std::all_of(version.begin(), version.end(), in_version);
}

// The packages that are the host's business and no part of a contract.
bool is_hosts_package(std::string_view package) {
  const std::string_view name = package.substr(0, package.find('@'));
  return name.starts_with("wasi:") || name == "compose:dynlink" || name == "pylon:files";
}

const Json* member(const Json& object, const char* key) {
  if (!object.is_object()) return nullptr;
  auto found = object.find(key);
  return found == object.end() ? nullptr : &*found;
}

std::string text_of(const Json& object, const char* key) {
  const Json* value = member(object, key);
  return value && value->is_string() ? value->get<std::string>() : std::string();
}

std::string docs_of(const Json& object) {
  const Json* docs = member(object, "docs");
  return docs ? text_of(*docs, "contents") : std::string();
}

class Reading {
 public:
  Reading(const Json& json, std::string name) : json_(json), input_(std::move(name)) {}

  Result<Contract> read(const std::string& world);

 private:
  using Step = Result<void>;

  tl::unexpected<Error> wrong(const std::string& what, std::string hint = {}) const {
    std::string where = input_;
    if (!item_.empty()) where += ", " + item_;
    return fail(ErrorKind::kInput, where + ": " + what, std::move(hint));
  }
  tl::unexpected<Error> malformed() const {
    return wrong("not what `wasm-tools component wit --json` prints");
  }

  Result<const Json*> entry(const char* list, const Json& index) const;
  Result<const Json*> choose_world(const std::string& name);
  Result<std::string> package_of(const Json& object) const;
  Step add_interfaces(const Json& world);
  Step add_interface(const std::string& key, const Json& item, Interface::Role role);
  Result<std::uint32_t> interface_index(const Json& id, Interface::Role role);
  Step fill_interface(std::size_t index);
  Step check_methods() const;
  Result<Function> function(const Json& json, const std::string& prefix);
  Step add_function(std::size_t interface, const Json& json);
  Step check_callbacks(const Json& item);
  Step check_callback(const Json& function);
  bool holds_handle(const Json& of, std::set<std::uint64_t>& seen, int depth = 0) const;
  Result<std::vector<Param>> params(const Json& json);

  Result<TypeRef> type(const Json& json);
  Result<std::optional<TypeRef>> optional_type(const Json* json);
  Result<TypeRef> primitive(const std::string& name) const;
  Result<TypeRef> define(const Json& json);
  Result<TypeRef> build(const Json& json, const std::string& kind, const Json& of);
  Result<TypeRef> handle(const Json& of);
  Result<TypeRef> alternatives(const Json& of);
  Result<TypeRef> tuple(const Json& of);
  Result<Type> head(const Json& json, Type::Kind kind);
  Result<TypeRef> named(const Json& json, Type::Kind kind, const char* list, const Json& of);
  Result<std::vector<Member>> members(Type::Kind kind, const Json& list);
  Result<TypeRef> resource(const Json& json);
  TypeRef add(Type type);
  TypeRef anonymous(Type::Kind kind, std::vector<Member> members);

  const Json& json_;
  std::string input_;
  std::string item_;  // what is being read, for errors
  Contract contract_;
  std::vector<const Json*> interfaces_;         // in the contract's order
  std::map<const Json*, std::uint32_t> known_;  // interface -> its index in the contract
  std::map<const Json*, std::optional<TypeRef>>
      done_;  // type -> what it became; nothing while under way
  bool one_interface_ = false;
  int depth_ = 0;  // of the type that is being read
};

// --- finding things

Result<const Json*> Reading::entry(const char* list, const Json& index) const {
  const Json* all = member(json_, list);
  if (!all || !all->is_array() || !index.is_number_unsigned()) return malformed();
  std::uint64_t i = index.get<std::uint64_t>();
  if (i >= all->size() || !(*all)[i].is_object()) return malformed();
  return &(*all)[i];
}

Result<std::string> Reading::package_of(const Json& object) const {
  const Json* index = member(object, "package");
  if (!index) return malformed();
  PYLON_TRY(package, entry("packages", *index));
  std::string name = text_of(*package, "name");
  if (!is_package_name(name)) return malformed();
  return name;
}

Result<const Json*> Reading::choose_world(const std::string& name) {
  const Json* packages = member(json_, "packages");
  if (!packages || !packages->is_array() || packages->empty()) return malformed();
  const Json& package = packages->back();  // dependencies come first
  const Json* worlds = member(package, "worlds");
  if (!worlds || !worlds->is_object()) return malformed();
  contract_.package = text_of(package, "name");
  contract_.docs = docs_of(package);
  if (!is_package_name(contract_.package)) return malformed();
  std::string names;
  for (const auto& [key, index] : worlds->items()) {
    if (key == name || (name.empty() && worlds->size() == 1)) return entry("worlds", index);
    names += (names.empty() ? "" : ", ") + key;
  }
  if (!name.empty())
    return wrong("has no world " + name + ", but " + (names.empty() ? "none" : names));
  if (worlds->empty())
    return wrong("package " + contract_.package + " has no world",
                 "add one: world " + std::string("NAME { export INTERFACE; }"));
  return wrong("has several worlds: " + names, "choose one with --world");
}

// --- interfaces

Result<Contract> Reading::read(const std::string& world_name) {
  PYLON_TRY(world, choose_world(world_name));
  item_ = "world " + text_of(*world, "name");
  PYLON_CHECK(add_interfaces(*world));
  for (std::size_t i = 0; i < interfaces_.size(); ++i) PYLON_CHECK(fill_interface(i));
  PYLON_CHECK(check_methods());
  return std::move(contract_);
}

Reading::Step Reading::add_interfaces(const Json& world) {
  const Json* exports = member(world, "exports");
  const Json* imports = member(world, "imports");
  if (!exports || !exports->is_object() || !imports || !imports->is_object()) return malformed();
  for (const auto& [key, item] : exports->items())
    PYLON_CHECK(add_interface(key, item, Interface::kExported));
  if (interfaces_.empty())
    return wrong("exports no interface, so there is nothing to bind", "add: export INTERFACE;");
  one_interface_ = interfaces_.size() == 1;
  for (const auto& [key, item] : imports->items()) PYLON_CHECK(check_callbacks(item));
  for (const auto& [key, item] : imports->items())
    PYLON_CHECK(add_interface(key, item, Interface::kCallbacks));
  return {};
}

// A handle is the provider's, and a callback goes the other way.
Reading::Step Reading::check_callbacks(const Json& item) {
  const Json* interface = member(item, "interface");
  const Json* id = interface ? member(*interface, "id") : nullptr;
  if (!id) return {};  // no interface: add_interface() says so
  PYLON_TRY(found, entry("interfaces", *id));
  PYLON_TRY(package, package_of(*found));
  const Json* functions = member(*found, "functions");
  // An exported one is among the imports because another takes its types.
  if (known_.contains(found) || is_hosts_package(package)) return {};
  if (!functions || !functions->is_object()) return {};
  for (const auto& [name, function] : functions->items()) {
    const Json* kind = member(function, "kind");
    if (!kind || *kind != "freestanding") continue;
    const std::string whole = item_;
    item_ = "interface " + text_of(*found, "name") + ", function " + name;
    PYLON_CHECK(check_callback(function));
    item_ = whole;
  }
  return {};
}

Reading::Step Reading::check_callback(const Json& function) {
  const auto refuse = [&](const std::string& what) {
    return wrong(what + " holds a resource, which a callback can neither take nor return",
                 "let it be a number or bytes that the exported interface understands");
  };
  const Json* list = member(function, "params");
  if (!list || !list->is_array()) return malformed();
  for (const Json& param : *list) {
    const Json* of = member(param, "type");
    if (std::set<std::uint64_t> seen; of && holds_handle(*of, seen))
      return refuse("the parameter " + text_of(param, "name"));
  }
  const Json* result = member(function, "result");
  if (std::set<std::uint64_t> seen; result && holds_handle(*result, seen))
    return refuse("the result");
  return {};
}

// Looks through a type, as JSON has it: a number is another type, anything else has some in it.
// Deeper than a type may be is looked at by type().
bool Reading::holds_handle(const Json& of, std::set<std::uint64_t>& seen, int depth) const {
  if (depth > 4 * kDeepestType) return false;
  if (of.is_number_unsigned()) {
    if (!seen.insert(of.get<std::uint64_t>()).second) return false;
    const auto found = entry("types", of);
    const Json* kind = found ? member(**found, "kind") : nullptr;
    return kind && holds_handle(*kind, seen, depth + 1);
  }
  if (!of.is_structured()) return false;
  if (of.is_object() && of.contains("handle")) return true;
  return std::ranges::any_of(of,
                             [&](const Json& part) { return holds_handle(part, seen, depth + 1); });
}

Reading::Step Reading::add_interface(const std::string& key, const Json& item,
                                     Interface::Role role) {
  const Json* interface = member(item, "interface");
  if (!interface) {
    if (member(item, "type")) return {};  // a type of the world, seen where it is used
    return wrong(key + " is a function of the world itself",
                 "put it into an interface, and export that");
  }
  const Json* id = member(*interface, "id");
  if (!id) return malformed();
  PYLON_TRY(found, entry("interfaces", *id));
  PYLON_TRY(package, package_of(*found));
  const Json* functions = member(*found, "functions");
  if (!functions || !functions->is_object()) return malformed();
  if (role == Interface::kExported && is_hosts_package(package)) return {};
  if (package.starts_with("compose:dynlink") && text_of(*found, "name") == "linker")
    contract_.loads_others = true;
  if (package.starts_with("pylon:files@")) contract_.locks_files = true;
  if (role == Interface::kCallbacks && (is_hosts_package(package) || functions->empty())) return {};
  if (text_of(*found, "name").empty())
    return wrong("interface " + key + " is defined inside of the world",
                 "define it outside, with a name: interface " + key + " { ... }");
  PYLON_TRY(index, interface_index(*id, role));
  if (contract_.interfaces[index].role != role)
    return wrong("interface " + key + " is both exported and imported");
  return {};
}

Result<std::uint32_t> Reading::interface_index(const Json& id, Interface::Role role) {
  PYLON_TRY(json, entry("interfaces", id));
  auto [place, added] = known_.try_emplace(json, static_cast<std::uint32_t>(interfaces_.size()));
  if (!added) return place->second;
  Interface interface;
  interface.role = role;
  interface.name = text_of(*json, "name");
  interface.docs = docs_of(*json);
  if (!is_wit_name(interface.name)) return malformed();
  PYLON_TRY(package, package_of(*json));
  std::size_t at = std::min(package.find('@'), package.size());
  interface.id = package.substr(0, at) + "/" + interface.name + package.substr(at);
  interfaces_.push_back(json);
  contract_.interfaces.push_back(std::move(interface));
  return place->second;
}

Reading::Step Reading::fill_interface(std::size_t index) {
  const Json& json = *interfaces_[index];
  const Interface::Role role = contract_.interfaces[index].role;
  const std::string where = "interface " + contract_.interfaces[index].name;
  const Json* types = member(json, "types");
  const Json* functions = member(json, "functions");
  if (!types || !types->is_object() || !functions || !functions->is_object()) return malformed();
  for (const auto& [name, id] : types->items()) {
    item_ = where + ", type " + name;
    PYLON_TRY(defined, entry("types", id));
    // Of an interface that only defines types, those count that somebody refers to.
    if (role == Interface::kTypesOnly && !done_.contains(defined)) continue;
    PYLON_TRY(ref, type(id));
    if (!is_wit_name(name)) return malformed();
    contract_.interfaces[index].names.push_back({name, ref, docs_of(*defined)});
  }
  if (role == Interface::kTypesOnly) return {};
  for (const auto& [name, function] : functions->items()) {
    item_ = where + ", function " + name;
    PYLON_CHECK(add_function(index, function));
  }
  return {};
}

// --- functions

Reading::Step Reading::add_function(std::size_t interface, const Json& json) {
  Interface& home = contract_.interfaces[interface];
  std::string prefix = one_interface_ && home.role == Interface::kExported ? "" : home.name + ".";
  const Json* kind = member(json, "kind");
  if (!kind) return malformed();
  if (kind->is_string()) {
    if (*kind != "freestanding") return wrong("async functions are not supported");
    PYLON_TRY(made, function(json, prefix));
    contract_.interfaces[interface].functions.push_back(std::move(made));
    return {};
  }
  static const std::map<std::string, Function::Kind> kKinds = {
      {"constructor", Function::kConstructor},
      {"method", Function::kMethod},
      {"static", Function::kStatic}};
  if (!kind->is_object() || kind->size() != 1) return malformed();
  auto found = kKinds.find(kind->begin().key());
  if (found == kKinds.end()) return wrong("async functions are not supported");
  PYLON_TRY(ref, type(*kind->begin()));
  if (!contract_.is(ref, Type::kResource)) return malformed();
  PYLON_TRY(made, function(json, prefix + contract_.type(ref).name + "."));
  made.kind = found->second;
  contract_.types[ref.index()].functions.push_back(std::move(made));
  return {};
}

Result<Function> Reading::function(const Json& json, const std::string& prefix) {
  Function out;
  out.wit_name = text_of(json, "name");
  out.docs = docs_of(json);
  out.name = out.wit_name;
  if (out.name.starts_with("[constructor]")) {
    out.name = "new";
  } else if (out.name.starts_with("[")) {
    std::size_t dot = out.name.find('.');
    if (dot == std::string::npos) return malformed();
    out.name = out.name.substr(dot + 1);
    if (out.name == "new" || out.name == "drop")
      return wrong("a resource's own function may not be called " + out.name, "rename it");
  }
  if (!is_wit_name(out.name)) return malformed();
  out.method = prefix + out.name;
  PYLON_TRY(list, params(json));
  out.params = std::move(list);
  PYLON_TRY(result, optional_type(member(json, "result")));
  out.result = result;
  return out;
}

Result<std::vector<Param>> Reading::params(const Json& json) {
  const Json* list = member(json, "params");
  if (!list || !list->is_array()) return malformed();
  std::vector<Param> out;
  for (const Json& param : *list) {
    const Json* of = member(param, "type");
    std::string name = text_of(param, "name");
    if (!of || !is_wit_name(name)) return malformed();
    PYLON_TRY(ref, type(*of));
    out.push_back({std::move(name), ref});
  }
  return out;
}

// Two interfaces of the same bare name, or a function named like a resource, would share a method.
Reading::Step Reading::check_methods() const {
  std::set<std::string> names, seen;
  auto twice = [&](const std::string& method) { return !seen.insert(method).second; };
  for (const Interface& interface : contract_.interfaces) {
    if (interface.role == Interface::kTypesOnly) continue;
    if (!names.insert(interface.name).second)
      return wrong(
          "two interfaces are called " + interface.name + ", so their methods cannot be told apart",
          "rename one");
    for (const Function& function : interface.functions)
      if (twice(function.method)) return wrong("two functions are called as " + function.method);
  }
  for (const Type& type : contract_.types)
    for (const Function& function : type.functions)
      if (twice(function.method)) return wrong("two functions are called as " + function.method);
  return {};
}

// --- types

Result<std::optional<TypeRef>> Reading::optional_type(const Json* json) {
  if (!json || json->is_null()) return std::optional<TypeRef>();
  PYLON_TRY(ref, type(*json));
  return std::optional<TypeRef>(ref);
}

Result<TypeRef> Reading::type(const Json& json) {
  if (json.is_string()) return primitive(json.get<std::string>());
  PYLON_TRY(definition, entry("types", json));
  auto [place, added] = done_.try_emplace(definition);
  if (!added) {
    if (place->second) return *place->second;
    return malformed();  // a type that contains itself
  }
  if (depth_ == kDeepestType) return wrong("types are nested more than 100 deep");
  ++depth_;
  PYLON_TRY(ref, define(*definition));
  --depth_;
  done_[definition] = ref;
  return ref;
}

Result<TypeRef> Reading::primitive(const std::string& name) const {
  static const std::map<std::string, TypeRef::Primitive> kPrimitives = {
      {"bool", TypeRef::kBool},    {"u8", TypeRef::kU8},   {"u16", TypeRef::kU16},
      {"u32", TypeRef::kU32},      {"u64", TypeRef::kU64}, {"s8", TypeRef::kS8},
      {"s16", TypeRef::kS16},      {"s32", TypeRef::kS32}, {"s64", TypeRef::kS64},
      {"f32", TypeRef::kF32},      {"f64", TypeRef::kF64}, {"char", TypeRef::kChar},
      {"string", TypeRef::kString}};
  auto found = kPrimitives.find(name);
  if (found == kPrimitives.end()) return wrong("the type " + name + " is not supported");
  return TypeRef{found->second};
}

Result<TypeRef> Reading::define(const Json& json) {
  const Json* kind = member(json, "kind");
  if (!kind) return malformed();
  if (*kind == "resource") return resource(json);
  if (kind->is_string()) return wrong("the type " + kind->get<std::string>() + " is not supported");
  if (!kind->is_object() || kind->size() != 1) return malformed();
  return build(json, kind->begin().key(), *kind->begin());
}

Result<TypeRef> Reading::build(const Json& json, const std::string& kind, const Json& of) {
  if (kind == "type") return type(of);
  if (kind == "handle") return handle(of);
  if (kind == "result") return alternatives(of);
  if (kind == "tuple") return tuple(of);
  if (kind == "record") return named(json, Type::kRecord, "fields", of);
  if (kind == "variant") return named(json, Type::kVariant, "cases", of);
  if (kind == "enum") return named(json, Type::kEnum, "cases", of);
  if (kind == "flags") return named(json, Type::kFlags, "flags", of);
  if (kind != "list" && kind != "option")
    return wrong("the type " + kind + " is not supported", "docs/bindings.md lists what is");
  PYLON_TRY(element, type(of));
  if (kind == "option") return anonymous(Type::kOption, {{{}, element, {}}});
  if (element.code == TypeRef::kU8) return TypeRef{TypeRef::kBytes};
  return anonymous(Type::kList, {{{}, element, {}}});
}

Result<TypeRef> Reading::handle(const Json& of) {
  if (!of.is_object() || of.size() != 1) return malformed();
  PYLON_TRY(ref, type(*of.begin()));
  if (!contract_.is(ref, Type::kResource)) return malformed();
  return anonymous(of.begin().key() == "own" ? Type::kOwn : Type::kBorrow, {{{}, ref, {}}});
}

Result<TypeRef> Reading::alternatives(const Json& of) {
  if (!of.is_object()) return malformed();
  PYLON_TRY(ok, optional_type(member(of, "ok")));
  PYLON_TRY(err, optional_type(member(of, "err")));
  return anonymous(Type::kResult, {{{}, ok, {}}, {{}, err, {}}});
}

Result<TypeRef> Reading::tuple(const Json& of) {
  const Json* list = member(of, "types");
  if (!list || !list->is_array() || list->empty()) return malformed();
  std::vector<Member> out;
  for (const Json& one : *list) {
    PYLON_TRY(ref, type(one));
    out.push_back({{}, ref, {}});
  }
  return anonymous(Type::kTuple, std::move(out));
}

// A type with a name, without what is in it.
Result<Type> Reading::head(const Json& json, Type::Kind kind) {
  Type out;
  out.kind = kind;
  out.name = text_of(json, "name");
  out.docs = docs_of(json);
  if (!is_wit_name(out.name)) return malformed();
  const Json* owner = member(json, "owner");
  const Json* interface = owner ? member(*owner, "interface") : nullptr;
  if (!interface)
    return wrong("the type " + out.name + " is defined by the world itself",
                 "move it to an interface");
  PYLON_TRY(home, interface_index(*interface, Interface::kTypesOnly));
  out.interface = home;
  return out;
}

Result<TypeRef> Reading::named(const Json& json, Type::Kind kind, const char* list,
                               const Json& of) {
  PYLON_TRY(out, head(json, kind));
  const Json* items = member(of, list);
  if (!items || !items->is_array()) return malformed();
  PYLON_TRY(parts, members(kind, *items));
  out.members = std::move(parts);
  return add(std::move(out));
}

Result<std::vector<Member>> Reading::members(Type::Kind kind, const Json& list) {
  if (list.empty()) return malformed();
  if (kind == Type::kFlags && list.size() > kMostFlags)
    return wrong(std::to_string(list.size()) + " flags are too many; 32 is the most");
  std::vector<Member> out;
  for (const Json& json : list) {
    Member one;
    one.name = text_of(json, "name");
    one.docs = docs_of(json);
    if (!is_wit_name(one.name)) return malformed();
    PYLON_TRY(ref, optional_type(member(json, "type")));
    one.type = ref;
    if (kind == Type::kRecord && !ref) return malformed();
    out.push_back(std::move(one));
  }
  return out;
}

Result<TypeRef> Reading::resource(const Json& json) {
  PYLON_TRY(out, head(json, Type::kResource));
  const Interface& home = contract_.interfaces[out.interface];
  if (home.role != Interface::kExported)
    return wrong("the resource " + home.name + "." + out.name +
                     " belongs to an interface that is not exported",
                 "export the interface, or pass a number instead of the resource");
  out.drop_method = (one_interface_ ? "" : home.name + ".") + out.name + ".drop";
  return add(std::move(out));
}

TypeRef Reading::add(Type type) {
  contract_.types.push_back(std::move(type));
  return TypeRef::of(contract_.types.size() - 1);
}

TypeRef Reading::anonymous(Type::Kind kind, std::vector<Member> members) {
  for (std::size_t i = 0; i < contract_.types.size(); ++i)
    if (contract_.types[i].kind == kind && contract_.types[i].members == members)
      return TypeRef::of(i);
  Type out;
  out.kind = kind;
  out.members = std::move(members);
  return add(std::move(out));
}

}  // namespace

Result<Contract> read_contract(std::string_view json, const std::string& name,
                               const std::string& world) {
  Json parsed = Json::parse(json, nullptr, false);
  if (!parsed.is_object()) return fail(ErrorKind::kInput, name + " is not a JSON object");
  return Reading(parsed, name).read(world);
}

}  // namespace pylon::bindgen
