#include "compose/resolver.hh"

#include <algorithm>

#include "compose/host_interface.hh"

namespace pylon::compose {
namespace {

std::string ids_of(const Plan& plan) {
  std::string out;
  for (const PlanComponent& component : plan.components) {
    if (out.size() > 200) return out + "...";
    out += (out.empty() ? "" : ", ") + component.id;
  }
  return out;
}

// "zstd:api/codec" of "zstd:api/codec@1.0.0".
std::string_view without_version(std::string_view interface) {
  return interface.substr(0, interface.rfind('@'));
}

}  // namespace

Result<const PlanComponent*> Resolver::by_id(std::string_view id) const {
  if (const PlanComponent* found = plan_->find(id)) return found;
  return fail(ErrorKind::kInput, "the plan has no component '" + std::string(id) + "'",
              "it has " + ids_of(*plan_) + "; `composectl plan build` adds others");
}

Result<const PlanComponent*> Resolver::by_digest(const Digest& digest) const {
  const auto found = std::ranges::find(plan_->components, digest, &PlanComponent::digest);
  if (found != plan_->components.end()) return &*found;
  return fail(ErrorKind::kInput, "the plan has no component " + digest.text(),
              "`composectl plan set ID=" + digest.text() + "` takes it for one");
}

Result<const PlanComponent*> Resolver::provider_for(std::string_view consumer,
                                                    std::string_view id) const {
  PYLON_TRY(component, by_id(id));
  const bool bound = std::ranges::any_of(plan_->bindings, [&](const Binding& binding) {
    return binding.consumer_id == consumer && binding.provider_id == id;
  });
  if (bound) return component;
  return fail(
      ErrorKind::kRefused,
      "the plan does not let '" + std::string(consumer) + "' load '" + std::string(id) + "'",
      "allow it with `composectl plan set --bind=" + std::string(consumer) + ":" + std::string(id) +
          "`");
}

Result<void> Resolver::check_imports(std::string_view consumer,
                                     std::span<const std::string> imports) const {
  for (const std::string& name : imports) {
    if (is_host_interface(name)) continue;
    const bool bound = std::ranges::any_of(plan_->bindings, [&](const Binding& binding) {
      return binding.consumer_id == consumer && binding.import_name == name;
    });
    if (bound) continue;
    std::string others;
    for (const Binding& binding : plan_->bindings)
      if (without_version(binding.export_name) == without_version(name) &&
          others.find(binding.provider_id) == std::string::npos)
        others += " '" + binding.provider_id + "' provides " + binding.export_name + ";";
    return fail(
        ErrorKind::kInput,
        "'" + std::string(consumer) + "' imports " + name + ", and the plan binds it to nothing",
        others.empty() ? "add a cap that exports " + name
                       : "in this plan" + others + " take the same version");
  }
  return {};
}

tl::unexpected<Error> Resolver::missing(const Digest& digest) const {
  std::string places;
  for (const BlobStore& store : stores_)
    places += (places.empty() ? "" : ", ") + store.root().string();
  return fail(ErrorKind::kInput, digest.text() + " is in no blob store: " + places,
              "`composectl blob put FILE`, or `composectl blob repair --from=DIRECTORY` with a "
              "place that has it");
}

Result<std::filesystem::path> Resolver::blob_path(const Digest& digest,
                                                  std::string_view what) const {
  Result<std::filesystem::path> path = missing(digest);
  for (const BlobStore& store : stores_) {
    if (!store.has(digest)) continue;
    path = store.checked_path(digest);
    if (path) return path;
  }
  return fail(std::move(path).error().within(std::string(what)));
}

Result<Bytes> Resolver::blob(const Digest& digest, std::string_view what) const {
  Result<Bytes> bytes = missing(digest);
  for (const BlobStore& store : stores_) {
    if (!store.has(digest)) continue;
    bytes = store.get(digest);
    if (bytes) return bytes;
  }
  return fail(std::move(bytes).error().within(std::string(what)));
}

Result<void> Resolver::check_belongings(const PlanComponent& component) const {
  for (const ComponentBlob& blob : kComponentBlobs)
    if (component.*blob.digest)
      PYLON_CHECK(blob_path(*(component.*blob.digest),
                            std::string("the ") + blob.name + " of '" + component.id + "'"));
  return {};
}

Result<void> Resolver::check_blobs() const {
  for (const PlanComponent& component : plan_->components) {
    const std::string name = "'" + component.id + "'";
    PYLON_CHECK(blob_path(component.digest, "component " + name));
    PYLON_CHECK(check_belongings(component));
  }
  return {};
}

}  // namespace pylon::compose
