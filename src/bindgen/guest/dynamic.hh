// Values whose types are known only when they come: what `_pylon_caps.dumps()` writes and
// `_pylon_caps.loads()` reads (docs/bindings.md, "Values of any type").
#pragma once

#include <algorithm>
#include <cstdlib>

#include "wire.hh"

namespace cap::dynamic {

enum class kind : std::uint8_t { null, boolean, integer, large, real, text, blob, array };

/// One value as it lies in a payload; of an array its head, the elements follow.
struct value {
  dynamic::kind kind;
  union {
    bool boolean;
    std::int64_t integer;
    std::uint64_t large;  ///< above the largest int64_t
    double real;
    std::uint64_t count;  ///< of an array
  };
  std::span<const std::uint8_t> data;  ///< of a text (UTF-8) or a blob

  std::string_view text() const {
    return {reinterpret_cast<const char*>(data.data()), data.size()};
  }
};

/// Reads one value or the head of an array; false if there is none in the one valid form.
inline bool read(glue::reader& in, value& out) {
  out.data = {};
  switch (in.peek() >> 5) {
    case 0:
      if (!in.head(0, out.large)) return false;
      out.kind = out.large >> 63 ? kind::large : kind::integer;
      return true;
    case 1: {
      std::uint64_t number;
      if (!in.head(1, number) || number >> 63) return false;
      out.kind = kind::integer;
      out.integer = -1 - static_cast<std::int64_t>(number);
      return true;
    }
    case 2:
      out.kind = kind::blob;
      return glue::wire<std::span<const std::uint8_t>>::read(in, out.data);
    case 3: {
      std::string_view text;
      if (!glue::wire<std::string_view>::read(in, text)) return false;
      out.kind = kind::text;
      out.data = {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
      return true;
    }
    case 4:
      out.kind = kind::array;
      return in.head(4, out.count) && out.count <= in.left();
    case 7:
      if (in.peek() == 0xf6) {
        in.skip();
        out.kind = kind::null;
        return true;
      }
      if (in.peek() == 0xfb) {
        out.kind = kind::real;
        return glue::wire<double>::read(in, out.real);
      }
      out.kind = kind::boolean;
      return glue::wire<bool>::read(in, out.boolean);
    default:
      return false;
  }
}

/// Reads past one value and all that is in it, at most 64 levels deep.
inline bool skip(glue::reader& in, unsigned depth = 0) {
  value one;
  if (depth > 64 || !read(in, one)) return false;
  for (std::uint64_t i = 0; one.kind == kind::array && i < one.count; ++i)
    if (!skip(in, depth + 1)) return false;
  return true;
}

/// Writes values, one after the other, into memory that grows. When there is no more memory, it
/// writes nothing further and says so at the end.
class writer {
 public:
  writer() = default;
  writer(const writer&) = delete;
  writer& operator=(const writer&) = delete;
  ~writer() { std::free(data_); }

  std::size_t size() const { return size_; }
  bool failed() const { return failed_; }
  /// Forgets what was written after the first `size` bytes.
  void shrink(std::size_t size) { size_ = size; }

  void null() { byte(0xf6); }
  void boolean(bool v) { byte(v ? 0xf5 : 0xf4); }
  void integer(std::int64_t v) { put(v); }
  void large(std::uint64_t v) { put(v); }
  void real(double v) { put(v); }
  void text(std::string_view v) { put(v); }  ///< has to be valid UTF-8
  void blob(std::span<const std::uint8_t> v) { put(v); }
  void array(std::uint64_t count) { head(4, count); }

  /// All that was written, as the elements of one array of `count`.
  bool finish(std::uint64_t count, bytes& out) {
    const std::size_t size = glue::head_size(count);
    if (!room(size)) return false;
    std::memmove(data_ + size, data_, size_);
    std::uint8_t* p = data_;
    glue::put_head(p, 4, count);
    return size_ += size, finish(out);
  }
  /// All that was written.
  bool finish(bytes& out) {
    if (failed_) return false;
    out = bytes::adopt(std::exchange(data_, nullptr), size_);
    size_ = capacity_ = 0;
    return true;
  }

 private:
  template <typename T>
  void put(const T& v) {
    if (!room(glue::wire<T>::size(v))) return;
    std::uint8_t* p = data_ + size_;
    glue::wire<T>::write(p, v);
    size_ = static_cast<std::size_t>(p - data_);
  }
  void byte(std::uint8_t v) {
    if (room(1)) data_[size_++] = v;
  }
  void head(unsigned major, std::uint64_t v) {
    if (!room(9)) return;
    std::uint8_t* p = data_ + size_;
    glue::put_head(p, major, v);
    size_ = static_cast<std::size_t>(p - data_);
  }
  bool room(std::size_t more) { return (!failed_ && capacity_ - size_ >= more) || grow(more); }
  bool grow(std::size_t more) {
    if (failed_ || more > SIZE_MAX / 4 || size_ > SIZE_MAX / 4) return failed_ = true, false;
    const std::size_t wanted = std::max<std::size_t>({size_ + more, capacity_ * 2, 256});
    void* grown = std::realloc(data_, wanted);
    if (!grown) return failed_ = true, false;
    data_ = static_cast<std::uint8_t*>(grown);
    capacity_ = wanted;
    return true;
  }

  std::uint8_t* data_ = nullptr;
  std::size_t size_ = 0, capacity_ = 0;
  bool failed_ = false;
};

}  // namespace cap::dynamic
