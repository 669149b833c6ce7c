// What differs between two plans.
#pragma once

#include <string>
#include <vector>

#include "compose/plan.hh"

namespace pylon::composectl {

/// A difference; an empty side means that there is nothing.
struct PlanChange {
  std::string what;  ///< "component zstd: digest"
  std::string before;
  std::string after;
};

/// All of them, in the order of a plan.
std::vector<PlanChange> difference(const compose::Plan& before, const compose::Plan& after);

}  // namespace pylon::composectl
