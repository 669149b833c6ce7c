#include "runtime/plan_providers.hh"

#include "runtime/directories.hh"

namespace pylon::runtime {
namespace {

namespace fs = std::filesystem;

std::optional<fs::path> person(const char* name) {
  const std::optional<fs::path> directory = person_directory();
  return directory ? std::optional(*directory / name) : std::nullopt;
}

engine::FailureKind failure_kind(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kInput:
      return engine::FailureKind::kNotFound;
    case ErrorKind::kRefused:
      return engine::FailureKind::kDenied;
    case ErrorKind::kCorrupt:
      return engine::FailureKind::kCorrupt;
    case ErrorKind::kLimit:
      return engine::FailureKind::kLimit;
    default:
      return engine::FailureKind::kInternal;
  }
}

// The error with its hint: the program shows it to the user, who needs both.
engine::Failure failure_of(const Error& error) {
  return {failure_kind(error.kind()),
          error.hint().empty() ? error.text() : error.text() + "; " + error.hint()};
}

}  // namespace

PlanProviders::PlanProviders(engine::Engine engine, const Install& install, AdmittedPlan plan,
                             ComponentGrants program)
    : engine_(std::move(engine)),
      install_root_(install.root()),
      admitted_(std::move(plan)),
      program_(std::move(program)),
      stores_(blob_stores(install, admitted_.file)),
      stamps_(person("checked")),
      code_(install.directory() / "code", owner_of(install.directory()), stamps_) {}

tl::expected<std::shared_ptr<engine::Provider>, engine::Failure> PlanProviders::resolve(
    std::uint64_t loader, By by, std::string_view name) {
  auto found = find(loader, by, name);
  if (!found) return tl::unexpected(failure_of(found.error()));
  return std::move(*found);
}

// The plan that was admitted, and no other.
Result<void> PlanProviders::load_plan() {
  if (resolver_) return {};
  PYLON_TRY(file, compose::PlanFile::read(admitted_.file));
  if (file.digest != admitted_.digest)
    return fail(ErrorKind::kCorrupt,
                admitted_.file.string() + " was changed after the program had started",
                "run the program again");
  file_.emplace(std::move(file));
  resolver_.emplace(file_->plan, stores_);
  note_use(*file_->plan.find(file_->plan.root));
  return {};
}

void PlanProviders::note_use(const compose::PlanComponent& component) {
  const std::lock_guard lock(mutex_);
  used_.push_back({component.id, component.digest, component.grants});
}

std::vector<compose::AuditedComponent> PlanProviders::used() const {
  const std::lock_guard lock(mutex_);
  return used_;
}

Result<std::shared_ptr<engine::Provider>> PlanProviders::find(std::uint64_t loader, By by,
                                                              std::string_view name) {
  PYLON_CHECK(load_plan());
  const std::string consumer = loader == 0 ? file_->plan.root : residents_.at(loader).id;
  std::string id(name);
  if (by == By::kDigest) {
    PYLON_TRY(digest, compose::Digest::parse(name));
    PYLON_TRY(component, resolver_->by_digest(digest));
    id = component->id;
  }
  PYLON_TRY(component, resolver_->provider_for(consumer, id));
  // Without grants it is the same whoever loads it.
  const std::uint64_t grantor = component->grants.empty() ? 0 : loader;
  const auto [entry, fresh] = keys_.try_emplace({id, grantor}, keys_.size() + 1);
  const std::uint64_t key = entry->second;
  if (const auto known = residents_.find(key); known != residents_.end())
    return known->second.provider;
  Resident resident{
      id, attenuated(component->grants, loader == 0 ? program_ : residents_.at(loader).grants),
      nullptr};
  PYLON_TRY(provider, open(*component, key, resident.grants));
  resident.provider = provider;
  residents_.emplace(key, std::move(resident));
  note_use(*component);
  return std::move(provider);
}

Result<std::shared_ptr<engine::Provider>> PlanProviders::open(
    const compose::PlanComponent& component, std::uint64_t key, ComponentGrants& grants) {
  PYLON_TRY(blob, checked_blob(component));
  PYLON_TRY(code, code_.get(component.digest, component.id, blob, compiler()));
  PYLON_TRY(opened, engine::Component::open(engine_, code));
  auto provider = std::make_shared<engine::Provider>(
      engine::Provider{key, component.id, opened, provider_options(grants), std::nullopt});
  if (component.schema) {
    PYLON_TRY(schema, resolver_->blob(*component.schema, "the schema of '" + component.id + "'"));
    provider->schema = engine::Provider::Schema{std::move(schema), component.schema->raw()};
  }
  return provider;
}

Result<fs::path> PlanProviders::checked_blob(const compose::PlanComponent& component) const {
  const std::string what = "component '" + component.id + "'";
  for (const compose::BlobStore& store : stores_) {
    if (!store.has(component.digest)) continue;
    const fs::path path = store.path_of(component.digest);
    PYLON_CHECK(
        stamps_.check(path, component.digest, what,
                      "`composectl blob repair --from=DIRECTORY` with a place that has it"));
    return path;
  }
  return resolver_->blob_path(component.digest, what);  // says where it was looked for
}

}  // namespace pylon::runtime
