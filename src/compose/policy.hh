// What a plan asks for against what its host gives.
#pragma once

#include <string>
#include <vector>

#include "base/error.hh"
#include "compose/plan.hh"

namespace pylon::compose {

/// What a host can do for plans.
struct HostOffer {
  std::vector<std::string> capabilities;  ///< names that a plan may require
  Limits maxima;                          ///< upper bounds of any run
  bool enforces_cpu = false;              ///< it ends runs that use more than cpu_ms
  bool enforces_memory = false;
  bool enforces_io = false;
};

/// The limits of a run: the smaller of the plan's and the host's. kRefused if the plan requires a
/// capability that is not offered, or sets a limit that the host would not enforce.
Result<Limits> limits_under(const PlanPolicy& policy, const HostOffer& host);

/// What is in both: of what is wanted only what the loader has.
Grants intersect(const Grants& wanted, const Grants& loader);

}  // namespace pylon::compose
