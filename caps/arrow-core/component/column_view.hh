// A column of the contract as nanoarrow sees it: checked in full before anything is read from it.
#pragma once

#include <optional>

#include "arrow_core_cap.hh"
#include "owned.hh"

namespace arrow {

/// Makes `schema` one field of a format without children; an error if there is no such format.
std::optional<cap::problems::error> schema_of(std::string_view format, ArrowSchema& schema);

/// Makes `view` an array over the column's buffers, which must outlive it.
std::optional<cap::problems::error> view_of(const cap::values::column& column,
                                            ArrowArrayView& view);

}  // namespace arrow
