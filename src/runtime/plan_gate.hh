// The gate: which plan a run has, and whether it may run at all.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/error.hh"
#include "compose/blob_store.hh"
#include "compose/digest.hh"
#include "compose/plan_file.hh"
#include "compose/time.hh"
#include "runtime/environment_grants.hh"
#include "runtime/install.hh"

namespace pylon::runtime {

/// A plan that the trust stores vouch for, and what a run needs of it from the start.
struct AdmittedPlan {
  std::filesystem::path file;
  compose::Digest digest;                   ///< of the plan's bytes
  std::string reason;                       ///< why it may run
  std::optional<compose::Seconds> expires;  ///< refused from then on
  std::filesystem::path facades;            ///< mounted at /pylon/caps; empty: none
  std::string facades_state;                ///< what tells whether they were changed
  std::string builtin_modules;              ///< of the facades: builtin_modules()
  std::uint64_t max_memory = 0;             ///< bytes that the plan allows a run; 0: no limit
};

/// Where an install's plan lies.
std::filesystem::path plan_path(const Install& install);

/// The trust stores that decide, the install's before the person's.
std::vector<std::filesystem::path> trust_directories(const Install& install);

/// Where the blobs of a plan may lie: beside the install, beside the plan, with the person.
std::vector<compose::BlobStore> blob_stores(const Install& install,
                                            const std::filesystem::path& plan);

/// The directory for a plan's facades below `base`.
std::filesystem::path facades_directory(const std::filesystem::path& base,
                                        const compose::Digest& plan);

/// Admits the plan `named`, or else the install's; nothing if there is none. Refused are what
/// compose::TrustStore refuses, a plan whose root is not the interpreter of this install, and one
/// that needs or limits what no run of ours offers or limits. What was found is noted, and looked
/// at again only if the plan, its signature, a trust store or the install has changed.
Result<std::optional<AdmittedPlan>> admit_plan(const Install& install,
                                               const std::optional<std::filesystem::path>& named);

/// The same, and anew, whatever was noted.
Result<AdmittedPlan> admit_anew(const Install& install, const std::filesystem::path& file);

/// The unpacked facades of the plan in lib/pylon (`library`); empty without a plan or facades.
std::filesystem::path installed_facades(const std::filesystem::path& library);

/// What python.wasm is told of them.
Environment plan_environment(const std::string& builtin_modules);

/// The name of the variable for it, which is not the user's.
inline constexpr const char* kBuiltinModules = "PYLON_CAPS_BUILTIN";

/// Refuses a plan whose root is not the interpreter of this install.
Result<void> check_root(const Install& install, const compose::PlanFile& file);

}  // namespace pylon::runtime
