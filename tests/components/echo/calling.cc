// The part that calls back.
#include CAP_HEADER

namespace cap::calling {

std::uint64_t run(std::uint32_t steps) {
  std::uint64_t done = 0;
  for (; done < steps; ++done)
    if (!events::progress(done, steps)) break;
  return done;
}
cap::bytes transform(std::span<const std::uint8_t> data) {
  auto out = events::transform(data);
  return out ? std::move(*out) : cap::bytes();
}
cap::result<shape, refusal> ask(std::string_view question, const point& at) {
  auto out = events::ask(question, at);
  if (!out) return {};
  return std::move(*out);
}
std::uint32_t nest(std::uint32_t depth) {
  if (depth == 0) return 0;
  auto deeper = events::again(depth - 1);
  return deeper ? *deeper + 1 : 0;
}
bool try_it() {
  if (auto out = events::keep_going()) return *out;
  cap::forget_failure();
  return false;
}
cap::bytes hold(std::span<const std::uint8_t> data) {
  if (!events::progress(0, data.size())) return {};
  return cap::bytes(data);
}

}  // namespace cap::calling
