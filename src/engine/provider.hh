// Calls between components (wit/compose-dynlink): what a run's components may resolve, and a caller
// that is no component.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/error.hh"
#include "base/file.hh"
#include "engine/engine.hh"

namespace pylon::engine {

/// compose:dynlink/types.failure-kind, in its order.
enum class FailureKind : std::uint8_t {
  kNotFound,
  kDenied,
  kCorrupt,
  kSchemaMismatch,
  kBadPayload,
  kLimit,
  kTrapped,
  kRaised,
  kInternal,
};

/// The kind's name in WIT: "not-found".
std::string_view failure_kind_name(FailureKind kind);

/// compose:dynlink/types.failure: why a call came to no result of its own.
struct Failure {
  FailureKind kind;
  std::string message;
};

/// A component that others of a run may call, in a store of its own.
struct Provider {
  /// What the provider's endpoint must have been generated from.
  struct Schema {
    Bytes bytes;
    std::array<std::uint8_t, 32> digest;  ///< SHA-256 of the bytes
  };

  std::uint64_t key;  ///< not 0; who resolves the same key shares one instance
  std::string name;   ///< for messages: its id in the plan
  Component component;
  SessionOptions options;  ///< its grants; `max_memory` and `providers` are the run's
  std::optional<Schema> schema;
};

/// Finds the providers of a run. Used on the thread of the session that it belongs to.
class ProviderSource {
 public:
  enum class By { kId, kDigest };

  virtual ~ProviderSource() = default;

  /// The component called `name` (an id, or "sha256:<hex>"), as the component with the key `loader`
  /// may use it; 0 is the program. Called at each resolve; a key always means the same provider.
  virtual tl::expected<std::shared_ptr<Provider>, Failure> resolve(std::uint64_t loader, By by,
                                                                   std::string_view name) = 0;
};

/// What a call came to.
struct Answer {
  Bytes returned;  ///< the result; or, if `good` is false, the method's own error
  bool good = true;
  std::optional<Failure> failure;  ///< instead of both
};

/// Calls providers as a program would, without one. Has to be made and used on a thread that may
/// run a guest (GuestThread). Providers cannot call it back.
class Caller {
 public:
  /// `max_memory` is the sum for all providers, 0 sets no limit.
  static Result<Caller> create(const Engine& engine, std::shared_ptr<ProviderSource> providers,
                               std::uint64_t max_memory = 0);
  Caller(Caller&&) noexcept;
  Caller& operator=(Caller&&) noexcept;
  ~Caller();

  /// Resolves the provider `id`, which stays until it traps, and calls its method.
  Result<Answer> invoke(std::string_view id, std::string_view method,
                        std::span<const std::uint8_t> payload);

  struct Impl;

 private:
  explicit Caller(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace pylon::engine
