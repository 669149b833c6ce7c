// The types of a component, as far as one has to read them to know which instances hold nothing but
// types. Format: https://github.com/WebAssembly/component-model/blob/main/design/mvp/Binary.md
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "wasm/cursor.hh"
#include "wasm/writer.hh"

namespace pylon::wasm {

/// What an import or an export is: its sort (0x01 function, 0x03 type, 0x05 instance...) and, where
/// there is one, the index of its type.
struct ComponentExtern {
  static constexpr std::uint8_t kFunction = 0x01;
  static constexpr std::uint8_t kType = 0x03;
  static constexpr std::uint8_t kInstance = 0x05;

  std::uint8_t sort = 0;
  std::uint32_t index = 0;
  bool is_resource = false;  ///< a type that is a new resource
};

/// Where the type of an index is to be found instead.
using IndexMap = std::function<Result<std::uint32_t>(std::uint32_t)>;

/// Reads a type of values, functions or resources, and writes it with the indices that `map` gives.
Result<void> copy_type(Cursor& in, Writer& out, const IndexMap& map);

/// Reads a type of any kind.
Result<void> skip_type(Cursor& in);

/// Reads importname' or exportname'.
Result<std::string> read_extern_name(Cursor& in);

/// Reads externdesc.
Result<ComponentExtern> read_extern_type(Cursor& in);

/// A component's index space of types. What adds to it has to be given to it in the order of the
/// sections.
class ComponentTypes {
 public:
  /// The body of a type section.
  Result<void> add_types(Cursor in);
  /// The body of an alias section.
  Result<void> add_aliases(Cursor in);
  /// An imported or exported type.
  void add_type() { types_only_.push_back(false); }

  /// True if that type is one of instances that have no functions and no resources.
  bool is_types_only(std::uint32_t index) const {
    return index < types_only_.size() && types_only_[index];
  }

 private:
  std::vector<bool> types_only_;
};

}  // namespace pylon::wasm
