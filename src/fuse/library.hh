// A position-independent library as the linker sees it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "wasm/dylink.hh"
#include "wasm/module.hh"

namespace pylon::fuse {

struct Library {
  std::string name;  ///< file name without ".so": "libc"
  std::string file;  ///< file name: "libc.so"
  wasm::Module module;
  wasm::Dylink dylink;
  std::unordered_map<std::string, std::uint32_t> functions;  ///< exported: function index
  std::unordered_map<std::string, std::uint32_t> data;  ///< exported: offset from the memory base
  std::unordered_map<std::string, std::uint32_t> tags;  ///< exported: tag index
  std::unordered_set<std::string> weak;                 ///< imports that may stay undefined

  // Where the layout puts it.
  std::uint32_t memory_base = 0;
  std::uint32_t table_base = 0;

  /// The export that initialises the library ("_initialize" or "__wasm_call_ctors"), or empty.
  std::string initialiser() const;
  std::uint32_t imported_functions() const { return module.imported(wasm::ExternKind::kFunction); }
};

/// Parses a library and refuses what cannot be fused: mutable globals of its own, segments that are
/// not plain, thread-local exports. `file` is its file name.
Result<Library> parse_library(Bytes bytes, const std::string& file);

/// The same for a file.
Result<Library> load_library(const std::filesystem::path& path);

/// The libraries' indexes, each after those that it needs. Needed files that are not among them are
/// passed over.
std::vector<std::size_t> dependency_order(const std::vector<Library>& libraries);

}  // namespace pylon::fuse
