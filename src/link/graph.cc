#include "link/graph.hh"

#include <algorithm>
#include <map>
#include <set>

namespace pylon::link {
namespace {

struct Offer {
  const Part* part;
  std::string name;
};

std::string_view without_version(std::string_view interface) {
  return interface.substr(0, interface.find('@'));
}

class Wiring {
 public:
  Wiring(const Graph& graph, const HostProvides& host) : graph_(graph), host_(host) {}

  Result<std::vector<Wire>> all() {
    for (const Part& part : graph_.parts) {
      PYLON_TRY(interfaces, wasm::read_interfaces(part.component, part.id));
      PYLON_TRY(all_imports, wasm::read_import_names(part.component, part.id));
      imports_[&part] = std::move(all_imports);
      needed_.insert(interfaces.imports.begin(), interfaces.imports.end());
      for (std::string& name : interfaces.exports) offers_.push_back({&part, std::move(name)});
    }
    const Part* root = graph_.find(graph_.root);
    if (!root) return fail(ErrorKind::kInput, "there is no component '" + graph_.root + "'");
    PYLON_CHECK(visit(*root));
    return std::move(wires_);
  }

 private:
  Result<void> visit(const Part& part) {
    if (!visited_.insert(&part).second) return {};
    for (const std::string& import : imports_[&part]) {
      if (host_(import) || (!needed_.contains(import) && !provided(part, import))) continue;
      PYLON_TRY(provider, provider_of(part, import));
      wires_.push_back({part.id, import, provider->id, import});
      PYLON_CHECK(visit(*provider));
    }
    return {};
  }

  // An import of types alone is wired like any other if one part has it, and needs nobody else.
  bool provided(const Part& part, const std::string& import) const {
    return std::ranges::count_if(offers_, [&](const Offer& offer) {
             return offer.part != &part && offer.name == import;
           }) == 1;
  }

  Result<const Part*> provider_of(const Part& part, const std::string& import) {
    std::vector<const Part*> exact;
    std::string near;
    for (const Offer& offer : offers_) {
      if (offer.part == &part || without_version(offer.name) != without_version(import)) continue;
      if (offer.name == import) exact.push_back(offer.part);
      near += (near.empty() ? "" : ", ") + offer.name + " (" + offer.part->id + ")";
    }
    if (exact.size() == 1) return exact[0];
    if (exact.size() > 1)
      return fail(
          ErrorKind::kInput,
          part.id + " imports " + import + ", which more than one component provides: " + near,
          "leave all but one of them out, or bind it in the plan");
    return fail(ErrorKind::kInput,
                part.id + " imports " + import + ", which no component provides" +
                    (near.empty() ? "" : "; there is " + near),
                near.empty() ? "add a component that exports it"
                             : "build them against one version of the interface");
  }

  const Graph& graph_;
  const HostProvides& host_;
  std::map<const Part*, std::vector<std::string>> imports_;
  std::set<std::string> needed_;  // imports that are more than types
  std::vector<Offer> offers_;
  std::set<const Part*> visited_;
  std::vector<Wire> wires_;
};

class Order {
 public:
  explicit Order(const Graph& graph) : graph_(graph) {}

  Result<std::vector<const Part*>> all() {
    PYLON_CHECK(visit(graph_.root));
    return std::move(order_);
  }

 private:
  Result<void> visit(const std::string& id) {
    const Part* part = graph_.find(id);
    if (!part) return fail(ErrorKind::kInput, "there is no component '" + id + "'");
    if (std::ranges::find(order_, part) != order_.end()) return {};
    const auto open = std::ranges::find(path_, id);
    if (open != path_.end()) return fail(circle(open));
    path_.push_back(id);
    for (const Wire& wire : graph_.wires)
      if (wire.consumer == id) PYLON_CHECK(visit(wire.provider));
    path_.pop_back();
    order_.push_back(part);
    return {};
  }

  Error circle(std::vector<std::string>::const_iterator from) const {
    std::string text;
    for (auto at = from; at != path_.end(); ++at) text += *at + " needs ";
    return Error(ErrorKind::kInput, "components need each other: " + text + *from,
                 "a component that calls its consumer back cannot be composed with it: load it by "
                 "dynlink");
  }

  const Graph& graph_;
  std::vector<std::string> path_;
  std::vector<const Part*> order_;
};

}  // namespace

const Part* Graph::find(std::string_view id) const {
  const auto found = std::ranges::find(parts, id, &Part::id);
  return found == parts.end() ? nullptr : &*found;
}

Result<std::vector<Wire>> wire_by_name(const Graph& graph, const HostProvides& host) {
  return Wiring(graph, host).all();
}

Result<std::vector<const Part*>> in_order(const Graph& graph) {
  return Order(graph).all();
}

}  // namespace pylon::link
