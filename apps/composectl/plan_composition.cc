#include "composectl/plan_composition.hh"

#include <algorithm>

#include "compose/host_interface.hh"
#include "compose/resolver.hh"
#include "composectl/places.hh"
#include "engine/engine.hh"
#include "link/compose.hh"
#include "link/extension.hh"
#include "link/library_archive.hh"
#include "runtime/facades.hh"
#include "snapshot/initialised_component.hh"

namespace pylon::composectl {
namespace {

namespace fs = std::filesystem;
using compose::Linkage;
using link::LibraryArchive;

constexpr const char* kLinker = "compose:dynlink/linker@0.1.0";
constexpr const char* kTypes = "compose:dynlink/types@0.1.0";
constexpr const char* kExit = "wasi:cli/exit@0.2.0";
constexpr const char* kRun = "wasi:cli/run@0.2.0";
constexpr const char* kPlainHost = "plain-host";

// What the build leaves for composing, below lib/pylon.
fs::path material(const runtime::Install& install, const char* name) {
  return install.directory() / "compose" / name;
}

// The caps that the root may load, each with the linkage that was chosen for it.
Result<std::map<std::string, Linkage>> chosen_caps(const compose::Plan& plan,
                                                   const CompositionChoices& choices) {
  std::map<std::string, Linkage> caps;
  for (const compose::Binding& binding : plan.bindings)
    if (binding.consumer_id == plan.root)
      caps[binding.provider_id] = choices.linkage.value_or(binding.linkage);
  for (const auto& [id, linkage] : choices.caps) {
    if (!caps.contains(id))
      return fail(ErrorKind::kInput, "the plan has no cap '" + id + "' for its interpreter",
                  "`composectl plan show` lists what it has");
    if (linkage)
      caps[id] = *linkage;
    else
      caps.erase(id);
  }
  return caps;
}

Result<LibraryArchive> read_archive(const fs::path& file) {
  PYLON_TRY(bytes, read_file(file));
  return LibraryArchive::parse(bytes, file.string());
}

// Facades with the bytecode that lies beside them in the unpacked ones.
class Facades {
 public:
  Facades(const compose::Plan& plan, const compose::Resolver& resolver, fs::path unpacked)
      : plan_(plan), resolver_(resolver), unpacked_(std::move(unpacked)) {}

  Result<void> add(const std::string& cap, bool bytecode, LibraryArchive& archive) {
    const compose::PlanComponent* component = plan_.find(cap);
    if (!component || !component->facade) return {};
    PYLON_TRY(blob, resolver_.blob(*component->facade, "the modules of '" + cap + "'"));
    PYLON_TRY(files, runtime::read_facade(blob));
    for (const runtime::FacadeFile& file : files) {
      if (!file.path.ends_with(".py")) continue;
      PYLON_CHECK(archive.add(kGuest + file.path, Bytes(file.content.begin(), file.content.end())));
      if (bytecode) PYLON_CHECK(add_bytecode(file.path, archive));
      note_builtin(file.path);
    }
    return {};
  }

  /// The modules that stand for such in C, joined by ':'.
  std::string builtin() {
    std::ranges::sort(builtin_);
    std::string text;
    for (const std::string& name : builtin_) text += (text.empty() ? "" : ":") + name;
    return text;
  }

 private:
  static constexpr const char* kGuest = "/pylon/caps/";

  Result<void> add_bytecode(const std::string& path, LibraryArchive& archive) {
    const fs::path source = unpacked_ / path;
    std::error_code absent;
    for (const auto& entry : fs::directory_iterator(source.parent_path() / "__pycache__", absent)) {
      if (!entry.path().filename().string().starts_with(source.stem().string() + ".")) continue;
      PYLON_TRY(content, read_file(entry.path()));
      return archive.add_bytecode(kGuest + path, std::move(content));
    }
    return fail(ErrorKind::kInternal, "there is no bytecode of " + source.string(),
                "the launcher makes it: check that the install is whole with `pylon doctor`, or "
                "compose with --small");
  }

