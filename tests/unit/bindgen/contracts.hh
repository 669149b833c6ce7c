// Contracts from WIT text.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

#include "bindgen/wit_json.hh"
#include "support/scratch_directory.hh"

namespace pylon::bindgen {

inline std::string read_text(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  std::ostringstream out;
  out << stream.rdbuf();
  return out.str();
}

/// The JSON of a WIT file.
inline std::string wit_json(const std::string& path) {
  testing::ScratchDirectory scratch;
  std::string json = scratch.path("wit.json");
  std::string command =
      "'" PYLON_WASM_TOOLS "' component wit --json '" + path + "' -o '" + json + "'";
  if (std::system(command.c_str()) != 0) ADD_FAILURE() << path;
  return read_text(json);
}

/// The contract of WIT text, or why there is none.
inline Result<Contract> contract_of(const std::string& wit, const std::string& world = {}) {
  testing::ScratchDirectory scratch;
  return read_contract(wit_json(scratch.file("test.wit", wit)), "test.wit", world);
}

}  // namespace pylon::bindgen
