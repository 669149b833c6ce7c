// Finds what a plan names: components by id or digest, providers of imports, blobs in stores.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hh"
#include "compose/blob_store.hh"
#include "compose/plan.hh"

namespace pylon::compose {

/// Answers questions about a plan that has been checked. Points into the plan, which must outlive
/// it. Blobs are looked for in several stores, the first one that has them: an install's, then a
/// person's.
class Resolver {
 public:
  Resolver(const Plan& plan, std::vector<BlobStore> stores)
      : plan_(&plan), stores_(std::move(stores)) {}

  /// The component of that id. kInput with what the plan has instead.
  Result<const PlanComponent*> by_id(std::string_view id) const;

  /// The component of that digest. kInput if the plan has none.
  Result<const PlanComponent*> by_digest(const Digest& digest) const;

  /// The provider that `consumer` may load under that id: there must be a binding between them.
  /// kRefused with the command that adds one otherwise.
  Result<const PlanComponent*> provider_for(std::string_view consumer, std::string_view id) const;

  /// An error unless each of these imports of `consumer` is bound, but for the host's
  /// (compose/host_interface.hh); it names the interface, and the components whose exports have the
  /// same name in another version.
  Result<void> check_imports(std::string_view consumer, std::span<const std::string> imports) const;

  /// The path of a blob that was hashed just now; `what` ("component 'zstd'") is for messages.
  Result<std::filesystem::path> blob_path(const Digest& digest, std::string_view what) const;

  /// Its bytes.
  Result<Bytes> blob(const Digest& digest, std::string_view what) const;

  /// All blobs that belong to a component (kComponentBlobs) must lie in a store, whole. The first
  /// that does not is the error.
  Result<void> check_belongings(const PlanComponent& component) const;

  /// The same for every component of the plan, and its own bytes.
  Result<void> check_blobs() const;

 private:
  tl::unexpected<Error> missing(const Digest& digest) const;

  const Plan* plan_;
  std::vector<BlobStore> stores_;
};

}  // namespace pylon::compose
