// Fuzz target: no library whatever may break the linker.
#include <cstddef>
#include <cstdint>

#include "fuse/emit.hh"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pylon;
  auto library = fuse::parse_library(Bytes(data, data + size), "libinput.so");
  if (!library) return 0;
  fuse::FuseOptions options;
  options.exports = {"*"};
  options.wraps = {{"libinput", "wrapped"}};
  for (bool wrap : {true, false}) {
    if (!wrap) options.wraps.clear();
    auto linkage = fuse::link({*library}, options);
    if (!linkage) continue;
    auto image = fuse::make_image(*linkage, linkage->libraries[0]);
    if (!image) continue;
    auto emitted = fuse::emit_library(*linkage, 0, *image, true);
    if (emitted && !wasm::Module::parse(std::move(*emitted), "emitted")) __builtin_trap();
    if (!wasm::Module::parse(fuse::emit_frame(*linkage, {*image}), "frame")) __builtin_trap();
  }
  return 0;
}
