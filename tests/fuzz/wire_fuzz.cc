// Fuzz target: no payload and no answer of a callback whatever may break a provider. The input is a
// method of the test component echo, a line feed, and a payload; callbacks answer with a part of
// it.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "bindgen/guest/stored_answer.hh"

namespace {

std::span<const std::uint8_t> answers;

// The next part of what callbacks answer.
std::span<const std::uint8_t> next_part() {
  std::size_t size = answers.empty() ? 0 : std::min<std::size_t>(answers[0] % 16, answers.size());
  auto part = answers.first(size);
  answers = answers.subspan(size ? size : answers.size());
  return part;
}

}  // namespace

extern "C" void cap_callback_call(const char*, std::size_t, const std::uint8_t*, std::size_t,
                                  void* out) {
  auto part = next_part();
  std::uint8_t* data = nullptr;
  if (!part.empty()) {
    data = static_cast<std::uint8_t*>(std::malloc(part.size()));
    std::memcpy(data, part.data(), part.size());
  }
  cap::glue::stored_answer answer{};
  answer.is_error = part.size() % 3 != 0;
  answer.error.is_failed = part.size() % 3 == 2;
  if (!answer.is_error)
    answer.ok = {data, part.size()};
  else if (!answer.error.is_failed)
    answer.error.returned = {data, part.size()};
  else
    answer.error.failed = {7, {}, data, part.size()};
  std::memcpy(out, &answer, sizeof(answer));
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view input(reinterpret_cast<const char*>(data), size);
  std::size_t line = std::min(input.find('\n'), size);
  std::span<const std::uint8_t> payload(data + line, data + size);
  if (!payload.empty()) payload = payload.subspan(1);
  answers = payload;
  cap::glue::answer answer = cap::glue::dispatch(input.substr(0, line), payload);
  return answer.data.size() > (std::size_t{1} << 33);
}
