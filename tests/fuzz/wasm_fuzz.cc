// Fuzz target: no bytes whatever may break the readers of src/wasm.
#include <cstddef>
#include <cstdint>

#include "wasm/component.hh"
#include "wasm/dylink.hh"
#include "wasm/memory_image.hh"
#include "wasm/names.hh"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pylon;
  if (auto component = wasm::Component::parse(Bytes(data, data + size), "input"))
    static_cast<void>(wasm::read_interfaces(*component, "input"));
  auto module = wasm::Module::parse(Bytes(data, data + size), "input");
  if (!module) return 0;
  static_cast<void>(wasm::read_dylink(*module));
  static_cast<void>(wasm::read_function_names(*module));
  // An image is as large as the module says; only small ones, for speed.
  if (module->memories.empty() || module->memories[0].minimum > 4) return 0;
  auto image = wasm::initial_image(*module);
  if (!image) return 0;
  auto again = wasm::Module::parse(wasm::with_image(*module, *image), "rewritten");
  if (!again) __builtin_trap();
  return 0;
}
