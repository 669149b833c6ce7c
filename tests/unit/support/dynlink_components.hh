// The components in tests/unit/engine/components/dynlink, made from text.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "support/scratch_directory.hh"

namespace pylon::testing {

/// What provider.wat says is the digest of its schema.
inline constexpr const char* kProviderSchemaDigest = "0123456789abcdef0123456789abcdef";

/// <name>.wat as a component of the world <name>; the path of its WebAssembly in `scratch`.
inline std::filesystem::path dynlink_component(const std::string& name,
                                               const ScratchDirectory& scratch) {
  namespace fs = std::filesystem;
  const fs::path source = PYLON_SOURCE_DIR;
  const fs::path here = source / "tests/unit/engine/components/dynlink";
  const fs::path wit = scratch.directory("wit");
  const auto again = fs::copy_options::overwrite_existing;
  fs::create_directories(wit / "deps/dynlink");
  fs::create_directories(wit / "deps/cli");
  fs::copy(here / "worlds.wit", wit, again);
  fs::copy(here / "exit.wit", wit / "deps/cli", again);
  fs::copy(source / "wit/compose-dynlink/dynlink.wit", wit / "deps/dynlink", again);
  const std::string tool = "'" PYLON_WASM_TOOLS "' component ";
  const std::string core = scratch.path(name + ".core.wasm"), wasm = scratch.path(name + ".wasm");
  const std::string command = tool + "embed --world " + name + " '" + wit.string() + "' '" +
                              (here / (name + ".wat")).string() + "' -o '" + core + "' && " + tool +
                              "new '" + core + "' -o '" + wasm + "'";
  EXPECT_EQ(std::system(command.c_str()), 0) << command;
  return wasm;
}

}  // namespace pylon::testing
