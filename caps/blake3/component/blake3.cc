// BLAKE3 behind its contract.
#include <blake3.h>

#include "blake3_cap.hh"

namespace cap::hash {

namespace {

class Hasher final : public hasher {
 public:
  explicit Hasher(const blake3_hasher& state) : state_(state) {}

  void update(std::span<const std::uint8_t> data) override {
    blake3_hasher_update(&state_, data.data(), data.size());
  }

  result<bytes, error> digest(std::uint32_t length, std::uint64_t seek) override {
    bytes out;
    if (!out.try_resize(length)) return err(error::memory);
    blake3_hasher_finalize_seek(&state_, seek, out.data(), length);
    return out;
  }

  std::unique_ptr<hasher> copy() override { return std::make_unique<Hasher>(state_); }
  void reset() override { blake3_hasher_reset(&state_); }

 private:
  blake3_hasher state_;
};

}  // namespace

std::string version() {
  return blake3_version();
}

result<std::unique_ptr<hasher>, error> hasher_open(const purpose& what) {
  blake3_hasher state;
  blake3_hasher_init(&state);
  if (const auto* keyed = std::get_if<purpose::keyed>(&what.value)) {
    if (keyed->value.size() != BLAKE3_KEY_LEN) return err(error::key_length);
    blake3_hasher_init_keyed(&state, keyed->value.data());
  }
  if (const auto* derive = std::get_if<purpose::derive>(&what.value))
    blake3_hasher_init_derive_key_raw(&state, derive->value.data(), derive->value.size());
  return std::unique_ptr<hasher>(std::make_unique<Hasher>(state));
}

}  // namespace cap::hash