  void note_builtin(const std::string& path) {
    if (std::string name = runtime::builtin_module(path); !name.empty())
      builtin_.push_back(std::move(name));
  }

  const compose::Plan& plan_;
  const compose::Resolver& resolver_;
  fs::path unpacked_;
  std::vector<std::string> builtin_;
};

class Composer {
 public:
  Composer(const runtime::Install& install, const runtime::AdmittedPlan& admitted,
           const compose::Plan& plan, const CompositionChoices& choices)
      : install_(install),
        admitted_(admitted),
        plan_(plan),
        choices_(choices),
        resolver_(plan, runtime::blob_stores(install, admitted.file)) {}

  Result<Composition> compose() {
    PYLON_TRY(caps, chosen_caps(plan_, choices_));
    done_.caps = std::move(caps);
    PYLON_CHECK(leave_out());
    PYLON_TRY(interpreter, initialised());
    PYLON_TRY(root, extended(std::move(interpreter)));
    PYLON_TRY(component, wasm::Component::parse(std::move(root), plan_.root));
    graph_.root = plan_.root;
    graph_.exports = {kRun};
    graph_.parts.push_back({plan_.root, std::move(component)});
    for (const auto& [id, linkage] : done_.caps)
      if (linkage == Linkage::kEmbed) PYLON_CHECK(add_component(id));
    PYLON_CHECK(wire());
    PYLON_TRY(bytes, link::compose(graph_));
    done_.bytes = std::move(bytes);
    done_.wires = graph_.wires;
    return std::move(done_);
  }

 private:
  bool has_dynlink() const {
    return std::ranges::any_of(done_.caps,
                               [](const auto& cap) { return cap.second == Linkage::kDynlink; });
  }

  Result<Bytes> initialised() {
    LibraryArchive archive;
    Facades facades(plan_, resolver_, admitted_.facades);
    for (const auto& [id, linkage] : done_.caps)
      PYLON_CHECK(facades.add(id, !choices_.small, archive));
    PYLON_CHECK(archive.end_block());
    for (const char* name : choices_.small ? std::vector{"library-small", "library-ready"}
                                           : std::vector{"library-sources", "library-bytecode"}) {
      PYLON_TRY(part, read_archive(material(install_, name)));
      PYLON_CHECK(archive.merge(part));
    }
    snapshot::InitialisedOptions options;
    options.wasm = install_.directory() / "python.wasm";
    options.cold = install_.image_path(runtime::Image::kCold);
    options.modules = {install_.library(), admitted_.facades};
    options.archive = archive.encode();
    options.environment = runtime::plan_environment(facades.builtin());
    options.hash_seed = choices_.hash_seed;
    options.preload = choices_.preload;
    if (choices_.small && !options.preload) options.preload = "";
    done_.library_size = options.archive.size();
    PYLON_TRY(engine, engine::Engine::create());
    return snapshot::make_initialised_component(engine, std::move(options));
  }

  // The interpreter with the Python side of the caps that are linked to it.
  Result<Bytes> extended(Bytes interpreter) const {
    std::vector<link::ExtensionModule> extensions;
    for (const auto& [id, linkage] : done_.caps) {
      if (linkage == Linkage::kDynlink) continue;
      PYLON_TRY(planned, resolver_.by_id(id));
      const bool is_static = linkage == Linkage::kStatic;
      const auto& digest = is_static ? planned->static_extension : planned->extension;
      if (!digest)
        return fail(ErrorKind::kInput,
                    "the plan names no " + std::string(is_static ? "static " : "") +
                        "extension of '" + id + "', so it cannot be linked to the interpreter",
                    "leave it out with --without=" + id + ", or take another linkage");
      PYLON_TRY(bytes, resolver_.blob(*digest, "the extension of '" + id + "'"));
      PYLON_TRY(component, wasm::Component::parse(std::move(bytes), "the extension of " + id));
      extensions.push_back({"the extension of " + id, std::move(component)});
    }
    if (extensions.empty()) return interpreter;
    PYLON_TRY(base, wasm::Component::parse(std::move(interpreter), plan_.root));
    return link::append_extensions(base, extensions);
  }

