// Fuzz target: any bytes as trust.json, and as the content of one whose checksum fits; any bytes as
// a chained log.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "compose/chain.hh"
#include "compose/checked_json.hh"
#include "compose/trust_file.hh"

namespace {

using namespace pylon::compose;

void check(std::string_view text) {
  const auto state = TrustState::parse(text);
  if (!state) return;
  const auto again = TrustState::parse(state->json());
  if (!again || *again != *state) __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check(text);
  static_cast<void>(read_chain(text));
  const auto content = parse_json(text, "input", pylon::ErrorKind::kCorrupt);
  if (!content) return 0;
  const std::string dumped = content->dump(-1, ' ', false, Json::error_handler_t::replace);
  check("{\"version\":\"1\",\"checksum\":\"" + Digest::of(dumped).hex() +
        "\",\"content\":" + dumped + "}");
  return 0;
}
