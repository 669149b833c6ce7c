// The generated exports, but that some methods answer with what they are given.
#include "canonical.hh"
#include "hostile_cap.hh"

#define dispatch dispatch_generated
#include "hostile_cap.cc"
#undef dispatch

namespace cap::glue {
namespace {

answer answer_with(std::span<const std::uint8_t> payload) {
  reader in(payload);
  std::tuple<std::uint8_t, std::uint8_t, std::span<const std::uint8_t>> wanted;
  if (!read_parameters(in, wanted)) return bad_payload("answer", in);
  auto [status, kind, data] = wanted;
  return {static_cast<answer::status_type>(status), static_cast<failure_kind>(kind), bytes(data)};
}

answer answer_memory(std::span<const std::uint8_t> payload) {
  reader in(payload);
  std::tuple<std::uint32_t, std::uint32_t> wanted;
  if (!read_parameters(in, wanted)) return bad_payload("answer-memory", in);
  auto [address, size] = wanted;
  return {answer::ok, {}, bytes::adopt(reinterpret_cast<std::uint8_t*>(address), size)};
}

}  // namespace

answer dispatch(std::string_view method, std::span<const std::uint8_t> payload) {
  if (method == "answer-memory") return answer_memory(payload);
  if (method.starts_with("answer-")) return answer_with(payload);
  return dispatch_generated(method, payload);
}

}  // namespace cap::glue

// The typed exports of the same functions, which nobody calls.
namespace cap::tricks {
using data = std::span<const std::uint8_t>;
using byte = std::uint8_t;

void answer_nothing(byte, byte, data) {}
bool answer_bool(byte, byte, data) {
  return {};
}
std::uint8_t answer_u8(byte, byte, data) {
  return {};
}
std::int64_t answer_s64(byte, byte, data) {
  return {};
}
float answer_f32(byte, byte, data) {
  return {};
}
char32_t answer_char(byte, byte, data) {
  return {};
}
std::string answer_string(byte, byte, data) {
  return {};
}
cap::bytes answer_bytes(byte, byte, data) {
  return {};
}
std::vector<std::string> answer_strings(byte, byte, data) {
  return {};
}
std::vector<std::uint32_t> answer_numbers(byte, byte, data) {
  return {};
}
std::optional<std::optional<std::uint8_t>> answer_option(byte, byte, data) {
  return {};
}
std::tuple<std::uint8_t, cap::bytes> answer_tuple(byte, byte, data) {
  return {};
}
pair answer_pair(byte, byte, data) {
  return {};
}
choice answer_choice(byte, byte, data) {
  return {};
}
level answer_level(byte, byte, data) {
  return {};
}
marks answer_marks(byte, byte, data) {
  return {};
}
std::unique_ptr<thing> answer_thing(byte, byte, data) {
  return make_thing();
}
cap::result<std::string, level> answer_result(byte, byte, data) {
  return {};
}
cap::bytes answer_memory(std::uint32_t, std::uint32_t) {
  return {};
}
}  // namespace cap::tricks
