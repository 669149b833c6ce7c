#include "bindgen/schema.hh"

#include <nlohmann/json.hpp>

namespace pylon::bindgen {
namespace {

using Json = nlohmann::json;

constexpr int kVersion = 1;

Json ref(TypeRef type) {
  return type.code;
}

Json optional_ref(const std::optional<TypeRef>& type) {
  return type ? ref(*type) : Json(nullptr);
}

template <typename List, typename Make>
Json list_of(const List& list, Make make) {
  Json out = Json::array();
  for (const auto& one : list) out.push_back(make(one));
  return out;
}

Json function_entry(const Function& function) {
  Json params =
      list_of(function.params, [](const Param& p) { return Json::array({p.name, ref(p.type)}); });
  return Json::array({function.kind, function.name, function.method, function.docs, params,
                      optional_ref(function.result)});
}

Json interface_entry(const Interface& interface) {
  Json names = list_of(interface.names, [](const NamedType& named) {
    return Json::array({named.name, ref(named.type), named.docs});
  });
  return Json::array({interface.role, interface.name, interface.id, interface.docs, names,
                      list_of(interface.functions, function_entry)});
}

Json members_of(const Type& type) {
  return list_of(type.members, [&](const Member& member) {
    if (type.kind == Type::kEnum || type.kind == Type::kFlags)
      return Json::array({member.name, member.docs});
    return Json::array({member.name, optional_ref(member.type), member.docs});
  });
}

Json type_entry(const Type& type) {
  Json out = Json::array({type.kind});
  auto types = [&] {
    return list_of(type.members, [](const Member& m) { return optional_ref(m.type); });
  };
  if (type.kind == Type::kTuple) {
    out.push_back(types());
  } else if (!type.named()) {
    for (Json& one : types()) out.push_back(std::move(one));
  } else {
    out.insert(out.end(), {type.interface, type.name, type.docs});
    if (type.kind != Type::kResource) {
      out.push_back(members_of(type));
    } else {
      out.push_back(type.drop_method);
      out.push_back(list_of(type.functions, function_entry));
    }
  }
  return out;
}

Json document(const Contract& contract) {
  return Json::array({kVersion, contract.package, contract.docs,
                      list_of(contract.interfaces, interface_entry),
                      list_of(contract.types, type_entry)});
}

}  // namespace

Bytes schema_of(const Contract& contract) {
  return Json::to_cbor(document(contract));
}

std::string schema_text(const Contract& contract) {
  return document(contract).dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace pylon::bindgen
