// What an Engine holds. Not for use outside this directory.
#pragma once

#include "engine/engine.hh"
#include "engine/shim/shim.h"

namespace pylon::engine {

struct Engine::Impl {
  explicit Impl(pylon_engine* owned) : engine(owned) {}
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() { pylon_engine_delete(engine); }

  pylon_engine* engine;
};

}  // namespace pylon::engine
