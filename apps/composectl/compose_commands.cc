// composectl compose: several components as one, or a plan as one file.
#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "base/file.hh"
#include "compose/digest.hh"
#include "composectl/invocation.hh"
#include "composectl/nouns.hh"
#include "composectl/places.hh"
#include "composectl/plan_composition.hh"
#include "link/compose.hh"
#include "link/extension.hh"
#include "runtime/directories.hh"

namespace pylon::composectl {
namespace {

namespace fs = std::filesystem;

// clang-format off
constexpr Option kOptions[] = {
    {"--output", "FILE", Kind::kFile, "where the composed component goes"},
    {"--extension", "FILE", Kind::kFile, "of components: append this extension to ROOT, which then imports its cap; may be repeated"},
    {"--host", "PREFIX", Kind::kText, "of components: whoever runs it provides the interfaces whose names begin so (default: wasi:); may be repeated"},
    {"--with", "CAP[=LINKAGE]", Kind::kText, "of a plan: reach this cap by embed, dynlink or static (default: embed); may be repeated; WITH_CAP=LINKAGE in the environment does the same"},
    {"--without", "CAP", Kind::kText, "of a plan: leave this cap out; may be repeated; WITH_CAP=0 in the environment does the same"},
    {"--linkage", "LINKAGE", Kind::kText, "of a plan: reach all caps that nothing else is said of by embed, dynlink or static"},
    {"--small", "", Kind::kText, "of a plan: carry the library as sources only and import few modules beforehand: a third of the size, slower imports"},
    {"--exit-codes", "", Kind::kText, "of a plan: let whoever runs it have exit codes from 0 to 255, which needs a host with wasi:cli/exit's exit-with-code"},
    {"--preload", "MODULES", Kind::kText, "of a plan: import these modules beforehand, with commas between them"},
    {"--hash-seed", "NUMBER", Kind::kText, "of a plan: as PYTHONHASHSEED, or random: then no two files are equal (default: 0)"},
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
    PYLON_TRY(component, read_component(file));
    graph.parts.push_back({std::move(id), std::move(component)});
  }
  graph.root = graph.parts.front().id;
  return graph;
}

// Exchanges the root for itself with the extensions that these files are.
Result<void> extend_root(link::Graph& graph, const std::vector<std::string>& files) {
  if (files.empty()) return {};
  std::vector<link::ExtensionModule> extensions;
  for (const std::string& file : files) {
    PYLON_TRY(component, read_component(file));
    extensions.push_back({file, std::move(component)});
  }
  link::Part& root = graph.parts.front();
  PYLON_TRY(extended, link::append_extensions(root.component, extensions));
  PYLON_TRY(component, wasm::Component::parse(std::move(extended), root.id));
  root.component = std::move(component);
  return {};
}

std::string sentence(const link::Wire& wire) {
  return wire.consumer + " takes " + wire.import + " from " + wire.provider + "\n";
}

Answer answer_for(const std::string& output, const Bytes& bytes,
                  const std::vector<link::Wire>& wires) {
  const compose::Digest digest = compose::Digest::of(bytes);
  Answer answer;
  answer.json = {{"output", output},
                 {"digest", digest.text()},
                 {"size", bytes.size()},
                 {"wires", Json::array()}};
  for (const link::Wire& wire : wires) {
    answer.json["wires"].push_back(
        {{"consumer", wire.consumer}, {"provider", wire.provider}, {"interface", wire.import}});
    answer.text += sentence(wire);
  }
  answer.text += output + ": " + std::to_string(bytes.size()) + " bytes, " + digest.text() + "\n";
  return answer;
}

// ---- of a plan

Result<compose::Linkage> linkage_of(const std::string& text, const std::string& said) {
  return parse_linkage(text, said + ": '" + text + "'");
}

// WITH_A_CAP=embed is for the cap a-cap; 0 leaves it out.
Result<void> read_environment(const compose::Plan& plan, CompositionChoices& choices) {
  for (const compose::PlanComponent& component : plan.components) {
    std::string name = "WITH_" + component.id;
    std::ranges::transform(name, name.begin(), [](unsigned char letter) {
      return letter == '-' ? '_' : static_cast<char>(std::toupper(letter));
    });
    const char* value = std::getenv(name.c_str());
    if (!value || !*value) continue;
    std::optional<compose::Linkage>& choice = choices.caps[component.id];
    if (std::string_view(value) == "0") continue;
    PYLON_TRY(linkage, linkage_of(value, name));
    choice = linkage;
  }
  return {};
}

Result<void> read_caps(const Invocation& line, CompositionChoices& choices) {
  for (const std::string& text : line.values("--with")) {
    const std::size_t equals = text.find('=');
    PYLON_TRY(linkage, equals == std::string::npos
                           ? Result<compose::Linkage>(compose::Linkage::kEmbed)
                           : linkage_of(text.substr(equals + 1), "--with " + text));
    choices.caps[text.substr(0, equals)] = linkage;
  }
  for (const std::string& id : line.values("--without")) choices.caps[id] = std::nullopt;
  return {};
}

Result<std::optional<std::uint32_t>> hash_seed_of(const Invocation& line) {
  const std::string text = line.value("--hash-seed", "0");
  if (text == "random") return std::nullopt;
  std::uint32_t seed = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), seed);
  if (problem != std::errc() || end != text.data() + text.size())
    return fail(ErrorKind::kUsage, "--hash-seed " + text + " is no number below 4294967296",
                "say a number, or random");
  return seed;
}

