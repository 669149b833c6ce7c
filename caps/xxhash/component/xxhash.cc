// xxHash behind its contract.
#define XXH_STATIC_LINKING_ONLY
#include <xxhash.h>

#include "xxhash_cap.hh"

namespace cap::hash {

namespace {

using Bytes = std::span<const std::uint8_t>;

template <typename Canonical>
bytes bytes_of(const Canonical& canonical) {
  return bytes(Bytes(canonical.digest, sizeof canonical.digest));
}

bytes canonical(XXH32_hash_t hash) {
  XXH32_canonical_t out;
  XXH32_canonicalFromHash(&out, hash);
  return bytes_of(out);
}

bytes canonical(XXH64_hash_t hash) {
  XXH64_canonical_t out;
  XXH64_canonicalFromHash(&out, hash);
  return bytes_of(out);
}

bytes canonical(XXH128_hash_t hash) {
  XXH128_canonical_t out;
  XXH128_canonicalFromHash(&out, hash);
  return bytes_of(out);
}

class State final : public state {
 public:
  State(algorithm which, std::uint64_t seed) : which_(which), seed_(seed) { reset(); }

  void update(Bytes data) override {
    if (which_ == algorithm::xxh32) XXH32_update(&small_, data.data(), data.size());
    if (which_ == algorithm::xxh64) XXH64_update(&medium_, data.data(), data.size());
    if (which_ == algorithm::xxh3_64) XXH3_64bits_update(&large_, data.data(), data.size());
    if (which_ == algorithm::xxh3_128) XXH3_128bits_update(&large_, data.data(), data.size());
  }

  bytes digest() override {
    if (which_ == algorithm::xxh32) return canonical(XXH32_digest(&small_));
    if (which_ == algorithm::xxh64) return canonical(XXH64_digest(&medium_));
    if (which_ == algorithm::xxh3_64) return canonical(XXH3_64bits_digest(&large_));
    return canonical(XXH3_128bits_digest(&large_));
  }

  std::unique_ptr<state> copy() override { return std::make_unique<State>(*this); }

  void reset() override {
    if (which_ == algorithm::xxh32) XXH32_reset(&small_, static_cast<XXH32_hash_t>(seed_));
    if (which_ == algorithm::xxh64) XXH64_reset(&medium_, seed_);
    if (which_ == algorithm::xxh3_64) XXH3_64bits_reset_withSeed(&large_, seed_);
    if (which_ == algorithm::xxh3_128) XXH3_128bits_reset_withSeed(&large_, seed_);
  }

 private:
  algorithm which_;
  std::uint64_t seed_;
  union {
    XXH32_state_t small_;
    XXH64_state_t medium_;
    XXH3_state_t large_;
  };
};

}  // namespace

std::string version() {
  const unsigned number = XXH_versionNumber();
  return std::to_string(number / 10000) + "." + std::to_string(number / 100 % 100) + "." +
         std::to_string(number % 100);
}

bytes digest(algorithm which, Bytes data, std::uint64_t seed) {
  if (which == algorithm::xxh32)
    return canonical(XXH32(data.data(), data.size(), static_cast<XXH32_hash_t>(seed)));
  if (which == algorithm::xxh64) return canonical(XXH64(data.data(), data.size(), seed));
  if (which == algorithm::xxh3_64)
    return canonical(XXH3_64bits_withSeed(data.data(), data.size(), seed));
  return canonical(XXH3_128bits_withSeed(data.data(), data.size(), seed));
}

std::unique_ptr<state> make_state(algorithm which, std::uint64_t seed) {
  return std::make_unique<State>(which, seed);
}

}  // namespace cap::hash
