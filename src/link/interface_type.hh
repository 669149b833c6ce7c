// The type of an interface that components import, as a list of declarations, and the union of
// several such types: components of one build import of `wasi:io/streams` what each of them calls.
// Format: https://github.com/WebAssembly/component-model/blob/main/design/mvp/Binary.md
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "wasm/component.hh"
#include "wasm/writer.hh"

namespace pylon::link {

/// A type that an interface takes over from another one: `use io.{pollable}`.
struct ForeignType {
  std::string interface;  ///< the other one's import name
  std::string name;       ///< of the type there

  auto operator<=>(const ForeignType&) const = default;
};

/// The type of an imported instance. Indices in it count the declarations that define types.
class InterfaceType {
 public:
  explicit InterfaceType(std::string name) : name_(std::move(name)) {}

  /// The import's name: "wasi:io/streams@0.2.0".
  const std::string& name() const { return name_; }

  /// The interfaces whose types this one takes over, each once.
  std::vector<std::string> needs() const;

  /// Where a type that this interface exports comes from, if it is another interface's.
  std::optional<ForeignType> origin(std::string_view type) const;

  /// Adds what an instance type (its bytes after the opening 0x42) declares. `foreign` tells what a
  /// type of the component around is, by its index. A name that is there already with another type,
  /// or a declaration that interfaces do not have, is an error that names it.
  Result<void> add(wasm::Cursor& in,
                   const std::function<Result<ForeignType>(std::uint32_t)>& foreign);

  /// The whole type. `index_of` tells the index of a foreign type in the component around.
  Bytes encode(const std::function<std::uint32_t(const ForeignType&)>& index_of) const;

 private:
  struct Declaration {
    enum class Kind { kType, kForeign, kTypeName, kFunction };
    Kind kind = Kind::kType;
    Bytes type;                          // kType: encoded, with indices of this interface
    ForeignType foreign;                 // kForeign
    std::string name;                    // kTypeName, kFunction
    std::optional<std::uint32_t> index;  // kFunction: its type; kTypeName: what it is equal to, or
                                         // none for a resource

    bool operator==(const Declaration&) const = default;
  };

  bool defines_type(const Declaration& declaration) const {
    return declaration.kind != Declaration::Kind::kFunction;
  }
  Result<std::uint32_t> put(Declaration declaration);

  std::string name_;
  std::vector<Declaration> declarations_;
  std::uint32_t types_ = 0;
};

}  // namespace pylon::link
