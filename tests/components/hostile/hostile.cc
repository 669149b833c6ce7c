// What the provider does when it is not asked for a certain answer (exports.cc does those).
#include "endpoint.hh"
#include "hostile_cap.hh"

namespace cap::tricks {
namespace {

std::uint32_t touches = 0;

class Thing final : public thing {
 public:
  std::uint32_t touch() override {
    if (!back::again(0)) return 0;
    return ++touches;
  }
};

}  // namespace

std::unique_ptr<thing> make_thing() {
  return std::make_unique<Thing>();
}

void trap() {
  __builtin_trap();
}

void spin() {
  for (volatile bool on = true; on;) {
  }
}

void grow() {
  [[maybe_unused]] static std::uint8_t* volatile last;  // so that the memory is really taken
  for (;;) {
    cap::bytes more(1 << 20);
    std::memset(more.data(), 1, more.size());
    last = more.release();
  }
}

std::uint32_t recurse(std::uint32_t depth) {
  volatile std::uint32_t next = depth + 1;
  return next == 0 ? 0 : recurse(next) + next;
}

std::tuple<std::uint8_t, std::uint8_t, cap::bytes> call_back(
    std::string_view method, std::span<const std::uint8_t> payload) {
  glue::answer got = glue::call_consumer(method, payload);
  return {static_cast<std::uint8_t>(got.status), static_cast<std::uint8_t>(got.kind),
          std::move(got.data)};
}

std::uint32_t nest(std::uint32_t depth) {
  auto deeper = back::again(depth + 1);
  return deeper ? *deeper : 0;
}

std::uint32_t touched() {
  return touches;
}

}  // namespace cap::tricks
