// composectl compose: several components as one.
#include <algorithm>
#include <filesystem>

#include "base/file.hh"
#include "compose/digest.hh"
#include "composectl/invocation.hh"
#include "composectl/nouns.hh"
#include "link/compose.hh"

namespace pylon::composectl {
namespace {

namespace fs = std::filesystem;

// clang-format off
constexpr Option kOptions[] = {
    {"--output", "FILE", Kind::kFile, "where the composed component goes"},
    {"--host", "PREFIX", Kind::kText, "whoever runs it provides the interfaces whose names begin so (default: wasi:); may be repeated"},
};
// clang-format on

// The first file is the root; each goes by its name up to the first dot.
Result<link::Graph> graph_of(const std::vector<std::string>& files) {
  link::Graph graph;
  for (const std::string& file : files) {
    std::string id = fs::path(file).filename().string();
    id = id.substr(0, id.find('.'));
    if (graph.find(id))
      return fail(ErrorKind::kInput, "two components go by the name '" + id + "'",
                  "a component is named after its file, up to the first dot: rename one");
    PYLON_TRY(bytes, read_file(file));
    PYLON_TRY(component, wasm::Component::parse(std::move(bytes), file));
    graph.parts.push_back({std::move(id), std::move(component)});
  }
  graph.root = graph.parts.front().id;
  return graph;
}

std::string sentence(const link::Wire& wire) {
  return wire.consumer + " takes " + wire.import + " from " + wire.provider + "\n";
}

Result<Answer> compose(const Invocation& line) {
  const std::string output = line.value("--output");
  if (output.empty())
    return fail(ErrorKind::kUsage, "where should the composed component go?", "say --output=FILE");
  PYLON_TRY(graph, graph_of(line.operands));
  std::vector<std::string> host = line.values("--host");
  if (host.empty()) host = {"wasi:"};
  PYLON_TRY(wires, link::wire_by_name(graph, [&](std::string_view import) {
              return std::ranges::any_of(
                  host, [&](const auto& text) { return import.starts_with(text); });
            }));
  graph.wires = std::move(wires);
  PYLON_TRY(bytes, link::compose(graph));
  const compose::Digest digest = compose::Digest::of(bytes);
  Answer answer;
  answer.json = {{"output", output},
                 {"digest", digest.text()},
                 {"size", bytes.size()},
                 {"wires", Json::array()}};
  for (const link::Wire& wire : graph.wires) {
    answer.json["wires"].push_back(
        {{"consumer", wire.consumer}, {"provider", wire.provider}, {"interface", wire.import}});
    answer.text += sentence(wire);
  }
  answer.text += output + ": " + std::to_string(bytes.size()) + " bytes, " + digest.text() + "\n";
  if (!line.dry_run()) PYLON_CHECK(write_file_atomically(output, bytes));
  return answer;
}

constexpr Command kCommands[] = {
    {"", "ROOT [COMPONENT...]", Kind::kFile, 1, kMany, kOptions, true,
     "write one component that is ROOT with the interfaces that it needs from the others inside",
     compose}};

}  // namespace

const Noun kComposeNoun = {"compose", "several components as one", kCommands};

}  // namespace pylon::composectl
