// What the components of a run may use: the program by its flags, a provider by its plan entry, and
// never more than who loads it.
#pragma once

#include "compose/plan.hh"
#include "engine/engine.hh"
#include "runtime/environment_grants.hh"
#include "runtime/file_grants.hh"

namespace pylon::runtime {

/// Rights of one component.
struct ComponentGrants {
  FileGrants files{"/"};
  engine::NetworkPolicy network;
  Environment environment;
};

/// Of what is `wanted`, that which `loader` has.
ComponentGrants attenuated(const compose::Grants& wanted, const ComponentGrants& loader);

/// A provider's session: these rights, and nothing else (no arguments, no standard streams).
engine::SessionOptions provider_options(const ComponentGrants& grants);

}  // namespace pylon::runtime
