// The schema of a contract: what a consumer builds its side from (docs/bindings.md).
#pragma once

#include "base/file.hh"
#include "bindgen/contract.hh"

namespace pylon::bindgen {

/// The schema, one deterministic CBOR document.
Bytes schema_of(const Contract& contract);

/// The schema as indented JSON, for people.
std::string schema_text(const Contract& contract);

}  // namespace pylon::bindgen
