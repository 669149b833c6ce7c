#include "engine/engine.hh"

#include "engine/convert.hh"
#include "engine/engine_impl.hh"

namespace pylon::engine {

Result<Engine> Engine::create() {
  pylon_engine* engine = nullptr;
  if (auto* failure = pylon_engine_new(&engine)) return fail(take_failure(failure));
  return Engine(std::make_shared<Impl>(engine));
}

std::string Engine::version() {
  return "wasmtime " + std::string(to_view(pylon_engine_version()));
}

}  // namespace pylon::engine
