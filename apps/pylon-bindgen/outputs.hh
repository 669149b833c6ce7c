// What pylon-bindgen writes: one table, from which commands and their help come.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "base/error.hh"
#include "bindgen/contract.hh"

namespace pylon::bindgen {

/// What the command line asks for.
struct Request {
  std::filesystem::path wit;
  std::filesystem::path wasm_tools = "wasm-tools";
  std::string world;
  std::string name;
  std::filesystem::path output;
};

/// A file to write: its name (empty if the output is this file) and its content.
struct File {
  std::string name;
  std::string content;
};

/// One command.
struct Output {
  const char* name;
  const char* help;
  const char* output_help;
  bool needs_name;
  std::vector<File> (*files)(const Contract& contract, const std::string& name);
};

/// All commands.
std::span<const Output> outputs();

/// Reads the WIT and writes the files. kInput names the WIT item that cannot be used.
Result<void> write_output(const Output& output, const Request& request);

}  // namespace pylon::bindgen
