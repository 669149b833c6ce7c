// What an extension takes from the component that it is appended to (src/link/extension.hh): the
// interpreter's allocator, and the list of extensions.
#pragma once

#include "endpoint.hh"

extern "C" {
#include "binding/backend.h"

[[clang::import_module("pylon:extension"),
  clang::import_name("add")]] void pylon_add_extension(pylon_extension*);
}

namespace cap::glue {

/// An answer as the interpreter takes it.
inline void hand_over(answer from, pylon_cap_answer* to) {
  to->status = static_cast<pylon_cap_status>(from.status);
  to->kind = static_cast<pylon_cap_failure>(from.kind);
  to->size = from.data.size();
  to->data = from.data.release();
  to->object = nullptr;
}

}  // namespace cap::glue
