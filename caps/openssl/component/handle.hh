// OpenSSL's objects as values that free themselves.
#pragma once

#include <memory>

namespace cap {

template <auto release>
struct Releaser {
  template <typename T>
  void operator()(T* object) const {
    release(object);
  }
};

/// An object of OpenSSL that is freed by `release`.
template <typename T, auto release>
using Handle = std::unique_ptr<T, Releaser<release>>;

}  // namespace cap
