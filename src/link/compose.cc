#include "link/compose.hh"

#include <algorithm>
#include <map>

#include "link/sections.hh"
#include "link/world_imports.hh"
#include "wasm/component_types.hh"

namespace pylon::link {
namespace {

using wasm::ComponentExtern;
using wasm::Writer;

const Wire* wire_for(const Graph& graph, const std::string& consumer, const std::string& import) {
  const auto found = std::ranges::find_if(graph.wires, [&](const Wire& wire) {
    return wire.consumer == consumer && wire.import == import;
  });
  return found == graph.wires.end() ? nullptr : &*found;
}

bool exports_instance(const std::vector<wasm::ComponentExport>& exports, const std::string& name) {
  return std::ranges::any_of(exports, [&](const wasm::ComponentExport& item) {
    return item.sort == ComponentExtern::kInstance && item.name == name;
  });
}

// What wires lead to has to be there.
Result<void> check_wires(const Graph& graph, const Part& consumer) {
  for (const Wire& wire : graph.wires) {
    if (wire.consumer != consumer.id) continue;
    const Part& provider = *graph.find(wire.provider);
    PYLON_TRY(exports, wasm::read_exports(provider.component, provider.id));
    if (!exports_instance(exports, wire.exported))
      return fail(ErrorKind::kInput, wire.provider + " exports no interface " + wire.exported +
                                         ", which " + wire.consumer + " takes from it");
  }
  return {};
}

class Composition {
 public:
  explicit Composition(const Graph& graph) : graph_(graph) {}

  Result<Bytes> write() {
    PYLON_TRY(parts, in_order(graph_));
    for (const Part* part : parts) {
      PYLON_CHECK(check_wires(graph_, *part));
      PYLON_CHECK(world_.add(part->component, part->id, [&](const std::string& import) {
        return wire_for(graph_, part->id, import) == nullptr;
      }));
    }
    PYLON_TRY(imports, world_.sections());
    out_.bytes(wasm::kComponentHeader).bytes(imports);
    instances_ = world_.instances();
    for (const Part* part : parts) PYLON_CHECK(instantiate(*part));
    PYLON_CHECK(export_all(*parts.back()));
    return out_.take();
  }

 private:
  // The index of what a part exports as an instance.
  std::uint32_t exported(const std::string& part, const std::string& name) {
    const auto [at, is_new] = exported_.try_emplace({part, name}, instances_);
    if (is_new) {
      write_export_alias(out_, ComponentExtern::kInstance, parts_.at(part), name);
      ++instances_;
    }
    return at->second;
  }

  Result<void> instantiate(const Part& part) {
    PYLON_TRY(imports, wasm::read_import_names(part.component, part.id));
    std::vector<std::uint32_t> given;
    for (const std::string& import : imports) {
      const Wire* wire = wire_for(graph_, part.id, import);
      if (wire) {
        given.push_back(exported(wire->provider, wire->exported));
        continue;
      }
      PYLON_TRY(index, world_.instance(import));
      given.push_back(index);
    }
    out_.section(kComponentSection, part.component.bytes());
    write_section(out_, kInstanceSection, [&](Writer& body) {
      body.u8(kInstantiate).u32(components_).u32(static_cast<std::uint32_t>(imports.size()));
      for (std::size_t i = 0; i < imports.size(); ++i)
        body.name(imports[i]).u8(ComponentExtern::kInstance).u32(given[i]);
    });
    ++components_;
    parts_.emplace(part.id, instances_++);
    return {};
  }

  Result<void> export_all(const Part& root) {
    PYLON_TRY(exports, wasm::read_exports(root.component, root.id));
    std::uint32_t functions = 0;
    for (const wasm::ComponentExport& item : exports) {
      if (!graph_.exports.empty() &&
          std::ranges::find(graph_.exports, item.name) == graph_.exports.end())
        continue;
      std::uint32_t index = 0;
      if (item.sort == ComponentExtern::kInstance) {
        index = exported(root.id, item.name);
      } else if (item.sort == ComponentExtern::kFunction) {
        write_export_alias(out_, ComponentExtern::kFunction, parts_.at(root.id), item.name);
        index = functions++;
      } else {
        return fail(ErrorKind::kInput, root.id + " exports '" + item.name +
                                           "', which is neither an interface nor a function");
      }
      write_section(out_, kExportSection, [&](Writer& body) {
        body.u8(0).name(item.name).u8(item.sort).u32(index).u8(0);
      });
      // What is exported has an index of its own, too.
      if (item.sort == ComponentExtern::kInstance)
        ++instances_;
      else
        ++functions;
    }
    return {};
  }

  const Graph& graph_;
  WorldImports world_;
  Writer out_;
  std::uint32_t components_ = 0, instances_ = 0;
  std::map<std::string, std::uint32_t> parts_;
  std::map<std::pair<std::string, std::string>, std::uint32_t> exported_;
};

}  // namespace

Result<Bytes> compose(const Graph& graph) {
  return Composition(graph).write();
}

}  // namespace pylon::link
