// composectl plan: makes, signs and examines plans.
#include <algorithm>
#include <map>

#include "base/file.hh"
#include "cli/did_you_mean.hh"
#include "compose/plan_file.hh"
#include "compose/resolver.hh"
#include "composectl/nouns.hh"
#include "composectl/places.hh"
#include "composectl/plan_builder.hh"
#include "composectl/plan_difference.hh"
#include "runtime/facades.hh"
#include "runtime/plan_gate.hh"

namespace pylon::composectl {
namespace {

namespace fs = std::filesystem;
using compose::Digest;
using compose::Plan;
using compose::PlanComponent;
using compose::PlanFile;

// clang-format off
constexpr Option kKey = {"--key", "FILE", Kind::kFile, "the secret key to sign with (default: that of the build the plan belongs to, else your own \"default\")"};
constexpr Option kPassword = {"--password-file", "FILE", Kind::kFile, "the file with the key's password"};
constexpr Option kUnsigned = {"--unsigned", "", Kind::kText, "do not sign"};
constexpr Option kPlan = {"--plan", "FILE", Kind::kPlan, "the plan that is meant (default: the install's)"};
constexpr Option kName = {"--name", "TEXT", Kind::kText, "the plan's name: older ones of the same name are refused once a newer one ran"};
constexpr Option kSerial = {"--serial", "N", Kind::kText, "its number among those of its name (default: one more than before)"};
constexpr Option kExpires = {"--expires", "DATE", Kind::kText, "refuse it from then on: 2026-12-31 or 2026-12-31T23:59:59Z; \"never\" takes the date out"};
constexpr Option kStore = {"--store", "DIRECTORY", Kind::kDirectory, "the blob store that is meant"};

constexpr Option kBuild[] = {
    {"--root", "FILE", Kind::kFile, "the component whose wasi:cli/run is called"},
    {"--root-id", "ID", Kind::kText, "its id (default: python)"},
    {"--put-root", "", Kind::kText, "store the root, too: an install has it elsewhere"},
    {"--cap", "FILE", Kind::kFile, "the cap.json that the build of a cap left; may be repeated"},
    {"--only", "LINKAGE", Kind::kText, "of the caps, only those that ask for this linkage: dynlink, embed or static"},
    {"--linkage", "LINKAGE", Kind::kText, "reach every cap so, whatever it asks for"},
    {"--output", "FILE", Kind::kPlan, "the plan to write (default: plan.json)"},
    kName, kSerial, kExpires, kKey, kPassword, kUnsigned, kStore};
constexpr Option kSet[] = {
    kPlan,
    {"--bind", "CONSUMER:PROVIDER", Kind::kText, "let a component load another; may be repeated"},
    {"--unbind", "CONSUMER:PROVIDER", Kind::kText, "no longer let it; may be repeated"},
    {"--remove", "ID", Kind::kText, "take a component out, with its bindings; may be repeated"},
    kName, kSerial, kExpires, kKey, kPassword, kUnsigned, kStore};
constexpr Option kSign[] = {kKey, kPassword};
constexpr Option kRead[] = {kStore};
constexpr Option kUnpack[] = {
    {"--base", "DIRECTORY", Kind::kDirectory, "the directory that holds facades/ (default: your own; lib/pylon of an install)"},
    kStore};
// clang-format on

// ---- changing

Result<std::uint64_t> serial_of(const Invocation& line, std::uint64_t otherwise) {
  if (!line.has("--serial")) return otherwise;
  const std::string text = line.value("--serial");
  if (text.empty() || text.size() > 18 || text.find_first_not_of("0123456789") != std::string::npos)
    return fail(ErrorKind::kUsage, "--serial=" + text + " is no number");
  return std::stoull(text);
}

Result<void> apply_head(const Invocation& line, Plan& plan) {
  if (line.has("--name")) plan.name = line.value("--name");
  if (!line.has("--expires")) return {};
  plan.expires.reset();
  if (line.value("--expires") == "never") return {};
  PYLON_TRY(time, compose::parse_time(line.value("--expires")));
  plan.expires = time;
  return {};
}

Result<std::string> signature_over(const Invocation& line, const fs::path& plan,
                                   const std::string& bytes) {
  PYLON_TRY(key, signing_key(line, plan));
  const std::string comment = "timestamp:" + std::to_string(compose::now()) +
                              "\tfile:" + plan.filename().string() + "\thashed";
  return key.sign({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()}, comment);
}

// Writes a plan and its signature; the signature of what was there before goes.
Result<void> write_plan(const Invocation& line, const fs::path& path, const Plan& plan) {
  const std::string bytes = plan.json();
  PYLON_CHECK(Plan::parse(bytes, path.string()));
  std::optional<std::string> signature;
  if (!line.has("--unsigned")) {
    Result<std::string> made = signature_over(line, path, bytes);
    if (!made)
      return fail(std::move(made).error().with_hint(made.error().hint() +
                                                    ", or write the plan with --unsigned"));
    signature = std::move(*made);
  }
  if (line.dry_run()) return {};
  std::error_code ignored;
  fs::remove(compose::signature_path(path), ignored);
  PYLON_CHECK(write_text_file(path, bytes));
  if (signature) PYLON_CHECK(write_text_file(compose::signature_path(path), *signature));
  return {};
}

// What a plan that was just written lacks to be run here.
std::string advice_for(const Invocation& line, const fs::path& path) {
  if (line.dry_run()) return {};
  const Result<PlanFile> file = PlanFile::read(path);
  if (!file) return {};
  const auto store = compose::TrustStore::open({line.install() / "trust", line.home() / "trust"});
  if (!store) return {};
  const auto verdict = store->check(*file, compose::now());
  return verdict ? ""
                 : "  not yet to be run here: " + verdict.error().text() + "\n  " +
                       verdict.error().hint() + "\n";
}

Answer answer_about(const Invocation& line, const fs::path& path, const Plan& plan) {
  Answer answer;
  answer.json = {{"plan", path.string()},
                 {"serial", plan.serial},
                 {"components", plan.components.size()},
                 {"signed", !line.has("--unsigned")}};
  answer.text = path.string() + ": serial " + std::to_string(plan.serial) + ", " +
                std::to_string(plan.components.size()) + " components\n" + advice_for(line, path);
  return answer;
}

// The greatest serial of that name that ran here, signed by that key.
std::uint64_t seen_serial(const Invocation& line, const fs::path& path, const Plan& plan) {
  const auto key = signing_key(line, path);
  const auto store = compose::TrustStore::open({line.install() / "trust", line.home() / "trust"});
  if (!key || !store) return 0;
  std::uint64_t out = 0;
  for (const compose::TrustState& state : store->states())
    if (const auto seen = state.seen.find({key->public_key().id(), plan.name});
        seen != state.seen.end())
      out = std::max(out, seen->second);
  return out;
}

// The serial of a plan that takes the place of another: the same if nothing else changed.
std::uint64_t next_serial(const Invocation& line, const fs::path& path, Plan plan) {
  std::error_code ignored;
  std::optional<Plan> old;
  if (fs::exists(path, ignored))
    if (Result<PlanFile> file = PlanFile::read(path)) old = std::move(file->plan);
  if (!old) return seen_serial(line, path, plan) + 1;
  plan.serial = old->serial;
  return plan == *old ? plan.serial : old->serial + 1;
}

// The linkage that an option names, if it is there.
Result<std::optional<compose::Linkage>> linkage_of(const Invocation& line,
                                                   std::string_view option) {
  if (!line.has(option)) return std::nullopt;
  const std::string value = line.value(option);
  return parse_linkage(value, std::string(option) + "=" + value);
}

Result<void> add_caps(const Invocation& line, PlanBuilder& builder) {
  PYLON_TRY(only, linkage_of(line, "--only"));
  PYLON_TRY(linkage, linkage_of(line, "--linkage"));
  for (const std::string& file : line.values("--cap")) {
    PYLON_TRY(cap, CapManifest::read(file));
    if (only && cap.linkage != *only) continue;
    cap.linkage = linkage.value_or(cap.linkage);
    PYLON_CHECK(builder.add_cap(cap));
  }
  return {};
}

Result<Answer> build(const Invocation& line) {
  if (!line.has("--root"))
    return fail(ErrorKind::kUsage, "plan build needs --root=FILE",
                "for Pylon that is lib/pylon/python.wasm");
  const fs::path path = line.value("--output", "plan.json");
  compose::BlobStore store = own_blob_store(line);
  PlanBuilder builder(line.value("--root-id", "python"), line.dry_run() ? nullptr : &store);
  PYLON_CHECK(builder.add_root(line.value("--root"), line.has("--put-root")));
  PYLON_CHECK(add_caps(line, builder));
  PYLON_TRY(plan, builder.finish());
  PYLON_CHECK(apply_head(line, plan));
  plan = *Plan::parse(plan.json());
  PYLON_TRY(serial, serial_of(line, next_serial(line, path, plan)));
  plan.serial = serial;
  PYLON_CHECK(write_plan(line, path, plan));
  return answer_about(line, path, plan);
}

Result<PlanComponent*> component_of(Plan& plan, const std::string& id) {
  if (PlanComponent* found = plan.find(id)) return found;
  std::vector<std::string_view> ids;
  for (const PlanComponent& one : plan.components) ids.push_back(one.id);
  const std::string near = cli::did_you_mean(id, ids);
  return fail(ErrorKind::kInput, "the plan has no component '" + id + "'",
              near.empty() ? "`composectl plan show` lists them" : "did you mean " + near + "?");
}

Result<void> set_component(const Invocation& line, const std::string& word, Plan& plan) {
  const std::size_t equals = word.find('=');
  if (equals == std::string::npos)
    return fail(ErrorKind::kUsage, "'" + word + "' is not ID=DIGEST",
                "the plan to change is named by --plan=FILE");
  PYLON_TRY(component, component_of(plan, word.substr(0, equals)));
  compose::BlobStore store = own_blob_store(line);
  PYLON_TRY(digest, parse_digest(line, word.substr(equals + 1), &store));
  // What is linked statically holds the code of the component that was there before.
  if (component->digest != digest) component->static_extension.reset();
  component->digest = digest;
  return {};
}

// "a:b" as two ids of the plan.
Result<std::pair<std::string, std::string>> pair_of(const std::string& word, Plan& plan) {
  const std::size_t colon = word.find(':');
  if (colon == std::string::npos)
    return fail(ErrorKind::kUsage, "'" + word + "' is not CONSUMER:PROVIDER");
  const std::string consumer = word.substr(0, colon), provider = word.substr(colon + 1);
  PYLON_CHECK(component_of(plan, consumer));
  PYLON_CHECK(component_of(plan, provider));
  return std::pair{consumer, provider};
}

// The files of a plan's components, of those that are here; the root may be the install's.
Result<std::map<std::string, fs::path>> files_of(const Invocation& line, const Plan& plan) {
  std::map<std::string, fs::path> out;
  const compose::Resolver resolver(plan, blob_stores(line));
  for (const PlanComponent& component : plan.components)
    if (const auto path = resolver.blob_path(component.digest, component.id))
      out.emplace(component.id, *path);
  const fs::path root = line.install() / "python.wasm";
  std::error_code ignored;
  if (out.contains(plan.root) || !fs::exists(root, ignored)) return out;
  PYLON_TRY(digest, Digest::of_file(root));
  if (digest == plan.find(plan.root)->digest) out.emplace(plan.root, root);
  return out;
}

// What a provider offers: what its file exports, or, if that is not here, what others take from it.
Result<std::vector<std::string>> offers_of(const Invocation& line, const Plan& plan,
                                           const std::string& provider) {
  PYLON_TRY(files, files_of(line, plan));
  std::vector<std::string> out;
  if (const auto file = files.find(provider); file != files.end()) {
    PYLON_TRY(interfaces, interfaces_of(file->second));
    std::ranges::copy_if(interfaces.exports, std::back_inserter(out), is_typed_interface);
  } else {
    for (const compose::Binding& binding : plan.bindings)
      if (binding.provider_id == provider &&
          std::ranges::find(out, binding.export_name) == out.end())
        out.push_back(binding.export_name);
  }
  if (!out.empty()) return out;
  return fail(ErrorKind::kInput, "it is not known what '" + provider + "' exports",
              "`composectl blob put FILE` its component first");
}

Result<void> bind(const Invocation& line, const std::string& word, Plan& plan) {
  PYLON_TRY(ids, pair_of(word, plan));
  PYLON_TRY(offers, offers_of(line, plan, ids.second));
  for (const std::string& name : offers) {
    const bool bound = std::ranges::any_of(plan.bindings, [&](const compose::Binding& one) {
      return one.consumer_id == ids.first && one.import_name == name;
    });
    if (!bound) plan.bindings.push_back({ids.first, name, ids.second, name});
  }
  return {};
}

Result<void> change_bindings(const Invocation& line, Plan& plan) {
  for (const std::string& word : line.values("--bind")) PYLON_CHECK(bind(line, word, plan));
  for (const std::string& word : line.values("--unbind")) {
    PYLON_TRY(ids, pair_of(word, plan));
    std::erase_if(plan.bindings, [&](const auto& one) {
      return one.consumer_id == ids.first && one.provider_id == ids.second;
    });
  }
  for (const std::string& id : line.values("--remove")) {
    PYLON_CHECK(component_of(plan, id));
    std::erase_if(plan.components, [&](const auto& one) { return one.id == id; });
    std::erase_if(plan.bindings,
                  [&](const auto& one) { return one.consumer_id == id || one.provider_id == id; });
  }
  return {};
}

Result<Answer> set(const Invocation& line) {
  const fs::path path = plan_path(line);
  PYLON_TRY(file, PlanFile::read(path));
  Plan plan = file.plan;
  for (const std::string& word : line.operands) PYLON_CHECK(set_component(line, word, plan));
  PYLON_CHECK(change_bindings(line, plan));
  PYLON_CHECK(apply_head(line, plan));
  PYLON_TRY(serial, serial_of(line, plan == file.plan ? plan.serial : plan.serial + 1));
  plan.serial = serial;
  PYLON_CHECK(plan.validate(path.string()));
  PYLON_TRY(files, files_of(line, plan));
  PYLON_CHECK(check_interfaces(plan, files));
  PYLON_CHECK(write_plan(line, path, plan));
  return answer_about(line, path, plan);
}

Result<Answer> sign(const Invocation& line) {
  const fs::path path = plan_path(line);
  PYLON_TRY(file, PlanFile::read(path));
  PYLON_TRY(signature, signature_over(line, path, file.bytes));
  if (!line.dry_run()) PYLON_CHECK(write_text_file(compose::signature_path(path), signature));
  PYLON_TRY(parsed, compose::Signature::parse(signature));
  Answer answer;
  answer.json = {{"plan", path.string()},
                 {"signature", compose::signature_path(path).string()},
                 {"key", parsed.key_id().text()}};
  answer.text = "signed " + path.string() + " with key " + parsed.key_id().text() + "\n" +
                advice_for(line, path);
  return answer;
}

// ---- looking

std::string text_of(const PlanComponent& component, const Plan& plan) {
  std::string out = "  " + component.id + (component.id == plan.root ? " (root)" : "") +
                    "\n    component " + component.digest.text() + "\n";
  for (const compose::ComponentBlob& blob : compose::kComponentBlobs) {
    std::string name = blob.name;
    name.resize(std::max<std::size_t>(name.size() + 1, 10), ' ');
    if (component.*blob.digest) out += "    " + name + (component.*blob.digest)->text() + "\n";
  }
  if (!component.source.empty()) out += "    source    " + component.source + "\n";
  for (auto [name, list] : {std::pair{"read", &component.grants.read},
                            {"write", &component.grants.write},
                            {"env", &component.grants.env},
                            {"net", &component.grants.net}})
    for (const std::string& grant : *list)
      out += std::string("    may       ") + name + " " + grant + "\n";
  for (const compose::Binding& binding : plan.bindings)
    if (binding.consumer_id == component.id)
      out += "    uses      " + binding.provider_id + ": " + binding.import_name + " (" +
             std::string(compose::linkage_name(binding.linkage)) + ")\n";
  return out;
}

Result<Answer> show(const Invocation& line) {
  PYLON_TRY(file, PlanFile::read(plan_path(line)));
  const Plan& plan = file.plan;
  Answer answer;
  answer.json = {{"file", file.path},
                 {"digest", file.digest.text()},
                 {"signed", file.signature.has_value()},
                 {"plan", Json::parse(plan.json())}};
  answer.text = file.path + "\n  digest  " + file.digest.text() + "\n";
  if (!plan.name.empty()) answer.text += "  name    " + plan.name + "\n";
  answer.text += "  serial  " + std::to_string(plan.serial) + "\n";
  if (plan.expires) answer.text += "  expires " + compose::time_text(*plan.expires) + "\n";
  answer.text += std::string("  ") + (file.signature ? "signed" : "not signed") +
                 "; `composectl plan verify` tells whether it may run\n";
  for (const PlanComponent& component : plan.components) answer.text += text_of(component, plan);
  return answer;
}

Result<Answer> validate(const Invocation& line) {
  PYLON_TRY(file, PlanFile::read(plan_path(line)));
  PYLON_TRY(files, files_of(line, file.plan));
  PYLON_CHECK(check_interfaces(file.plan, files));
  Answer answer;
  answer.json = {{"ok", true},
                 {"file", file.path},
                 {"components", file.plan.components.size()},
                 {"examined", files.size()}};
  answer.text = file.path + " is in order: " + std::to_string(file.plan.components.size()) +
                " components, the imports and exports of " + std::to_string(files.size()) +
                " of them were examined\n";
  return answer;
}

Result<Answer> verify(const Invocation& line) {
  PYLON_TRY(file, PlanFile::read(plan_path(line)));
  PYLON_TRY(store, compose::TrustStore::open({line.install() / "trust", line.home() / "trust"}));
  PYLON_TRY(verdict, store.check(file, compose::now()));
  PYLON_TRY(files, files_of(line, file.plan));
  const compose::Resolver resolver(file.plan, blob_stores(line));
  for (const PlanComponent& component : file.plan.components) {
    const std::string name = "'" + component.id + "'";
    if (!files.contains(component.id))
      PYLON_CHECK(resolver.blob_path(component.digest, "component " + name));
    PYLON_CHECK(resolver.check_belongings(component));
  }
  PYLON_CHECK(check_interfaces(file.plan, files));
  Answer answer;
  answer.json = {{"ok", true},
                 {"file", file.path},
                 {"digest", file.digest.text()},
                 {"trusted", verdict.text()}};
  if (verdict.key) answer.json["key"] = verdict.key->text();
  answer.text = file.path + " may run: " + verdict.text() + ", and every blob is whole\n";
  return answer;
}

// Exchanges a directory for a finished one.
Result<void> put_in_place(const fs::path& finished, const fs::path& target) {
  const fs::path old = target.string() + ".old";
  std::error_code problem, ignored;
  fs::remove_all(old, ignored);
  fs::rename(target, old, ignored);
  fs::rename(finished, target, problem);
  if (problem) return fail(io_error("cannot make", target, problem.value()));
  fs::remove_all(old, ignored);
  return {};
}

Result<Answer> unpack(const Invocation& line) {
  PYLON_TRY(file, PlanFile::read(plan_path(line)));
  PYLON_TRY(store, compose::TrustStore::open({line.install() / "trust", line.home() / "trust"}));
  PYLON_CHECK(store.check(file, compose::now()));
  const fs::path base = line.value("--base", line.home().string());
  const fs::path target = runtime::facades_directory(fs::absolute(base), file.digest);
  const fs::path launcher = fs::absolute(line.install_root()) / "bin" / "pylon";
  Answer answer;
  answer.json = {{"plan", file.path}, {"directory", target.string()}};
  answer.text = target.string() + "\n";
  if (line.dry_run()) return answer;
  const compose::Resolver resolver(file.plan, blob_stores(line));
  const fs::path finished = target.string() + ".next";
  std::error_code ignored;
  fs::remove_all(finished, ignored);
  PYLON_CHECK(runtime::unpack_facades(file.plan, resolver, finished, launcher));
  PYLON_CHECK(put_in_place(finished, target));
  return answer;
}

Result<Answer> diff(const Invocation& line) {
  PYLON_TRY(before, PlanFile::read(line.operands[0]));
  PYLON_TRY(after, PlanFile::read(line.operands[1]));
  const std::vector<PlanChange> changes = difference(before.plan, after.plan);
  Answer answer;
  answer.json["changes"] = Json::array();
  for (const PlanChange& change : changes) {
    answer.json["changes"].push_back(
        {{"what", change.what}, {"before", change.before}, {"after", change.after}});
    answer.text += change.what + "\n";
    if (!change.before.empty()) answer.text += "  - " + change.before + "\n";
    if (!change.after.empty()) answer.text += "  + " + change.after + "\n";
  }
  if (changes.empty()) answer.text = "no difference\n";
  answer.exit_code = changes.empty() ? kExitOk : kExitNo;
  return answer;
}

// clang-format off
constexpr Command kCommands[] = {
    {"build", "", Kind::kText, 0, 0, kBuild, true, "make a plan of a root and built caps, store their blobs, and sign it", build},
    {"show", "[PLAN]", Kind::kPlan, 0, 1, kRead, false, "tell what a plan says", show},
    {"validate", "[PLAN]", Kind::kPlan, 0, 1, kRead, false, "check a plan's form, and the imports and exports of the components that are here", validate},
    {"diff", "BEFORE AFTER", Kind::kPlan, 2, 2, {}, false, "tell what differs between two plans", diff},
    {"set", "[ID=DIGEST]...", Kind::kComponent, 0, kMany, kSet, true, "take other components for those of a plan (by digest, the beginning of one, or file), change its head or bindings, and sign it", set},
    {"sign", "[PLAN]", Kind::kPlan, 0, 1, kSign, true, "sign a plan: PLAN.minisig, which minisign reads, too", sign},
    {"verify", "[PLAN]", Kind::kPlan, 0, 1, kRead, false, "tell whether a plan may run, after a check of everything it names", verify},
    {"unpack", "[PLAN]", Kind::kPlan, 0, 1, kUnpack, true, "unpack a plan's Python modules anew, with their bytecode, as its first run would", unpack},
};
// clang-format on

}  // namespace

const Noun kPlanNoun = {"plan", "which components run, and how they are bound", kCommands};

}  // namespace pylon::composectl
