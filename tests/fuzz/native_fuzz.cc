// Fuzz target: no module whatever may break the translation to C or the making of a gate.
#include <cstddef>
#include <cstdint>

#include "native/body.hh"
#include "native/gate.hh"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pylon;
  auto module = wasm::Module::parse(Bytes(data, data + size), "input");
  if (!module) return 0;
  for (std::uint32_t i = 0; i < module->code.size(); ++i)
    static_cast<void>(native::translate_body(*module, i));
  static_cast<void>(native::make_gate(*module));
  return 0;
}
