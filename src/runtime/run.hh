// Runs one Python program: image + grants + limits -> exit code.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/error.hh"
#include "engine/engine.hh"
#include "runtime/environment_grants.hh"
#include "runtime/file_grants.hh"
#include "runtime/install.hh"
#include "runtime/network_grants.hh"
#include "runtime/plan_gate.hh"

namespace pylon::runtime {

/// A program and all that it may have.
struct RunOptions {
  std::vector<std::string> arguments;  ///< the interpreter's command line, its name first
  Environment environment;             ///< exactly what the guest sees
  std::string directory;               ///< working directory
  FileGrants files;
  NetworkGrants network;
  Image image = Image::kSnapshot;
  std::chrono::milliseconds timeout{0};        ///< zero: none
  std::uint64_t max_memory = 0;                ///< bytes; zero: no limit of ours
  std::optional<AdmittedPlan> plan;            ///< what the program may load
  std::optional<std::filesystem::path> audit;  ///< directory of the log that gets a record
};

/// How a run ended. The guest's thread may still run: end the process next.
struct Outcome {
  int exit_code = 0;
  std::optional<Error>
      error;  ///< what to tell the user, if it was not the program that ended the run
  std::vector<engine::Refusal> refusals;
};

/// Memory that the interpreter has from the start; a smaller limit cannot be kept.
constexpr std::uint64_t kMinimumMemory = std::uint64_t{48} << 20;

/// Runs the program in a thread of its own and supervises it from the calling one, which has to be
/// the process's only one so far. Does not return if SIGTERM or SIGHUP ends the run.
Outcome run_program(const Install& install, RunOptions options);

}  // namespace pylon::runtime
