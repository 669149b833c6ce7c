// Ahead-of-time compilation, in a file of its own: only programs with the compiler link it.
#include "base/file.hh"
#include "engine/convert.hh"
#include "engine/engine.hh"
#include "engine/engine_impl.hh"

namespace pylon::engine {

Result<void> compile_component(const Engine& engine, const std::filesystem::path& wasm,
                               const std::filesystem::path& cwasm) {
  PYLON_TRY(source, read_file(wasm));
  struct Output {
    const std::filesystem::path& path;
    Result<void> result;
  } output{cwasm, {}};
  auto write = [](void* user, pylon_text code) {
    auto& to = *static_cast<Output*>(user);
    to.result = write_file_atomically(
        to.path, {reinterpret_cast<const std::uint8_t*>(code.data), code.size});
  };
  pylon_text text{reinterpret_cast<const char*>(source.data()), source.size()};
  if (auto* failure = pylon_compile(engine.impl()->engine, text, &output, write))
    return fail(take_failure(failure).within("cannot compile " + wasm.string()));
  return output.result;
}

}  // namespace pylon::engine
