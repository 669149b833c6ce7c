// Fuzz target: any bytes as a cap.toml, and as the signature of a new cap's function.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "cap/descriptor.hh"
#include "cap/scaffold.hh"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto cap = pylon::cap::parse_descriptor(text, "cap.toml"))
    if (!pylon::cap::is_cap_name(cap->name) || cap->providers.empty()) __builtin_trap();
  if (const auto function = pylon::cap::Signature::parse(text))
    if (pylon::cap::scaffold("x", *function).empty()) __builtin_trap();
  return 0;
}
