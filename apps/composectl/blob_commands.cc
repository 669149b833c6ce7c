// composectl blob: the store of blobs.
#include <set>

#include "compose/oci_layout.hh"
#include "compose/plan_file.hh"
#include "composectl/nouns.hh"
#include "composectl/places.hh"

namespace pylon::composectl {
namespace {

namespace fs = std::filesystem;
using compose::BlobStore;
using compose::Digest;

// clang-format off
constexpr Option kStore[] = {{"--store", "DIRECTORY", Kind::kDirectory, "the blob store that is meant"}};
constexpr Option kGet[] = {
    {"--output", "FILE", Kind::kFile, "write it there instead of to standard output"},
    {"--store", "DIRECTORY", Kind::kDirectory, "the blob store that is meant"}};
constexpr Option kRepair[] = {
    {"--from", "PLACE", Kind::kDirectory, "a place that may have what is damaged or missing: another store, a directory, a file; may be repeated"},
    {"--plan", "FILE", Kind::kPlan, "the plan whose blobs have to be there; may be repeated"},
    {"--store", "DIRECTORY", Kind::kDirectory, "the blob store that is meant"}};
constexpr Option kGc[] = {
    {"--plan", "FILE", Kind::kPlan, "a plan whose blobs are kept, besides those of the install's; every plan in use has to be named, since no other is known"},
    {"--grace", "SECONDS", Kind::kText, "keep what was put in the last SECONDS (default: 3600)"},
    {"--store", "DIRECTORY", Kind::kDirectory, "the blob store that is meant"}};
constexpr Option kOci[] = {
    {"--plan", "FILE", Kind::kPlan, "the plan that goes with the blobs; without it, all blobs go"},
    {"--store", "DIRECTORY", Kind::kDirectory, "the blob store that is meant"}};
// clang-format on

// Every blob that these plans name.
Result<std::set<Digest>> blobs_of_plans(const std::vector<std::string>& files) {
  std::set<Digest> out;
  for (const std::string& file : files) {
    PYLON_TRY(plan, compose::PlanFile::read(file));
    for (const Digest& digest : plan.plan.digests()) out.insert(digest);
  }
  return out;
}

Result<Answer> put(const Invocation& line) {
  BlobStore store = own_blob_store(line);
  Answer answer;
  answer.json["blobs"] = Json::array();
  for (const std::string& file : line.operands) {
    PYLON_TRY(digest, line.dry_run() ? Digest::of_file(file) : store.put_file(file));
    answer.json["blobs"].push_back({{"digest", digest.text()}, {"file", file}});
    answer.text += digest.text() + "  " + file + "\n";
  }
  answer.json["store"] = store.root().string();
  return answer;
}

Result<Bytes> find_blob(const Invocation& line, const Digest& digest) {
  Result<Bytes> bytes = own_blob_store(line).get(digest);
  for (const BlobStore& store : blob_stores(line))
    if (!bytes && store.has(digest)) bytes = store.get(digest);
  return bytes;
}

Result<Answer> get(const Invocation& line) {
  PYLON_TRY(digest, parse_digest(line, line.operands[0]));
  PYLON_TRY(bytes, find_blob(line, digest));
  Answer answer;
  answer.json = {{"digest", digest.text()}, {"size", bytes.size()}};
  const std::string text(bytes.begin(), bytes.end());
  if (!line.has("--output")) {
    answer.text = text;
    return answer;
  }
  PYLON_CHECK(write_text_file(line.value("--output"), text));
  answer.json["file"] = line.value("--output");
  return answer;
}

Result<Answer> list(const Invocation& line) {
  Answer answer;
  answer.json["blobs"] = Json::array();
  for (const BlobStore& store : blob_stores(line)) {
    PYLON_TRY(blobs, store.list());
    for (const compose::BlobInfo& blob : blobs) {
      answer.json["blobs"].push_back(
          {{"digest", blob.digest.text()}, {"size", blob.size}, {"store", store.root().string()}});
      answer.text +=
          blob.digest.text() + "  " + size_text(blob.size) + "  " + store.root().string() + "\n";
    }
  }
  return answer;
}

Result<Answer> verify(const Invocation& line) {
  Answer answer;
  answer.json = {{"ok", true}, {"good", 0}, {"problems", Json::array()}};
  std::size_t good = 0;
  for (const BlobStore& store : blob_stores(line)) {
    PYLON_TRY(report, store.verify());
    good += report.good;
    for (const compose::BlobProblem& problem : report.problems) {
      const std::string path = (store.root() / problem.name).string();
      answer.json["problems"].push_back({{"path", path}, {"problem", problem.problem}});
      answer.text += "BROKEN    " + path + ": " + problem.problem + "\n";
      answer.exit_code = kExitNo;
    }
  }
  answer.json["ok"] = answer.exit_code == kExitOk;
  answer.json["good"] = good;
  answer.text += std::to_string(good) + " blobs are whole\n";
  if (answer.exit_code != kExitOk)
    answer.text += "`composectl blob repair --from=PLACE` mends or removes what is damaged\n";
  return answer;
}

Result<Answer> repair(const Invocation& line) {
  BlobStore store = own_blob_store(line);
  std::vector<fs::path> sources;
  for (const std::string& place : line.values("--from")) {
    std::error_code ignored;
    if (!fs::exists(place, ignored)) return fail(ErrorKind::kInput, "there is no " + place);
    sources.emplace_back(place);
  }
  PYLON_TRY(wanted, blobs_of_plans(line.values("--plan")));
  // An install has its root elsewhere.
  if (const Result<Digest> root = Digest::of_file(line.install() / "python.wasm");
      root && !store.has(*root))
    wanted.erase(*root);
  PYLON_TRY(report, store.repair(sources, wanted, line.dry_run()));
  Answer answer;
  answer.json = {{"store", store.root().string()},
                 {"repaired", Json::array()},
                 {"removed", Json::array()},
                 {"missing", Json::array()}};
  for (const Digest& digest : report.repaired) {
    answer.json["repaired"].push_back(digest.text());
    answer.text += "repaired  " + digest.text() + "\n";
  }
  for (const compose::BlobProblem& problem : report.removed) {
    answer.json["removed"].push_back(problem.name);
    answer.text += "removed   " + problem.name + ": " + problem.problem + "\n";
  }
  for (const Digest& digest : report.missing) {
    answer.json["missing"].push_back(digest.text());
    answer.text += "MISSING   " + digest.text() + "\n";
  }
  if (!report.missing.empty()) answer.exit_code = kExitNo;
  return answer;
}

Result<std::int64_t> grace_of(const Invocation& line) {
  const std::string text = line.value("--grace", "3600");
  if (text.empty() || text.size() > 9 || text.find_first_not_of("0123456789") != std::string::npos)
    return fail(ErrorKind::kUsage, "--grace=" + text + " is no number of seconds");
  return std::stoll(text);
}

Result<Answer> gc(const Invocation& line) {
  BlobStore store = own_blob_store(line);
  PYLON_TRY(grace, grace_of(line));
  std::vector<std::string> plans = line.values("--plan");
  if (plans.empty() && !line.dry_run())
    return fail(ErrorKind::kUsage, "no plan is named, and what no named plan needs is removed",
                "name every plan that is in use with --plan=FILE; --dry-run shows what would go");
  std::error_code ignored;
  if (const fs::path own = line.install() / "plan.json"; fs::exists(own, ignored))
    plans.push_back(own.string());
  PYLON_TRY(live, blobs_of_plans(plans));
  PYLON_TRY(report, store.gc(live, grace, line.dry_run()));
  Answer answer;
  answer.json = {{"store", store.root().string()},
                 {"removed", Json::array()},
                 {"kept", report.kept},
                 {"leftovers", report.leftovers}};
  std::uint64_t freed = 0;
  for (const compose::BlobInfo& blob : report.removed) {
    answer.json["removed"].push_back(blob.digest.text());
    answer.text += "removed   " + blob.digest.text() + "\n";
    freed += blob.size;
  }
  answer.text += "kept " + std::to_string(report.kept) + " blobs, freed " + size_text(freed) + "\n";
  return answer;
}

Result<Answer> export_oci(const Invocation& line) {
  compose::OciContent content;
  if (line.has("--plan")) {
    PYLON_TRY(plan, compose::PlanFile::read(line.value("--plan")));
    content.plan = plan.bytes;
    content.signature = plan.signature;
    for (const Digest& digest : plan.plan.digests()) content.blobs.insert(digest);
  } else {
    for (const BlobStore& store : blob_stores(line)) {
      PYLON_TRY(blobs, store.list());
      for (const compose::BlobInfo& blob : blobs) content.blobs.insert(blob.digest);
    }
  }
  std::vector<BlobStore> stores = blob_stores(line);
  if (!line.dry_run()) PYLON_CHECK(compose::export_oci(line.operands[0], content, stores));
  Answer answer;
  answer.json = {{"directory", line.operands[0]},
                 {"blobs", content.blobs.size()},
                 {"plan", line.has("--plan")}};
  answer.text = std::to_string(content.blobs.size()) + " blobs" +
                (content.plan ? " and a plan" : "") + " in " + line.operands[0] + "\n";
  return answer;
}

Result<Answer> import_oci(const Invocation& line) {
  BlobStore store = own_blob_store(line);
  PYLON_TRY(content, compose::import_oci(line.operands[0], line.dry_run() ? nullptr : &store));
  Answer answer;
  answer.json = {{"store", store.root().string()},
                 {"blobs", Json::array()},
                 {"plan", content.plan.has_value()}};
  for (const Digest& digest : content.blobs) {
    answer.json["blobs"].push_back(digest.text());
    answer.text += digest.text() + "\n";
  }
  if (line.has("--plan") && content.plan && !line.dry_run()) {
    PYLON_CHECK(write_text_file(line.value("--plan"), *content.plan));
    if (content.signature)
      PYLON_CHECK(
          write_text_file(compose::signature_path(line.value("--plan")), *content.signature));
  }
  return answer;
}

// clang-format off
constexpr Command kCommands[] = {
    {"put", "FILE...", Kind::kFile, 1, kMany, kStore, true, "store files, and tell their digests", put},
    {"get", "DIGEST", Kind::kText, 1, 1, kGet, false, "write a blob to standard output or a file, after a check of its content", get},
    {"list", "", Kind::kText, 0, 0, kStore, false, "list all blobs", list},
    {"verify", "", Kind::kText, 0, 0, kStore, false, "hash every blob and tell what is damaged", verify},
    {"repair", "", Kind::kText, 0, 0, kRepair, true, "replace damaged and missing blobs, and remove damaged ones that no source has", repair},
    {"gc", "", Kind::kText, 0, 0, kGc, true, "remove blobs that none of the named plans needs, nor the install's", gc},
    {"export-oci", "DIRECTORY", Kind::kDirectory, 1, 1, kOci, true, "write blobs, and a plan with its signature, as an OCI image layout", export_oci},
    {"import-oci", "DIRECTORY", Kind::kDirectory, 1, 1, kOci, true, "store the blobs of an OCI image layout; its plan goes to the file that --plan names", import_oci},
};
// clang-format on

}  // namespace

const Noun kBlobNoun = {"blob", "what plans name, stored by digest", kCommands};

}  // namespace pylon::composectl
