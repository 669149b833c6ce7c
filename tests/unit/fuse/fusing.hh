// Fuses small libraries written as text, and runs the result with Binaryen's interpreter.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <string>

#include "base/file.hh"
#include "fuse/fuse.hh"
#include "support/scratch_directory.hh"
#include "wasm/module.hh"

namespace pylon::fuse {

/// Every library's beginning: the imports that a compiler's linker gives it. Three globals: the
/// stack pointer, the bases.
inline constexpr const char* kPrelude = R"(
  (import "env" "memory" (memory 1))
  (import "env" "__indirect_function_table" (table 0 funcref))
  (import "env" "__stack_pointer" (global $sp (mut i32)))
  (import "env" "__memory_base" (global $memory i32))
  (import "env" "__table_base" (global $table i32)))";

class Fusing : public ::testing::Test {
 protected:
  Fusing() {
    options.wasm_merge = PYLON_WASM_MERGE;
    options.wasm_opt = PYLON_WASM_OPT;
    options.output = scratch.path("core.wasm");
    options.map = scratch.path("core.json");
    options.optimize = Optimize::kNone;
    options.stack_size = 65536;
    options.memory_pages = 4;
  }

  /// Assembles a library; `dylink` is the content of its dylink.0 annotation, `body` what follows
  /// the usual imports.
  void library(const std::string& name, const std::string& dylink, const std::string& body) {
    std::string text = "(module (@dylink.0 " + dylink + ")" + kPrelude + body + ")";
    std::string source = scratch.file(name + ".wat", text);
    std::string command =
        "'" PYLON_WASM_TOOLS "' parse '" + source + "' -o '" + scratch.path(name) + "'";
    ASSERT_EQ(std::system(command.c_str()), 0) << text;
    options.libraries.push_back(scratch.path(name));
  }

  FuseReport fused() {
    auto report = fuse(options);
    if (!report) ADD_FAILURE() << report.error().text();
    return report ? *report : FuseReport{};
  }

  /// The error that fusing ends with.
  Error failure() {
    auto report = fuse(options);
    if (report) ADD_FAILURE() << "it was fused";
    return report ? Error(ErrorKind::kInternal, "") : report.error();
  }

  wasm::Module module() {
    auto bytes = read_file(options.output);
    auto parsed = wasm::Module::parse(bytes ? *bytes : Bytes{}, "core.wasm");
    if (!parsed) ADD_FAILURE() << parsed.error().text();
    return parsed ? *parsed : wasm::Module{};
  }

  std::string map_text() {
    auto bytes = read_file(options.map);
    return bytes ? std::string(bytes->begin(), bytes->end()) : "";
  }

  /// Calls every export in order of their names; what each returned, or "trap".
  std::map<std::string, std::string> run() {
    std::string command =
        "'" PYLON_WASM_OPT "' '" + options.output.string() + "' --fuzz-exec-before --mvp-features";
    for (const char* feature :
         {"bulk-memory", "mutable-globals", "reference-types", "exception-handling"})
      command += std::string(" --enable-") + feature;
    std::unique_ptr<FILE, int (*)(FILE*)> pipe(::popen((command + " 2>&1").c_str(), "r"), ::pclose);
    std::map<std::string, std::string> results;
    std::string calling;
    std::array<char, 4096> line;
    while (std::fgets(line.data(), line.size(), pipe.get())) {
      std::array<char, 256> name{}, value{};
      if (std::sscanf(line.data(), "[fuzz-exec] calling %255s", name.data()) == 1)
        results[calling = name.data()] = "";
      if (std::sscanf(line.data(), "[fuzz-exec] note result: %255s => %255s", name.data(),
                      value.data()) == 2)
        results[name.data()] = value.data();
      if (std::string(line.data()).starts_with("[trap")) results[calling] = "trap";
    }
    return results;
  }

  pylon::testing::ScratchDirectory scratch;
  FuseOptions options;
};

}  // namespace pylon::fuse
