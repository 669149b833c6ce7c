#include "runtime/plan_gate.hh"

#include <algorithm>
#include <charconv>
#include <sstream>

#include "compose/policy.hh"
#include "compose/resolver.hh"
#include "compose/trust_store.hh"
#include "runtime/directories.hh"
#include "runtime/facades.hh"
#include "runtime/path.hh"
#include "runtime/stamps.hh"

namespace pylon::runtime {
namespace {

namespace fs = std::filesystem;

constexpr const char* kStamps = "checked";
constexpr const char* kFacades = "facades";
constexpr std::string_view kVersion = "pylon-plan-3";

// What runs here can do for plans.
compose::HostOffer offer() {
  return {.capabilities = {"dynlink:resolve", "dynlink:invoke"},
          .maxima = {},
          .enforces_cpu = false,
          .enforces_memory = true,
          .enforces_io = false};
}

std::optional<fs::path> person(const char* name) {
  const std::optional<fs::path> directory = person_directory();
  return directory ? std::optional(*directory / name) : std::nullopt;
}

// The identities of all that the decision depends on.
std::string inputs(const Install& install, const fs::path& file) {
  std::string out = file_identity(file) + " " + file_identity(compose::signature_path(file)) + " " +
                    file_identity(install.directory() / "manifest.json");
  for (const fs::path& directory : trust_directories(install))
    out += " " + file_identity(directory / "trust.json");
  return out;
}

// ---- the note: one line each of version, inputs, digest, expiry, facades, their state, built-in
// modules, memory, reason

std::string note_of(const std::string& identities, const AdmittedPlan& plan) {
  std::ostringstream out;
  out << kVersion << '\n'
      << identities << '\n'
      << plan.digest.hex() << '\n'
      << plan.expires.value_or(0) << '\n'
      << plan.facades.string() << '\n'
      << plan.facades_state << '\n'
      << plan.builtin_modules << '\n'
      << plan.max_memory << '\n'
      << plan.reason << '\n';
  return out.str();
}

template <typename Number>
bool read_number(const std::string& text, Number& out) {
  const char* end = text.data() + text.size();
  const auto [rest, problem] = std::from_chars(text.data(), end, out);
  return problem == std::errc() && rest == end;
}

// The plan that the note is about, if nothing has changed since.
std::optional<AdmittedPlan> from_note(const std::string& note, const std::string& identities,
                                      const fs::path& file) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < note.size();) {
    const std::size_t end = note.find('\n', at);
    if (end == std::string::npos) return std::nullopt;
    lines.push_back(note.substr(at, end - at));
    at = end + 1;
  }
  if (lines.size() != 9 || lines[0] != kVersion || lines[1] != identities) return std::nullopt;
  const Result<compose::Digest> digest = compose::Digest::parse_hex(lines[2]);
  if (!digest) return std::nullopt;
  AdmittedPlan plan{file, *digest, lines[8], std::nullopt, lines[4], lines[5], lines[6]};
  compose::Seconds expires = 0;
  if (!read_number(lines[3], expires) || !read_number(lines[7], plan.max_memory))
    return std::nullopt;
  if (expires != 0) plan.expires = expires;
  if (plan.expires && *plan.expires <= compose::now()) return std::nullopt;
  if (!plan.facades.empty() && !same_facades(plan.facades, plan.facades_state)) return std::nullopt;
  return plan;
}

struct Facades {
  fs::path directory;
  std::string state;
};

Result<Facades> checked(const fs::path& directory, uid_t owner) {
  PYLON_TRY(state, check_facades(directory, owner));
  return Facades{directory, state};
}

// The unpacked facades of a plan: the install's own, or the person's, made now if need be. Bytecode
// is made by a run of the install's plan, so not for that one.
Result<Facades> facades_of(const Install& install, const compose::PlanFile& file) {
  const bool any = std::ranges::any_of(
      file.plan.components, [](const auto& component) { return component.facade.has_value(); });
  if (!any) return Facades();
  const fs::path installed = facades_directory(install.directory(), file.digest);
  if (path_kind(installed.string()) == PathKind::kDirectory)
    return checked(installed, owner_of(install.directory()));
  Result<fs::path> base = cache_directory();
  if (!base)
    return fail(std::move(base).error().within("the plan's Python modules cannot be unpacked"));
  const fs::path own = facades_directory(*base, file.digest);
  const fs::path launcher = install.root() / "bin" / "pylon";
  const bool compiles =
      fs::path(file.path) != plan_path(install) && path_kind(launcher.string()) == PathKind::kFile;
  const compose::Resolver resolver(file.plan, blob_stores(install, file.path));
  PYLON_CHECK(
      unpack_facades(file.plan, resolver, own, compiles ? std::optional(launcher) : std::nullopt));
  return checked(own, ::geteuid());
}

}  // namespace

