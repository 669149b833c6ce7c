// What a Component holds. Not for use outside this directory.
#pragma once

#include "engine/engine.hh"
#include "engine/shim/shim.h"

namespace pylon::engine {

struct Component::Impl {
  explicit Impl(pylon_component* owned) : component(owned) {}
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() { pylon_component_delete(component); }

  pylon_component* component;
};

}  // namespace pylon::engine
