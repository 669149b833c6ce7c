// What the engine's tests share: components compiled from components/*.wat, a guest thread, streams
// in memory.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <functional>
#include <string>

#include "engine/engine.hh"
#include "support/scratch_directory.hh"

namespace pylon::engine::testing {

/// The engine of all tests.
inline Engine& shared_engine() {
  static Engine engine = Engine::create().value();
  return engine;
}

using Scratch = pylon::testing::ScratchDirectory;

/// Writes the WebAssembly of components/<name>.wat into the folder; the file's path.
inline std::filesystem::path assemble(const std::string& name, const Scratch& scratch) {
  auto text =
      std::filesystem::path(PYLON_SOURCE_DIR) / "tests/unit/engine/components" / (name + ".wat");
  std::filesystem::path wasm = scratch.path(name + ".wasm");
  std::string command =
      "'" PYLON_WASM_TOOLS "' parse '" + text.string() + "' -o '" + wasm.string() + "'";
  EXPECT_EQ(std::system(command.c_str()), 0) << command;
  return wasm;
}

/// The component components/<name>.wat, compiled and mapped.
inline Component component(const std::string& name) {
  Scratch scratch;
  std::filesystem::path cwasm = scratch.path(name + ".cwasm");
  auto compiled = compile_component(shared_engine(), assemble(name, scratch), cwasm);
  if (!compiled) ADD_FAILURE() << compiled.error().text();
  auto opened = Component::open(shared_engine(), cwasm);
  if (!opened) ADD_FAILURE() << opened.error().text();
  return *opened;
}

/// Runs `body` to its end on a thread that a guest may use.
inline void on_guest_thread(std::function<void()> body) {
  auto thread = GuestThread::start(std::move(body));
  ASSERT_TRUE(thread) << thread.error().text();
  thread->join();
}

/// Makes a session of components/<name>.wat, on a guest thread, and hands it to `body` there.
inline void with_session(const std::string& name, SessionOptions options,
                         std::function<void(Session&)> body) {
  on_guest_thread([&] {
    auto session = Session::create(shared_engine(), component(name), std::move(options));
    ASSERT_TRUE(session) << session.error().text();
    body(*session);
  });
}

}  // namespace pylon::engine::testing