fs::path plan_path(const Install& install) {
  return install.directory() / "plan.json";
}

std::vector<fs::path> trust_directories(const Install& install) {
  std::vector<fs::path> out = {install.directory() / "trust"};
  if (const auto own = person("trust")) out.push_back(*own);
  return out;
}

std::vector<compose::BlobStore> blob_stores(const Install& install, const fs::path& plan) {
  std::vector<compose::BlobStore> out = {compose::BlobStore(install.directory() / "blobs")};
  const fs::path beside = plan.parent_path() / "blobs";
  if (beside != out[0].root()) out.emplace_back(beside);
  if (const auto own = person("blobs")) out.emplace_back(*own);
  return out;
}

fs::path facades_directory(const fs::path& base, const compose::Digest& plan) {
  return base / kFacades / plan.hex().substr(0, 32);
}

fs::path installed_facades(const fs::path& library) {
  const Result<compose::PlanFile> file = compose::PlanFile::read(library / "plan.json");
  if (!file) return {};
  const fs::path facades = facades_directory(library, file->digest);
  return path_kind(facades.string()) == PathKind::kDirectory ? facades : fs::path();
}

Environment plan_environment(const std::string& modules) {
  if (modules.empty()) return {};
  return {{kBuiltinModules, modules}};
}

Result<void> check_root(const Install& install, const compose::PlanFile& file) {
  const compose::PlanComponent* root = file.plan.find(file.plan.root);
  const auto record = install.manifest().files.find("python.wasm");
  if (root && record != install.manifest().files.end() &&
      record->second.sha256 == root->digest.hex())
    return {};
  return fail(
      ErrorKind::kRefused,
      file.path + ": its root '" + file.plan.root + "' is not the interpreter of this install",
      record == install.manifest().files.end()
          ? "install Pylon again, or build it again"
          : "take this one with `composectl plan set " + file.plan.root +
                "=sha256:" + record->second.sha256 + " --plan " + file.path + "`");
}

Result<AdmittedPlan> admit_anew(const Install& install, const fs::path& path) {
  PYLON_TRY(file, compose::PlanFile::read(path));
  PYLON_TRY(trust, compose::TrustStore::open(trust_directories(install)));
  PYLON_TRY(verdict, trust.check(file, compose::now()));
  PYLON_CHECK(check_root(install, file));
  PYLON_TRY(facades, facades_of(install, file));
  PYLON_TRY(modules, builtin_modules(facades.directory));
  PYLON_TRY(limits, compose::limits_under(file.plan.policy, offer()));
  // A person's store that cannot be written remembers nothing; what it holds is kept to.
  (void)trust.remember(verdict, file.plan);
  return AdmittedPlan{path,
                      file.digest,
                      verdict.text(),
                      file.plan.expires,
                      facades.directory,
                      facades.state,
                      modules,
                      limits.memory_bytes.value_or(0)};
}

Result<std::optional<AdmittedPlan>> admit_plan(const Install& install,
                                               const std::optional<fs::path>& named) {
  const fs::path file = named.value_or(plan_path(install));
  if (!named && path_kind(file.string()) == PathKind::kMissing) {
    if (path_kind((install.directory() / "trust").string()) == PathKind::kMissing)
      return std::optional<AdmittedPlan>();
    return fail(ErrorKind::kRefused, "the install's plan is gone: " + file.string(),
                "put it back, or install Pylon again");
  }
  const Stamps stamps(person(kStamps));
  const std::string name = "plan " + file.string() + " " + install.directory().string();
  const std::string before = inputs(install, file);
  if (auto noted = from_note(stamps.read(name), before, file)) return noted;
  PYLON_TRY(plan, admit_anew(install, file));
  const std::string after = inputs(install, file);  // remembering a serial changes a trust store
  if (Stamps::settled(after) && Stamps::settled(plan.facades_state) && before == after)
    stamps.write(name, note_of(after, plan));
  return std::optional<AdmittedPlan>(std::move(plan));
}

}  // namespace pylon::runtime
