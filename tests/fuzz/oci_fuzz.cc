// Fuzz target: any bytes as the index and as a manifest of an OCI layout.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "compose/oci_layout.hh"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pylon::compose;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const auto& parsed : {parse_oci_index(text), parse_oci_manifest(text)}) {
    if (!parsed) continue;
    for (const OciDescriptor& one : *parsed)
      if (one.media_type.empty() || one.size > BlobStore::kLargestBlob) __builtin_trap();
  }
  return 0;
}
