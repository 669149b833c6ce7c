#include "fuse/map.hh"

#include <nlohmann/json.hpp>

namespace pylon::fuse {
namespace {

using Json = nlohmann::ordered_json;

Json libraries(const Linkage& linkage) {
  Json out = Json::array();
  for (std::size_t index : linkage.order) {
    const Library& l = linkage.libraries[index];
    Json entry = {{"name", l.name},
                  {"memory", {{"start", l.memory_base}, {"size", l.dylink.memory_size}}},
                  {"table", {{"start", l.table_base}, {"size", l.dylink.table_size}}}};
    if (std::string name = l.initialiser(); !name.empty()) entry["initialiser"] = name;
    out.push_back(std::move(entry));
  }
  return out;
}

Json duplicates(const Linkage& linkage) {
  Json out = Json::array();
  for (const Duplicate& duplicate : linkage.duplicates) {
    Json hidden = Json::array();
    for (std::size_t index : duplicate.hidden) hidden.push_back(linkage.libraries[index].name);
    out.push_back({{"name", duplicate.name},
                   {"used", linkage.libraries[duplicate.used].name},
                   {"hidden", hidden}});
  }
  return out;
}

Json missing_files(const Linkage& linkage) {
  std::set<std::string> missing;
  for (const Library& library : linkage.libraries)
    missing.insert(library.dylink.needed.begin(), library.dylink.needed.end());
  for (const Library& library : linkage.libraries) missing.erase(library.file);
  return missing;
}

}  // namespace

std::string write_map(const Linkage& linkage) {
  Json wraps = Json::array();
  for (const ResolvedWrap& wrap : linkage.wraps)
    wraps.push_back({{"library", linkage.libraries[wrap.library].name},
                     {"function", wrap.function},
                     {"slot", wrap.slot}});
  Json exports = Json::object();
  for (const auto& [name, library] : linkage.public_exports)
    exports[name] = linkage.libraries[library].name;
  Json map = {{"version", 1},
              {"memory",
               {{"image_start", linkage.image_start},
                {"data_end", linkage.data_end},
                {"heap_base", linkage.heap_base},
                {"size", linkage.memory_size}}},
              {"table_size", linkage.table_size},
              {"libraries", libraries(linkage)},
              {"exports", exports},
              {"wraps", wraps},
              {"duplicates", duplicates(linkage)},
              {"weak_undefined", linkage.weak_undefined},
              {"needed_but_not_given", missing_files(linkage)}};
  return map.dump(1) + "\n";
}

}  // namespace pylon::fuse
