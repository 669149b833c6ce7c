#include "pylon/install_commands.hh"

#include <unistd.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "compose/plan_file.hh"
#include "compose/resolver.hh"
#include "engine/engine.hh"
#include "pylon/report.hh"
#include "pylon/version.hh"
#include "runtime/directories.hh"
#include "runtime/exit_code.hh"
#include "runtime/plan_gate.hh"
#include "runtime/renew.hh"

namespace pylon::launcher {
namespace {

using Json = nlohmann::ordered_json;
using runtime::FileRecord;
using runtime::Image;
using runtime::Install;

constexpr std::string_view kReinstall = "install Pylon again, or build it again";

void print(const Json& json) {
  write_text(1, json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
}

Json versions(const Install* install) {
  Json json = {{"pylon", kVersion}, {"engine", engine::Engine::version()}};
  if (install) json["python"] = install->manifest().python;
  return json;
}

std::string versions_line(const Json& json) {
  std::string out = "pylon " + json["pylon"].get<std::string>() + " (";
  if (json.contains("python")) out += "CPython " + json["python"].get<std::string>() + ", ";
  return out + json["engine"].get<std::string>() + ")\n";
}

// ---- doctor

struct Check {
  std::string subject;
  std::string problem;  // empty: fine
  std::string advice;
};

Check check_record(const std::string& subject, const Result<FileRecord>& actual,
                   const FileRecord& expected, const std::string& advice) {
  if (!actual) return {subject, actual.error().text(), advice};
  if (actual->sha256 != expected.sha256 || actual->size != expected.size)
    return {subject, "differs from what was installed", advice};
  return {subject, {}, {}};
}

bool is_snapshot(const std::string& name) {
  return name == runtime::image_name(Image::kSnapshot);
}

std::string advice_for(const std::string& name) {
  return is_snapshot(name) ? "run `pylon doctor --repair`" : std::string(kReinstall);
}

Check check_engine(const Install& install) {
  const std::string mine = engine::Engine::version(), theirs = install.manifest().engine;
  if (mine == theirs) return {"engine", {}, {}};
  return {"engine", "the images were compiled by " + theirs + ", this program runs " + mine,
          std::string(kReinstall)};
}

// The plan and all that it names, looked at anew.
std::vector<Check> examine_plan(const Install& install) {
  const std::filesystem::path path = runtime::plan_path(install);
  if (!std::filesystem::exists(path)) return {{"", "", "there is no plan: no caps can be loaded"}};
  const auto check = [](const std::string& subject, const Error& error) {
    return Check{subject, error.text(), error.hint()};
  };
  const auto admitted = runtime::admit_anew(install, path);
  if (!admitted) return {check("plan", admitted.error())};
  std::vector<Check> checks = {{"plan", {}, {}}};
  const auto file = compose::PlanFile::read(path);
  if (!file) return {check("plan", file.error())};
  const compose::Resolver resolver(file->plan, runtime::blob_stores(install, path));
  for (const compose::PlanComponent& component : file->plan.components) {
    if (component.id == file->plan.root) continue;
    const std::string subject = "component " + component.id;
    const auto blob = resolver.blob_path(component.digest, subject);
    checks.push_back(blob ? Check{subject, {}, {}} : check(subject, blob.error()));
  }
  const std::filesystem::path code = install.directory() / "code";
  if (const auto own = runtime::check_private(code, runtime::owner_of(install.directory())); !own)
    checks.push_back(check("code", own.error()));
  return checks;
}

std::vector<Check> examine(const Install& install) {
  std::vector<Check> checks = {check_engine(install)};
  const runtime::Manifest& manifest = install.manifest();
  for (Image image : {Image::kCold, Image::kSnapshot})
    if (!manifest.files.contains(runtime::image_name(image)))
      checks.push_back({runtime::image_name(image), "is not in the manifest",
                        advice_for(runtime::image_name(image))});
  for (const auto& [name, expected] : manifest.files)
    checks.push_back(check_record(name, runtime::digest_file(install.directory() / name), expected,
                                  advice_for(name)));
  checks.push_back(check_record("standard library", runtime::digest_tree(install.library()),
                                manifest.library, std::string(kReinstall)));
  for (Check& check : examine_plan(install)) checks.push_back(std::move(check));
  if (::access(install.directory().c_str(), W_OK) != 0)
    checks.push_back(
        {"", "", "only who may write " + install.directory().string() + " can renew the snapshot"});
  return checks;
}

bool healthy(const std::vector<Check>& checks) {
  for (const Check& check : checks)
    if (!check.problem.empty()) return false;
  return true;
}

void print_checks(const Install& install, const std::vector<Check>& checks, bool json) {
  if (json) {
    Json list = Json::array();
    for (const Check& check : checks)
      list.push_back({{"subject", check.subject},
                      {"ok", check.problem.empty()},
                      {"problem", check.problem},
                      {"advice", check.advice}});
    print({{"ok", healthy(checks)}, {"root", install.root().string()}, {"checks", list}});
    return;
  }
  std::string out = "install   " + install.root().string() + "\n";
  for (const Check& check : checks) {
    if (check.subject.empty())
      out += "note      " + check.advice + "\n";
    else if (check.problem.empty())
      out += "ok        " + check.subject + "\n";
    else
      out += "BROKEN    " + check.subject + ": " + check.problem + "\n          " + check.advice +
             "\n";
  }
  write_text(1, out);
}

// A snapshot can be made again if all that it is made from is whole.
bool repairable(const std::vector<Check>& checks) {
  for (const Check& check : checks)
    if (!check.problem.empty() && !is_snapshot(check.subject)) return false;
  return true;
}

// The install's plan: whether it may run, and its caps.
Json plan_info(const Install& install) {
  const std::filesystem::path path = runtime::plan_path(install);
  const auto file = compose::PlanFile::read(path);
  if (!file) return nullptr;
  Json info = {{"path", path.string()}, {"digest", file->digest.text()}};
  const auto admitted = runtime::admit_plan(install, std::nullopt);
  info["trusted"] = admitted && *admitted ? Json((*admitted)->reason) : Json(nullptr);
  if (!admitted) info["refused"] = admitted.error().text();
  info["components"] = Json::array();
  for (const compose::PlanComponent& component : file->plan.components)
    info["components"].push_back({{"id", component.id}, {"digest", component.digest.text()}});
  return info;
}

std::string plan_lines(const Json& plan) {
  if (plan.is_null()) return "plan      none\n";
  std::string out = "plan      " + plan["path"].get<std::string>() + "  " +
                    plan["digest"].get<std::string>() + "\n";
  out += plan["trusted"].is_null() ? "REFUSED   " + plan["refused"].get<std::string>() + "\n"
                                   : "trusted   " + plan["trusted"].get<std::string>() + "\n";
  for (const Json& component : plan["components"])
    out += "component " + component["id"].get<std::string>() + "  " +
           component["digest"].get<std::string>() + "\n";
  return out;
}

}  // namespace

Image choose_image(Install& install, bool cold) {
  if (cold) return Image::kCold;
  if (install.has(Image::kSnapshot)) return Image::kSnapshot;
  const bool writable = ::access(install.directory().c_str(), W_OK) == 0;
  return writable && runtime::ensure_snapshot(install) ? Image::kSnapshot : Image::kCold;
}

Result<int> print_version(bool json) {
  Result<Install> install = Install::find();
  const Json found = versions(install ? &*install : nullptr);
  if (json)
    print(found);
  else
    write_text(1, versions_line(found));
  return runtime::kExitOk;
}

Result<int> print_info(bool json) {
  PYLON_TRY(install, Install::find());
  Json info = versions(&install);
  info["root"] = install.root().string();
  info["library"] = {{"path", install.library().string()},
                     {"files", install.manifest().library.size},
                     {"sha256", install.manifest().library.sha256}};
  info["files"] = Json::object();
  for (const auto& [name, record] : install.manifest().files)
    info["files"][name] = {{"path", (install.directory() / name).string()},
                           {"size", record.size},
                           {"sha256", record.sha256}};
  info["snapshot"] = install.has(Image::kSnapshot);
  info["plan"] = plan_info(install);
  if (json) {
    print(info);
    return runtime::kExitOk;
  }
  std::string out = versions_line(info) + "install   " + install.root().string() + "\n";
  out += "library   " + install.library().string() + "\n";
  for (const auto& [name, record] : install.manifest().files)
    out += "image     " + name + "  " + std::to_string(record.size) +
           " bytes  sha256:" + record.sha256 + "\n";
  out += plan_lines(info["plan"]);
  if (!install.has(Image::kSnapshot)) out += "missing   the snapshot: run `pylon renew`\n";
  write_text(1, out);
  return runtime::kExitOk;
}

Result<int> run_doctor(bool repair, bool json) {
  PYLON_TRY(install, Install::find());
  std::vector<Check> checks = examine(install);
  if (repair && !healthy(checks) && repairable(checks)) {
    PYLON_CHECK(runtime::renew_snapshot(install));
    checks = examine(install);
  }
  print_checks(install, checks, json);
  return healthy(checks) ? runtime::kExitOk : runtime::kExitBroken;
}

Result<int> renew(bool json) {
  PYLON_TRY(install, Install::find());
  PYLON_TRY(plan, runtime::admit_plan(install, std::nullopt));  // it instantiates the root
  (void)plan;
  PYLON_CHECK(runtime::renew_snapshot(install));
  const std::string path = install.image_path(Image::kSnapshot).string();
  const FileRecord& record = install.manifest().files.at(runtime::image_name(Image::kSnapshot));
  if (json)
    print({{"snapshot", {{"path", path}, {"size", record.size}, {"sha256", record.sha256}}}});
  else
    write_text(1, "made " + path + "\n");
  return runtime::kExitOk;
}

}  // namespace pylon::launcher
