// A ProviderSource in the shim's form. Not for use outside this directory.
#pragma once

#include <map>
#include <memory>

#include "engine/borrowed_options.hh"
#include "engine/provider.hh"
#include "engine/shim/shim.h"

namespace pylon::engine {

/// A view of a source that lives as long as this, and keeps what it found for the shim.
class BorrowedProviders {
 public:
  explicit BorrowedProviders(ProviderSource& source);
  BorrowedProviders(const BorrowedProviders&) = delete;
  BorrowedProviders& operator=(const BorrowedProviders&) = delete;

  const pylon_source* get() const { return &view_; }

 private:
  struct Kept {
    explicit Kept(std::shared_ptr<Provider> owned) : provider(std::move(owned)) {}
    std::shared_ptr<Provider> provider;
    BorrowedOptions options{provider->options};
  };

  bool resolve(std::uint64_t loader, ProviderSource::By by, std::string_view name,
               pylon_provider& provider, pylon_refusal& refusal);
  void refuse(Failure failure, pylon_refusal& refusal);

  ProviderSource& source_;
  std::map<std::uint64_t, Kept> kept_;
  Failure last_{};
  pylon_source view_{};
};

}  // namespace pylon::engine
