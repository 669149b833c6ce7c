// A schema as the contract has it, a list of fields in pre-order, and as nanoarrow has it, a tree.
#pragma once

#include <optional>

#include "arrow_core_cap.hh"
#include "owned.hh"

namespace arrow {

/// How deep types may be nested.
constexpr int kDeepest = 64;

/// The fields of a schema; of dictionaries, what `encodings` knows.
cap::result<std::vector<cap::metadata::field>, cap::problems::error> fields_of(
    const ArrowSchema& schema, const ArrowIpcDictionaryEncodings& encodings);

/// Makes the tree. What has no format or not the children that it should have is an error.
std::optional<cap::problems::error> tree_of(std::span<const cap::metadata::field> fields,
                                            ArrowSchema& schema);

}  // namespace arrow