  // Takes out what the linkage for all would link and what needs the launcher.
  Result<void> leave_out() {
    if (choices_.linkage != Linkage::kEmbed) return {};
    for (const auto& [id, linkage] : std::map(done_.caps)) {
      if (choices_.caps.contains(id)) continue;
      PYLON_TRY(needs, needs_launcher(id));
      if (needs.empty()) continue;
      done_.caps.erase(id);
      done_.left_out.push_back(id);
    }
    return {};
  }

  Result<wasm::Component> component(const std::string& id) const {
    PYLON_TRY(planned, resolver_.by_id(id));
    PYLON_TRY(bytes, resolver_.blob(planned->digest, "the component '" + id + "'"));
    return wasm::Component::parse(std::move(bytes), id);
  }

  // What only the launcher has, of what a component or one that it is linked to imports.
  Result<std::string> needs_launcher(const std::string& id) const {
    PYLON_TRY(parsed, component(id));
    PYLON_TRY(imports, wasm::read_import_names(parsed, id));
    const auto found = std::ranges::find_if(imports, compose::is_launcher_interface);
    if (found != imports.end()) return "'" + id + "' imports " + *found;
    for (const compose::Binding& binding : plan_.bindings) {
      if (binding.consumer_id != id || binding.linkage != Linkage::kEmbed) continue;
      PYLON_TRY(needs, needs_launcher(binding.provider_id));
      if (!needs.empty()) return needs;
    }
    return std::string();
  }

  // A component, and those that it is bound to itself.
  Result<void> add_component(const std::string& id) {
    if (graph_.find(id)) return {};
    PYLON_TRY(needs, needs_launcher(id));
    if (!needs.empty())
      return fail(
          ErrorKind::kInput,
          needs + ", which only the launcher has, so it cannot be linked to the interpreter",
          "leave it beside the file with --with=" + id + "=dynlink, or out with --without=" + id);
    PYLON_TRY(parsed, component(id));
    graph_.parts.push_back({id, std::move(parsed)});
    for (const compose::Binding& binding : plan_.bindings)
      if (binding.consumer_id == id && binding.linkage == Linkage::kEmbed)
        PYLON_CHECK(add_component(binding.provider_id));
    return {};
  }

  // Caps by the names of interfaces; what hosts of WASI 0.2 do not have by the part that stands for
  // it. Components that are not in the file are the host's to load.
  Result<void> wire() {
    const bool loads = has_dynlink();
    PYLON_TRY(wires, link::wire_by_name(graph_, [&](std::string_view import) {
                return import.starts_with("wasi:") || import.starts_with("compose:dynlink/");
              }));
    graph_.wires = std::move(wires);
    PYLON_TRY(plain, read_component(material(install_, "plain-host.wasm")));
    for (const link::Part& part : graph_.parts) {
      PYLON_TRY(imports, wasm::read_import_names(part.component, part.id));
      for (const std::string& import : imports)
        if ((!choices_.exit_codes && import == kExit) ||
            (!loads && (import == kLinker || import == kTypes)))
          graph_.wires.push_back({part.id, import, kPlainHost, import});
    }
    graph_.parts.push_back({kPlainHost, std::move(plain)});
    return {};
  }

  const runtime::Install& install_;
  const runtime::AdmittedPlan& admitted_;
  const compose::Plan& plan_;
  const CompositionChoices& choices_;
  compose::Resolver resolver_;
  link::Graph graph_;
  Composition done_;
};

}  // namespace

Result<Composition> compose_plan(const runtime::Install& install,
                                 const runtime::AdmittedPlan& admitted,
                                 const compose::PlanFile& file, const CompositionChoices& choices) {
  if (file.digest != admitted.digest)
    return fail(ErrorKind::kRefused, admitted.file.string() + " was changed just now");
  return Composer(install, admitted, file.plan, choices).compose();
}

}  // namespace pylon::composectl
