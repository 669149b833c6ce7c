#include "engine/borrowed_providers.hh"

#include <exception>

#include "engine/component_impl.hh"
#include "engine/convert.hh"

namespace pylon::engine {
namespace {

pylon_text text_of(const Bytes& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

BorrowedProviders::BorrowedProviders(ProviderSource& source) : source_(source) {
  view_ = {
      .user = this,
      .resolve =
          [](void* user, std::uint64_t loader, pylon_text name, bool digest,
             pylon_provider* provider, pylon_refusal* refusal) {
            auto& self = *static_cast<BorrowedProviders*>(user);
            const auto by = digest ? ProviderSource::By::kDigest : ProviderSource::By::kId;
            try {
              return self.resolve(loader, by, to_view(name), *provider, *refusal);
            } catch (const std::exception& problem) {
              self.refuse({FailureKind::kInternal, problem.what()}, *refusal);
              return false;
            }
          },
  };
}

bool BorrowedProviders::resolve(std::uint64_t loader, ProviderSource::By by, std::string_view name,
                                pylon_provider& provider, pylon_refusal& refusal) {
  auto found = source_.resolve(loader, by, name);
  if (!found) {
    refuse(std::move(found).error(), refusal);
    return false;
  }
  const std::uint64_t key = (*found)->key;
  Kept& kept = kept_.try_emplace(key, std::move(*found)).first->second;
  const Provider& known = *kept.provider;
  provider = {
      .key = key,
      .name = to_text(known.name),
      .component = known.component.impl()->component,
      .options = kept.options.get(),
      .schema = known.schema ? text_of(known.schema->bytes) : pylon_text{nullptr, 0},
      .schema_digest = known.schema ? known.schema->digest.data() : nullptr,
  };
  return true;
}

void BorrowedProviders::refuse(Failure failure, pylon_refusal& refusal) {
  last_ = std::move(failure);
  refusal = {static_cast<std::uint8_t>(last_.kind), to_text(last_.message)};
}

}  // namespace pylon::engine
