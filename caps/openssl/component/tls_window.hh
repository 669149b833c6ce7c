// The two ends of a connection during one call: bytes that were offered, bytes to be sent.
#pragma once

#include <openssl/bio.h>

#include <span>

#include "cap.hh"

namespace cap::tls {

struct Window {
  std::span<const std::uint8_t> incoming;
  bool ended = false;
  /// How many bytes were asked for in vain.
  std::size_t wanted = 0;
  bytes outgoing;
  /// May keep bytes back: given a record's header and body, says whether OpenSSL may have the body.
  bool (*inspect)(void* self, std::span<const std::uint8_t> header,
                  std::span<const std::uint8_t> body) = nullptr;
  void* inspector = nullptr;
  /// The header that was read last, whose body is next.
  std::uint8_t header[5] = {};
  std::size_t body_size = 0;
};

/// A BIO over the window, which has to outlive it.
BIO* window_bio(Window* window);

}  // namespace cap::tls
