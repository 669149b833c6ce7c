// Fuzz target: no component whatever may break composition.
#include <cstddef>
#include <cstdint>

#include "link/compose.hh"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pylon;
  auto component = wasm::Component::parse(Bytes(data, data + size), "input");
  if (!component) return 0;
  link::Graph graph{.root = "a", .parts = {{"a", *component}, {"b", *component}}, .wires = {}};
  static_cast<void>(link::compose(graph));
  auto wires = link::wire_by_name(graph, [](std::string_view import) { return import.size() > 4; });
  if (!wires) return 0;
  graph.wires = std::move(*wires);
  static_cast<void>(link::compose(graph));
  return 0;
}
