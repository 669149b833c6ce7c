// An answer as compose:dynlink hands it over in memory.
#pragma once

#include "endpoint.hh"

namespace cap::glue {

/// result<list<u8>, error> by the canonical ABI.
struct stored_answer {
  std::uint8_t is_error, pad1[3];
  union {
    struct {
      std::uint8_t* data;
      std::size_t size;
    } ok;
    struct {
      std::uint8_t is_failed, pad2[3];
      union {
        struct {
          std::uint8_t* data;
          std::size_t size;
        } returned;
        struct {
          std::uint8_t kind, pad3[3];
          std::uint8_t* message;
          std::size_t size;
        } failed;
      };
    } error;
  };
};
static_assert(sizeof(void*) != 4 || sizeof(stored_answer) == 20);

}  // namespace cap::glue
