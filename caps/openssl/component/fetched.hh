// Algorithms by their names, looked up once.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "handle.hh"

namespace cap {

/// What `fetch` found by a name stays: OpenSSL's own way there is longer than a short message's
/// digest.
template <typename T, auto fetch, auto release>
class Fetched {
 public:
  /// Null if there is no algorithm of this name.
  T* find(std::string_view name) {
    for (const Entry& entry : entries_)
      if (entry.name == name) return entry.method.get();
    Entry made{std::string(name), nullptr};
    made.method.reset(fetch(nullptr, made.name.c_str(), nullptr));
    T* method = made.method.get();
    if (method && entries_.size() < kMost) return entries_.push_back(std::move(made)), method;
    last_ = std::move(made.method);
    return method;
  }

 private:
  static constexpr std::size_t kMost = 32;
  struct Entry {
    std::string name;
    Handle<T, release> method;
  };

  std::vector<Entry> entries_;
  Handle<T, release> last_;  // one for which there is no place
};

}  // namespace cap
