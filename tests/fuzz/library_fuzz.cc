// The archive of a library: read back, and merged with itself, from any bytes.
#include <cstdint>
#include <cstdlib>

#include "link/library_archive.hh"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using pylon::link::LibraryArchive;
  auto archive = LibraryArchive::parse(pylon::Bytes(data, data + size), "fuzz");
  if (!archive) return 0;
  const pylon::Bytes encoded = archive->encode();
  auto again = LibraryArchive::parse(encoded, "again");
  if (!again || again->encode() != encoded) std::abort();
  if (again->merge(*archive).has_value() != archive->paths().empty()) std::abort();
  return 0;
}
