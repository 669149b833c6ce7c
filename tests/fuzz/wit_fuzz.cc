// Fuzz target: no JSON whatever may break the reader of contracts, and whatever it accepts can be
// written.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "bindgen/extension.hh"
#include "bindgen/provider.hh"
#include "bindgen/schema.hh"
#include "bindgen/stubs.hh"
#include "bindgen/wit_json.hh"
#include "bindgen/wit_text.hh"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pylon::bindgen;
  auto contract = read_contract({reinterpret_cast<const char*>(data), size}, "input", "");
  if (!contract) return 0;
  if (schema_of(*contract).empty() || stubs_of(*contract).empty()) __builtin_trap();
  if (provider_header(*contract).empty() || provider_glue(*contract, "x").empty()) __builtin_trap();
  if (provider_world(*contract).empty() || extension_source(*contract, "x").empty())
    __builtin_trap();
  return 0;
}
