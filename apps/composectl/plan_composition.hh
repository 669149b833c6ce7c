// A plan as one file: the interpreter, initialised, with its library and the chosen caps inside.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/file.hh"
#include "compose/plan_file.hh"
#include "link/graph.hh"
#include "runtime/plan_gate.hh"

namespace pylon::composectl {

/// What of a plan goes into the file, and how.
struct CompositionChoices {
  /// How caps are reached that `caps` does not name; as the plan says if there is none. Those that
  /// cannot be reached so, because they need the launcher, are left out.
  std::optional<compose::Linkage> linkage;
  /// Caps by id, with their linkage; none: left out.
  std::map<std::string, std::optional<compose::Linkage>> caps;
  bool small = false;                  ///< the library as sources only, and few modules imported
  bool exit_codes = false;             ///< the host offers wasi:cli/exit's exit-with-code
  std::optional<std::string> preload;  ///< modules to import, with spaces between
  std::optional<std::uint32_t> hash_seed;
};

/// A composed file and what went into it.
struct Composition {
  Bytes bytes;
  std::map<std::string, compose::Linkage> caps;  ///< those that are in
  std::vector<std::string> left_out;  ///< caps that `linkage` would have linked, and cannot
  std::vector<link::Wire> wires;
  std::size_t library_size = 0;  ///< bytes of the archive
};

/// Composes a plan that was admitted; `file` is what it has in it. The same plan, install and
/// choices (with a hash seed) give the same bytes.
Result<Composition> compose_plan(const runtime::Install& install,
                                 const runtime::AdmittedPlan& admitted,
                                 const compose::PlanFile& file, const CompositionChoices& choices);

}  // namespace pylon::composectl
