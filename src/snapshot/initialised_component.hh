// The interpreter's component with the memory of an initialised interpreter, and its library
// inside: any host can start it.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "base/error.hh"
#include "base/file.hh"
#include "engine/engine.hh"
#include "snapshot/guest_session.hh"

namespace pylon::snapshot {

/// What such a component is made of.
struct InitialisedOptions {
  std::filesystem::path wasm;          ///< the component
  std::filesystem::path cold;          ///< the same, compiled, with its image record beside it
  GuestModules modules;                ///< what it imports while it initialises
  Bytes archive;                       ///< what goes inside (LibraryArchive)
  Environment environment;             ///< what the interpreter sees while it initialises
  std::optional<std::string> preload;  ///< modules to import, with spaces between; the usual ones
  /// CPython's budget on the stack in linear memory, in bytes: its own choice for WASI. Compiling
  /// the library needs some 90 KiB; recursion that has no end stops before the 512 KiB that plain
  /// hosts have.
  std::uint32_t stack = 128 << 10;
  std::optional<std::uint32_t> hash_seed;  ///< as PYTHONHASHSEED; a random secret if there is none
};

/// Starts the interpreter once, which takes about a second and needs no compiler. With a hash seed,
/// the same options give the same bytes.
Result<Bytes> make_initialised_component(const engine::Engine& engine, InitialisedOptions options);

}  // namespace pylon::snapshot
