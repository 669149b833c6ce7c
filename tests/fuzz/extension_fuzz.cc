// Fuzz target: no component whatever may break what appends extensions. The input is the length of
// the base (4 bytes, little-endian), the base, and the extension.
#include <cstddef>
#include <cstdint>
#include <vector>

#include "link/extension.hh"
#include "link/index_spaces.hh"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pylon;
  if (size < 4) return 0;
  std::size_t length = 0;
  for (int i = 0; i < 4; ++i) length |= std::size_t{data[i]} << (8 * i);
  if (length > size - 4) return 0;
  auto base = wasm::Component::parse(Bytes(data + 4, data + 4 + length), "base");
  auto extension = wasm::Component::parse(Bytes(data + 4 + length, data + size), "extension");
  if (!base || !extension) return 0;
  const std::vector<link::ExtensionModule> extensions = {{"extension", *extension}};
  auto extended = link::append_extensions(*base, extensions);
  if (!extended) return 0;
  auto parsed = wasm::Component::parse(std::move(*extended), "extended");
  if (!parsed || !link::read_index_spaces(*parsed, "extended")) __builtin_trap();
  return 0;
}
