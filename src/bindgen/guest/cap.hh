// What the author of a cap's component writes with: values that cross the boundary
// (docs/bindings.md). Compiled for WebAssembly, without exceptions and RTTI.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace cap {

/// A byte string that owns its memory. As a result it is handed out without a copy. Running out of
/// memory traps.
class bytes {
 public:
  bytes() = default;
  /// `size` bytes that are not initialised.
  explicit bytes(std::size_t size) { resize(size); }
  /// A copy.
  explicit bytes(std::span<const std::uint8_t> from) { append(from); }
  bytes(bytes&& from) noexcept { swap(from); }
  bytes& operator=(bytes&& from) noexcept {
    swap(from);
    return *this;
  }
  bytes(const bytes& from) { append(from); }
  bytes& operator=(const bytes& from) {
    bytes copy(from);
    swap(copy);
    return *this;
  }
  ~bytes() { std::free(data_); }

  /// Takes over memory from malloc().
  static bytes adopt(std::uint8_t* data, std::size_t size) {
    bytes out;
    out.data_ = data;
    out.size_ = out.capacity_ = size;
    return out;
  }
  /// Gives the memory away: free() it.
  std::uint8_t* release() {
    size_ = capacity_ = 0;
    return std::exchange(data_, nullptr);
  }

  std::uint8_t* data() { return data_; }
  const std::uint8_t* data() const { return data_; }
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  std::uint8_t& operator[](std::size_t i) { return data_[i]; }
  const std::uint8_t& operator[](std::size_t i) const { return data_[i]; }
  std::uint8_t* begin() { return data_; }
  std::uint8_t* end() { return data_ + size_; }
  const std::uint8_t* begin() const { return data_; }
  const std::uint8_t* end() const { return data_ + size_; }

  /// Makes room for `capacity` bytes in all.
  void reserve(std::size_t capacity) {
    if (capacity <= capacity_) return;
    void* grown = std::realloc(data_, capacity);
    if (!grown) __builtin_trap();
    data_ = static_cast<std::uint8_t*>(grown);
    capacity_ = capacity;
  }
  /// New bytes are not initialised.
  void resize(std::size_t size) {
    reserve(size);
    size_ = size;
  }
  /// The same, but says whether there was memory for it: for sizes that come from outside.
  [[nodiscard]] bool try_resize(std::size_t size) {
    if (size > capacity_) {
      void* grown = std::realloc(data_, size);
      if (!grown) return false;
      data_ = static_cast<std::uint8_t*>(grown);
      capacity_ = size;
    }
    size_ = size;
    return true;
  }
  /// Adds at the end; the memory at least doubles when it grows.
  void append(std::span<const std::uint8_t> more) {
    if (more.size() > SIZE_MAX - size_) __builtin_trap();
    std::size_t wanted = size_ + more.size();
    if (wanted > capacity_)
      reserve(capacity_ <= SIZE_MAX / 2 && wanted < capacity_ * 2 ? capacity_ * 2 : wanted);
    if (!more.empty()) std::memcpy(data_ + size_, more.data(), more.size());
    size_ = wanted;
  }
  void swap(bytes& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(capacity_, other.capacity_);
  }
  bool operator==(const bytes& other) const {
    return size_ == other.size_ && (size_ == 0 || std::memcmp(data_, other.data_, size_) == 0);
  }

 private:
  std::uint8_t* data_ = nullptr;
  std::size_t size_ = 0, capacity_ = 0;
};

/// The error of a result on its way: `return cap::err(code::broken);`
template <typename E>
struct failure {
  E value;
};
template <typename E>
failure<std::decay_t<E>> err(E&& value) {
  return {std::forward<E>(value)};
}
inline failure<std::monostate> err() {
  return {};
}

/// WIT's result<T, E>; either may be void.
template <typename T, typename E>
class [[nodiscard]] result {
 public:
  using ok_type = std::conditional_t<std::is_void_v<T>, std::monostate, T>;
  using err_type = std::conditional_t<std::is_void_v<E>, std::monostate, E>;

  result() = default;  ///< the default of T
  template <typename U>
    requires(std::is_constructible_v<ok_type, U &&> &&
             !std::is_same_v<std::remove_cvref_t<U>, result>)
  result(U&& value) : value_(std::in_place_index<0>, std::forward<U>(value)) {}
  template <typename U>
    requires std::is_constructible_v<err_type, U&&>
  result(failure<U> error) : value_(std::in_place_index<1>, std::move(error.value)) {}

  bool has_value() const { return value_.index() == 0; }
  explicit operator bool() const { return has_value(); }
  /// Traps if it is an error.
  ok_type& operator*() { return get<0>(value_); }
  const ok_type& operator*() const { return get<0>(value_); }
  ok_type* operator->() { return &get<0>(value_); }
  /// Traps if it is a value.
  err_type& error() { return get<1>(value_); }
  const err_type& error() const { return get<1>(value_); }

 private:
  template <std::size_t I, typename V>
  static auto& get(V& variant) {
    auto* value = std::get_if<I>(&variant);
    if (!value) __builtin_trap();
    return *value;
  }

  std::variant<ok_type, err_type> value_;
};

/// What a callback came to. Without a value, the consumer's function raised an exception or could
/// not be called: clean up and return anything, the consumer gets its own exception.
template <typename T>
class [[nodiscard]] outcome {
 public:
  using value_type = std::conditional_t<std::is_void_v<T>, std::monostate, T>;

  outcome() = default;
  outcome(value_type value) : value_(std::move(value)) {}

  explicit operator bool() const { return value_.has_value(); }
  value_type& operator*() { return *value_; }
  value_type* operator->() { return &*value_; }

 private:
  std::optional<value_type> value_;
};

/// After a callback without a value: go on as if nothing had happened. Until then no other callback
/// is made.
void forget_failure();

}  // namespace cap
