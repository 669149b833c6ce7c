// Fuzz target: no header of a message and no footer may break their reader, and what it accepts can
// be written again and says the same then.
#include <cstddef>
#include <cstdint>
#include <vector>

#include "arrow_core_cap.hh"

namespace {

using namespace cap::metadata;

std::vector<std::uint8_t> copy_of(const cap::bytes& from) {
  return {from.begin(), from.end()};
}

void check_message(std::span<const std::uint8_t> data) {
  auto read = decode(data);
  if (!read) return;
  if (const auto* found = std::get_if<message::schema>(&read->value)) {
    const auto written = encode_schema(found->value);
    if (!written) return;
    auto again = decode(copy_of(*written));
    if (!again ||
        std::get<message::schema>(again->value).value.fields.size() != found->value.fields.size())
      __builtin_trap();
    return;
  }
  const auto& batch = std::get<message::batch>(read->value).value;
  const auto written = encode_batch(batch);
  if (!written) return;
  auto again = decode(copy_of(*written));
  if (!again) __builtin_trap();
  const auto& same = std::get<message::batch>(again->value).value;
  if (same.length != batch.length || same.nodes != batch.nodes || same.buffers != batch.buffers)
    __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  check_message({data, size});
  if (const auto footer = decode_footer({data, size})) (void)encode_footer(*footer);
  return 0;
}
