// Fuses position-independent WebAssembly libraries into one core module: every address is fixed,
// every relocation applied, every call direct. What would be a dynamic linker's work at each start
// is done once, here.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hh"
#include "base/file.hh"
#include "wasm/module.hh"

namespace pylon::fuse {

/// A function whose every call, also inside its own library, goes to another library's
/// `__wrap_FUNCTION`. The original is there as `__real_FUNCTION`.
struct Wrap {
  std::string library;  ///< name of the library that defines it, with or without ".so"
  std::string
      function;  ///< an exported name, or the unique name of a local function in the name section
};

/// What is done to the merged module.
enum class Optimize {
  kNone,  ///< nothing
  kFold,  ///< addresses become constants, indirect calls through constant slots become direct:
          ///< seconds
  kFull,  ///< the whole optimiser: minutes
};

struct FuseOptions {
  /// The libraries. A name that several export means the first one's. Initialisers run in order of
  /// dependence.
  std::vector<std::filesystem::path> libraries;
  std::filesystem::path output;
  /// Where to write what was linked where, as JSON; empty: nowhere.
  std::filesystem::path map;
  std::filesystem::path wasm_merge = "wasm-merge";
  std::filesystem::path wasm_opt = "wasm-opt";
  /// Functions that the module exports under their own names; a trailing `*` matches any ending.
  std::vector<std::string> exports;
  std::vector<Wrap> wraps;
  Optimize optimize = Optimize::kFold;
  /// Keep function names, for backtraces.
  bool keep_names = false;
  /// WebAssembly features to allow beyond the usual ones, as in wasm-opt's --enable-FEATURE.
  std::vector<std::string> features;
  /// The stack is [0, stack_size); the libraries' data follow it. A multiple of 64 KiB.
  std::uint32_t stack_size = 16u << 20;
  /// Initial memory in pages of 64 KiB; what the libraries' data leave is heap.
  std::uint32_t memory_pages = 768;
  /// Keep the intermediate modules in this directory; empty: in a temporary one that is removed.
  std::filesystem::path work_directory;
  /// Called before each long step with what it is; may be empty.
  std::function<void(std::string_view)> progress;
};

/// What was built.
struct FuseReport {
  std::uint32_t data_end = 0;     ///< where the heap begins
  std::uint32_t memory_size = 0;  ///< initial memory in bytes
  std::uint32_t table_size = 0;
  std::size_t relocations = 0;
  std::vector<std::string> duplicates;  ///< names that several libraries export
  std::vector<std::string>
      weak_undefined;  ///< weak names that none defines: data at 0, functions that trap
};

/// Addresses below belong to nobody, so that a null pointer plus a small offset hits nothing of
/// use.
inline constexpr std::uint32_t kNullGuard = 1024;
/// The function that the linker itself provides (module "env"): runs every library's initialiser,
/// in order of dependence.
inline constexpr std::string_view kConstruct = "__pylon_construct";

/// The sections that tell wasm-tools which imports and exports a core module has as a component.
Bytes component_type_sections(const wasm::Module& module);

/// The features that every fused module may use, as flags of Binaryen's tools.
std::vector<std::string> base_feature_flags();

/// Fuses. The result imports only what the libraries import from outside "env" and "GOT.*", has no
/// start function, exports "memory" and `exports`, and carries the libraries' component-type
/// sections. The same inputs give the same bytes. kInput: the libraries do not fit together
/// (undefined symbols, different signatures, too much data); kCorrupt: a file is malformed.
Result<FuseReport> fuse(const FuseOptions& options);

}  // namespace pylon::fuse
