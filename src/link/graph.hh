// Components and who provides what to whom.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "wasm/component.hh"

namespace pylon::link {

/// A component of the graph, by a name that is its own.
struct Part {
  std::string id;
  wasm::Component component;
};

/// An import that another part's export satisfies.
struct Wire {
  std::string consumer;
  std::string import;
  std::string provider;
  std::string exported;

  bool operator==(const Wire&) const = default;
};

/// True for the name of an import that whoever runs the result provides.
using HostProvides = std::function<bool(std::string_view import)>;

/// Parts and wires; the result does what the part `root` does.
struct Graph {
  std::string root;
  std::vector<Part> parts;
  std::vector<Wire> wires;
  std::vector<std::string> exports;  ///< what of the root's exports the result shows; empty: all

  const Part* find(std::string_view id) const;
};

/// The wires between parts whose imports and exports have the same name and version, for the root
/// and all that it needs. An import that nobody provides, or more than one, is kInput: the message
/// names the interface, the versions there are, and who has them.
Result<std::vector<Wire>> wire_by_name(const Graph& graph, const HostProvides& host);

/// The parts that the root needs, itself last: every part after those that it is wired to. A wire
/// to a part that is not there, or a circle, is kInput and names the parts.
Result<std::vector<const Part*>> in_order(const Graph& graph);

}  // namespace pylon::link
