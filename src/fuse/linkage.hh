// Who provides what, and at which address: the linker's decisions, before any byte is written.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "fuse/fuse.hh"
#include "fuse/library.hh"

namespace pylon::fuse {

/// A function with its address in the table.
struct TableSlot {
  std::string function;
  std::size_t library;  ///< index of the library that provides it
  std::uint32_t slot;
};

/// A wrapped function, found.
struct ResolvedWrap {
  std::size_t library;
  std::string function;
  std::uint32_t index;       ///< of the function in its library
  std::uint32_t real_index;  ///< of the new function that gets its body
  std::uint32_t slot;        ///< table slot of `__wrap_FUNCTION`
};

/// A weak function that nobody defines; a stub of the type that its importer expects traps in its
/// place.
struct WeakStub {
  std::size_t library;  ///< the importer
  std::string function;
  wasm::FunctionType type;
};

/// A name that several libraries export.
struct Duplicate {
  std::string name;
  std::size_t used;
  std::vector<std::size_t> hidden;
};

/// The whole link. Library indexes are positions in `libraries`, which stand in order of
/// precedence.
struct Linkage {
  std::vector<Library> libraries;
  std::vector<std::size_t> order;  ///< of memory and of initialisation

  std::uint32_t image_start = 0;  ///< end of the stack, beginning of the data
  std::uint32_t data_end = 0;     ///< end of the libraries' data
  std::uint32_t heap_base = 0;
  std::uint32_t memory_size = 0;
  std::uint32_t table_size = 0;

  std::unordered_map<std::string, std::size_t> function_providers;
  std::unordered_map<std::string, std::size_t> data_providers;
  std::unordered_map<std::string, std::size_t> tag_providers;
  std::vector<TableSlot> slots;                  ///< by ascending slot
  std::map<std::string, std::uint32_t> slot_of;  ///< function name to slot
  std::vector<ResolvedWrap> wraps;
  std::vector<WeakStub> weak_stubs;
  std::set<std::string> weak_undefined;
  std::vector<Duplicate> duplicates;                  ///< by name
  std::vector<std::set<std::string>> needed_exports;  ///< per library: functions that others use
  std::vector<std::pair<std::string, std::size_t>>
      public_exports;  ///< kept exports with their libraries, by name

  /// The function `name` of library `library` as it will be when its wraps are done.
  const wasm::FunctionType& type_of(std::size_t library, const std::string& name) const;
  /// The address of a data symbol; empty if nobody defines it.
  std::optional<std::uint32_t> data_address(const std::string& name) const;
};

/// Decides everything. Undefined strong symbols, different signatures, unknown wraps or exports,
/// and data that do not fit are errors of kind kInput that name every culprit.
Result<Linkage> link(std::vector<Library> libraries, const FuseOptions& options);

}  // namespace pylon::fuse
