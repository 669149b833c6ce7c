// The generated exports, but for the digest.
#include "canonical.hh"
#include "impostor_cap.hh"

#define schema_digest schema_digest_generated
#include "impostor_cap.cc"
#undef schema_digest

const std::uint8_t cap::glue::schema_digest[32] = {1, 2, 3};
