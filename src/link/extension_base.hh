// The core module that extensions are appended to.
#pragma once

#include <string>

#include "link/index_spaces.hh"
#include "wasm/module.hh"

namespace pylon::link {

/// What functions for extensions are called among the exports of the base: this and their name.
inline constexpr const char* kForExtensions = "extension/";
/// What the appended component calls the table and the stack pointer of the base.
inline constexpr const char* kTableExport = "extension/table";
inline constexpr const char* kStackExport = "extension/stack-pointer";

/// The base's core module, and room behind its memory and its table.
class ExtensionBase {
 public:
  /// Finds the core module that has functions for extensions. A component without one, or one whose
  /// module has not the form of python.wasm, is kInput.
  static Result<ExtensionBase> find(const wasm::Component& component, const IndexSpaces& spaces);

  /// The section that holds the module, and the core instance that is made of it.
  std::size_t section() const { return section_; }
  std::uint32_t instance() const { return instance_; }
  bool exports(const std::string& name) const { return module_.find_export(name) != nullptr; }

  /// Room for data or table slots, aligned to 2^alignment; where it begins. More than there can be
  /// is kInput.
  Result<std::uint32_t> take_memory(std::uint32_t size, std::uint32_t alignment);
  Result<std::uint32_t> take_table(std::uint32_t size, std::uint32_t alignment);

  /// The module with memory and table as large as what was taken, and with their exports.
  Bytes grown() const;

 private:
  explicit ExtensionBase(wasm::Module module) : module_(std::move(module)) {}
  Result<void> check_form();

  wasm::Module module_;
  std::size_t section_ = 0;
  std::uint32_t instance_ = 0;
  std::uint32_t stack_pointer_ = 0;
  std::uint64_t memory_end_ = 0, table_end_ = 0;
};

}  // namespace pylon::link