Result<CompositionChoices> choices_of(const Invocation& line, const compose::Plan& plan) {
  CompositionChoices choices;
  PYLON_CHECK(read_environment(plan, choices));
  PYLON_CHECK(read_caps(line, choices));
  if (line.has("--linkage")) {
    PYLON_TRY(linkage, linkage_of(line.value("--linkage"), "--linkage"));
    choices.linkage = linkage;
  }
  PYLON_TRY(seed, hash_seed_of(line));
  choices.hash_seed = seed;
  choices.small = line.has("--small");
  choices.exit_codes = line.has("--exit-codes");
  if (line.has("--preload")) {
    choices.preload = line.value("--preload");
    std::ranges::replace(*choices.preload, ',', ' ');
  }
  return choices;
}

Result<Answer> compose_from_plan(const Invocation& line, const std::string& output) {
  if (line.operands.size() > 1)
    return fail(ErrorKind::kUsage, "a plan names its components itself: " + line.operands[1],
                "leave out what follows the plan, or add it to the plan");
  if (line.has("--home")) runtime::set_person_directory(fs::absolute(line.home()));
  PYLON_TRY(install, runtime::Install::at(line.install_root()));
  PYLON_TRY(admitted, runtime::admit_plan(install, fs::absolute(line.operands[0])));
  if (!admitted) return fail(ErrorKind::kInput, line.operands[0] + " is no plan");
  PYLON_TRY(file, compose::PlanFile::read(admitted->file));
  PYLON_TRY(choices, choices_of(line, file.plan));
  PYLON_TRY(made, compose_plan(install, *admitted, file, choices));
  Answer answer = answer_for(output, made.bytes, made.wires);
  answer.json["library"] = made.library_size;
  answer.json["caps"] = Json::object();
  for (const auto& [id, linkage] : made.caps)
    answer.json["caps"][id] = compose::linkage_name(linkage);
  answer.json["left_out"] = made.left_out;
  for (const std::string& id : made.left_out)
    answer.text += "left out: " + id + ", which needs the launcher (docs/pylon-wasm.md)\n";
  if (!line.dry_run()) PYLON_CHECK(write_file_atomically(output, made.bytes));
  return answer;
}

// ---- of components

Result<Answer> compose_components(const Invocation& line, const std::string& output) {
  PYLON_TRY(graph, graph_of(line.operands));
  PYLON_CHECK(extend_root(graph, line.values("--extension")));
  std::vector<std::string> host = line.values("--host");
  if (host.empty()) host = {"wasi:"};
  PYLON_TRY(wires, link::wire_by_name(graph, [&](std::string_view import) {
              return std::ranges::any_of(
                  host, [&](const auto& text) { return import.starts_with(text); });
            }));
  graph.wires = std::move(wires);
  PYLON_TRY(bytes, link::compose(graph));
  Answer answer = answer_for(output, bytes, graph.wires);
  if (!line.dry_run()) PYLON_CHECK(write_file_atomically(output, bytes));
  return answer;
}

// Whether the file is a component; a plan is text.
Result<bool> is_component(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  char first = 1;
  if (!file.get(first)) return fail(ErrorKind::kInput, path + " cannot be read, or is empty");
  return first == '\0';
}

Result<Answer> compose(const Invocation& line) {
  const std::string output = line.value("--output");
  if (output.empty())
    return fail(ErrorKind::kUsage, "where should the composed component go?", "say --output=FILE");
  PYLON_TRY(component, is_component(line.operands[0]));
  return component ? compose_components(line, output) : compose_from_plan(line, output);
}

constexpr Command kCommands[] = {
    {"", "PLAN | ROOT [COMPONENT...]", Kind::kFile, 1, kMany, kOptions, true,
     "write one component: a plan's interpreter with its library and caps inside, or ROOT with the "
     "interfaces that it needs from the other components",
     compose}};

}  // namespace

const Noun kComposeNoun = {"compose", "a plan, or several components, as one file", kCommands};

}  // namespace pylon::composectl
