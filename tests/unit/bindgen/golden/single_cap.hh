// Made by pylon-bindgen from demo:single@1.2.0; docs/bindings.md explains it.
#pragma once

#include "cap.hh"

namespace cap::hasher {
class state;
}

namespace cap::shared {
/// Where something lies.
struct span {
  std::uint32_t start{};
  std::uint32_t length{};
};
}

namespace cap::hasher {
/// Why a key is refused \ .
enum class key_error : std::uint32_t {
  /// fewer than 32 bytes
  short_,
  long_,
};
}

namespace cap::hasher {
struct source {
  struct empty {};
  struct whole {
    ::cap::bytes value{};
  };
  struct part {
    ::cap::shared::span value{};
  };
  std::variant<empty, whole, part> value{};
};
}

namespace cap::hasher {
struct options {
  std::uint8_t bits = 0;
  static constexpr std::uint8_t fast = 1;
  static constexpr std::uint8_t seeded = 2;
};
}

namespace cap::hasher {
/// Hashes piece by piece.
class state {
 public:
  virtual ~state() = default;
  virtual void update(std::span<const std::uint8_t> chunk) = 0;
  /// As many bytes as wanted.
  virtual ::cap::bytes finish(std::uint32_t length) = 0;
};
std::unique_ptr<::cap::hasher::state> make_state(std::optional<std::span<const std::uint8_t>> key);
::cap::result<std::unique_ptr<::cap::hasher::state>, std::string> state_restore(std::vector<std::unique_ptr<::cap::hasher::state>> all);
}

namespace cap::hasher {
using range = ::cap::shared::span;
using digest = ::cap::bytes;
}

/// Hashes of all sorts.
// To be defined.
namespace cap::hasher {
/// Hashes at once.
/// "Quickly", as they say.
::cap::bytes hash(std::span<const std::uint8_t> data);
::cap::result<::cap::bytes, ::cap::hasher::key_error> keyed(std::span<const std::uint8_t> data, std::span<const std::uint8_t> key, ::cap::hasher::options options);
std::optional<std::optional<std::uint64_t>> from(const ::cap::hasher::source& source);
}

// The consumer's; to be called.
namespace cap::progress {
::cap::outcome<bool> report(std::uint64_t done);
}
