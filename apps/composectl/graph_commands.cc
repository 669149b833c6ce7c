// composectl graph: who needs whom.
#include "compose/plan_file.hh"
#include "composectl/nouns.hh"
#include "composectl/places.hh"

namespace pylon::composectl {
namespace {

using compose::Binding;
using compose::Plan;

// clang-format off
constexpr Option kOptions[] = {{"--format", "text|dot", Kind::kText, "a tree of text (the default), or Graphviz's DOT"}};
// clang-format on

std::string in_quotes(const std::string& text) {
  std::string out = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

std::string dot_of(const Plan& plan) {
  std::string out = "digraph plan {\n  rankdir=LR;\n  node [shape=box];\n";
  for (const compose::PlanComponent& component : plan.components)
    out += "  " + in_quotes(component.id) +
           " [label=" + in_quotes(component.id + " " + component.digest.hex().substr(0, 12)) +
           (component.id == plan.root ? ", penwidth=2" : "") + "];\n";
  for (const Binding& binding : plan.bindings)
    out += "  " + in_quotes(binding.consumer_id) + " -> " + in_quotes(binding.provider_id) +
           " [label=" + in_quotes(binding.import_name) +
           (binding.linkage == compose::Linkage::kDynlink ? ", style=dashed" : "") + "];\n";
  return out + "}\n";
}

void add_tree(const Plan& plan, const std::string& id, std::size_t depth, std::string& out) {
  for (const Binding& binding : plan.bindings) {
    if (binding.consumer_id != id) continue;
    out += std::string(2 * depth, ' ') + binding.provider_id + "  " + binding.import_name + " (" +
           std::string(compose::linkage_name(binding.linkage)) + ")\n";
    // A plan has no cycles, but a provider may be needed on very many ways.
    if (depth < 8 && out.size() < 1'000'000) add_tree(plan, binding.provider_id, depth + 1, out);
  }
}

Result<Answer> graph(const Invocation& line) {
  const std::string format = line.value("--format", "text");
  if (format != "text" && format != "dot")
    return fail(ErrorKind::kUsage, "--format=" + format + " is neither text nor dot");
  PYLON_TRY(file, compose::PlanFile::read(plan_path(line)));
  Answer answer;
  answer.json = {{"root", file.plan.root}, {"nodes", Json::array()}, {"edges", Json::array()}};
  for (const compose::PlanComponent& one : file.plan.components)
    answer.json["nodes"].push_back({{"id", one.id}, {"digest", one.digest.text()}});
  for (const Binding& one : file.plan.bindings)
    answer.json["edges"].push_back({{"consumer", one.consumer_id},
                                    {"provider", one.provider_id},
                                    {"import", one.import_name},
                                    {"linkage", compose::linkage_name(one.linkage)}});
  answer.text = format == "dot" ? dot_of(file.plan) : file.plan.root + "\n";
  if (format == "text") add_tree(file.plan, file.plan.root, 1, answer.text);
  return answer;
}

constexpr Command kCommands[] = {
    {"", "[PLAN]", Kind::kPlan, 0, 1, kOptions, false, "show which component needs which", graph}};

}  // namespace

const Noun kGraphNoun = {"graph", "who needs whom in a plan", kCommands};

}  // namespace pylon::composectl
