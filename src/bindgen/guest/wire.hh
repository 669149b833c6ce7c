// The wire format (docs/bindings.md): deterministic CBOR. The reader is given untrusted bytes: it
// stays within them, accepts one form only, and allocates no more than what is left can fill.
#pragma once

#include <bit>
#include <limits>

#include "shapes.hh"

namespace cap::glue {

/// Reads a payload. The first thing that is not as expected makes every read fail.
class reader {
 public:
  explicit reader(std::span<const std::uint8_t> payload)
      : at_(payload.data()), begin_(at_), end_(at_ + payload.size()) {}
  reader(const reader&) = delete;
  reader& operator=(const reader&) = delete;
  ~reader() {
    for (std::size_t i = 0; i < lent_; ++i) loans_[i].end(loans_[i].handle);
    for (const loan& one : more_loans_) one.end(one.handle);
  }

  std::size_t left() const { return static_cast<std::size_t>(end_ - at_); }
  std::size_t position() const { return static_cast<std::size_t>(at_ - begin_); }
  bool at_end() const { return at_ == end_; }
  std::span<const std::uint8_t> whole() const { return {begin_, end_}; }

  /// The next byte; 0xff, which begins nothing, at the end.
  std::uint8_t peek() const { return at_ < end_ ? *at_ : 0xff; }
  void skip() { ++at_; }

  /// A head of this major type, in the shortest form.
  bool head(unsigned major, std::uint64_t& value) {
    if (at_ >= end_ || *at_ >> 5 != major) return false;
    unsigned low = *at_ & 31;
    if (low < 24) {
      ++at_;
      value = low;
      return true;
    }
    return low <= 27 && long_head(low - 24, value);
  }
  /// An array of exactly `count`.
  bool array(std::uint64_t count) {
    std::uint64_t n;
    return head(4, n) && n == count;
  }
  /// `count` bytes as they are.
  bool take(std::uint64_t count, const std::uint8_t*& data) {
    if (count > left()) return false;
    data = at_;
    at_ += count;
    return true;
  }

  /// Notes that `handle` is borrowed until the reader goes away.
  void lend(void (*end)(std::uint32_t), std::uint32_t handle) {
    if (lent_ < std::size(loans_))
      loans_[lent_++] = {end, handle};
    else
      more_loans_.push_back({end, handle});
  }

 private:
  struct loan {
    void (*end)(std::uint32_t);
    std::uint32_t handle;
  };

  bool long_head(unsigned log, std::uint64_t& value) {
    std::size_t size = std::size_t{1} << log;
    if (left() < 1 + size) return false;
    value = 0;
    for (std::size_t i = 1; i <= size; ++i) value = value << 8 | at_[i];
    static constexpr std::uint64_t kLeast[] = {24, 0x100, 0x10000, 0x100000000};
    at_ += 1 + size;
    return value >= kLeast[log];
  }

  const std::uint8_t* at_;
  const std::uint8_t* begin_;
  const std::uint8_t* end_;
  loan loans_[2];
  std::size_t lent_ = 0;
  std::vector<loan> more_loans_;
};

inline std::size_t head_size(std::uint64_t value) {
  return value < 24 ? 1 : value < 0x100 ? 2 : value < 0x10000 ? 3 : value < 0x100000000 ? 5 : 9;
}

template <typename T>
void put_big_endian(std::uint8_t*& p, T value) {
  for (int shift = sizeof(T) * 8 - 8; shift >= 0; shift -= 8)
    *p++ = static_cast<std::uint8_t>(value >> shift);
}

inline void put_head(std::uint8_t*& p, unsigned major, std::uint64_t value) {
  std::uint8_t top = static_cast<std::uint8_t>(major << 5);
  if (value < 24) {
    *p++ = static_cast<std::uint8_t>(top | value);
  } else if (value < 0x100) {
    *p++ = top | 24;
    *p++ = static_cast<std::uint8_t>(value);
  } else if (value < 0x10000) {
    *p++ = top | 25;
    put_big_endian(p, static_cast<std::uint16_t>(value));
  } else if (value < 0x100000000) {
    *p++ = top | 26;
    put_big_endian(p, static_cast<std::uint32_t>(value));
  } else {
    *p++ = top | 27;
    put_big_endian(p, value);
  }
}

inline void put_block(std::uint8_t*& p, const void* data, std::size_t size) {
  if (size) std::memcpy(p, data, size);
  p += size;
}

/// How a T travels: `least` bytes at the least; size(v) at the most; write(p, v); read(in, v).
template <typename T>
struct wire;

template <>
struct wire<bool> {
  static constexpr std::size_t least = 1;
  static std::size_t size(bool) { return 1; }
  static void write(std::uint8_t*& p, bool v) { *p++ = v ? 0xf5 : 0xf4; }
  static bool read(reader& in, bool& v) {
    v = in.peek() == 0xf5;
    if (!v && in.peek() != 0xf4) return false;
    in.skip();
    return true;
  }
};

template <Integer T>
struct wire<T> {
  static constexpr std::size_t least = 1;
  static std::size_t size(T) { return 1 + sizeof(T); }
  static void write(std::uint8_t*& p, T v) {
    if (v < 0)
      put_head(p, 1, static_cast<std::uint64_t>(-(static_cast<std::int64_t>(v) + 1)));
    else
      put_head(p, 0, static_cast<std::uint64_t>(v));
  }
  static bool read(reader& in, T& v) {
    std::uint64_t value;
    constexpr std::uint64_t most = static_cast<std::uint64_t>(std::numeric_limits<T>::max());
    if (std::is_signed_v<T> && in.peek() >> 5 == 1) {
      if (!in.head(1, value) || value > most) return false;
      v = static_cast<T>(-1 - static_cast<std::int64_t>(value));
      return true;
    }
    if (!in.head(0, value) || value > most) return false;
    v = static_cast<T>(value);
    return true;
  }
};

template <typename T>
  requires std::is_floating_point_v<T>
struct wire<T> {
  using Bits = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;
  static constexpr Bits quiet = sizeof(T) == 4 ? Bits(0x7fc00000) : Bits(0x7ff8000000000000);
  static constexpr std::uint8_t mark = sizeof(T) == 4 ? 0xfa : 0xfb;

  static constexpr std::size_t least = 1 + sizeof(T);
  static std::size_t size(T) { return least; }
  static void write(std::uint8_t*& p, T v) {
    *p++ = mark;
    put_big_endian(p, v != v ? quiet : std::bit_cast<Bits>(v));
  }
  static bool read(reader& in, T& v) {
    const std::uint8_t* data;
    if (in.peek() != mark || !in.take(least, data)) return false;
    Bits bits = 0;
    for (std::size_t i = 1; i < least; ++i) bits = static_cast<Bits>(bits << 8 | data[i]);
    v = std::bit_cast<T>(bits);
    return v == v || bits == quiet;
  }
};

template <>
struct wire<char32_t> {
  static constexpr std::size_t least = 1;
  static std::size_t size(char32_t) { return 5; }
  static void write(std::uint8_t*& p, char32_t v) { put_head(p, 0, v); }
  static bool read(reader& in, char32_t& v) {
    std::uint64_t value;
    if (!in.head(0, value) || value > 0x10ffff || (value >= 0xd800 && value < 0xe000)) return false;
    v = static_cast<char32_t>(value);
    return true;
  }
};

bool is_utf8(const std::uint8_t* data, std::size_t size);

template <>
struct wire<std::string_view> {
  static constexpr std::size_t least = 1;
  static std::size_t size(std::string_view v) { return head_size(v.size()) + v.size(); }
  static void write(std::uint8_t*& p, std::string_view v) {
    put_head(p, 3, v.size());
    put_block(p, v.data(), v.size());
  }
  static bool read(reader& in, std::string_view& v) {
    std::uint64_t size;
    const std::uint8_t* data;
    if (!in.head(3, size) || !in.take(size, data) || !is_utf8(data, size)) return false;
    v = {reinterpret_cast<const char*>(data), static_cast<std::size_t>(size)};
    return true;
  }
};

template <>
struct wire<std::span<const std::uint8_t>> {
  static constexpr std::size_t least = 1;
  static std::size_t size(std::span<const std::uint8_t> v) {
    return head_size(v.size()) + v.size();
  }
  static void write(std::uint8_t*& p, std::span<const std::uint8_t> v) {
    put_head(p, 2, v.size());
    put_block(p, v.data(), v.size());
  }
  static bool read(reader& in, std::span<const std::uint8_t>& v) {
    std::uint64_t size;
    const std::uint8_t* data;
    if (!in.head(2, size) || !in.take(size, data)) return false;
    v = {data, static_cast<std::size_t>(size)};
    return true;
  }
};

// What is owned is read as a view, then copied.
template <typename Owned, typename View>
struct wire_of_owned {
  static constexpr std::size_t least = 1;
  static std::size_t size(const Owned& v) { return wire<View>::size(v); }
  static void write(std::uint8_t*& p, const Owned& v) { wire<View>::write(p, v); }
  static bool read(reader& in, Owned& v) {
    View view;
    if (!wire<View>::read(in, view)) return false;
    v = Owned(view);
    return true;
  }
};
template <>
struct wire<std::string> : wire_of_owned<std::string, std::string_view> {};
template <>
struct wire<bytes> : wire_of_owned<bytes, std::span<const std::uint8_t>> {};

/// RFC 8746's tag for a block of these numbers, little-endian.
template <Number T>
inline constexpr std::uint8_t block_tag = std::is_floating_point_v<T> ? (sizeof(T) == 4 ? 85 : 86)
                                          : sizeof(T) == 1            ? 72
                                          : sizeof(T) == 2 ? (std::is_signed_v<T> ? 77 : 69)
                                          : sizeof(T) == 4 ? (std::is_signed_v<T> ? 78 : 70)
                                                           : (std::is_signed_v<T> ? 79 : 71);

// Lists of numbers are one block, all others an array.
template <typename T, typename List>
struct wire_of_list {
  static constexpr std::size_t least = 1;

  static std::size_t size(const List& v) {
    if constexpr (Number<T>) return 2 + head_size(v.size() * sizeof(T)) + v.size() * sizeof(T);
    std::size_t out = head_size(v.size());
    for (std::size_t i = 0; i < v.size(); ++i) out += wire<T>::size(v[i]);
    return out;
  }
  static void write(std::uint8_t*& p, const List& v) {
    if constexpr (Number<T>) {
      put_head(p, 6, block_tag<T>);
      put_head(p, 2, v.size() * sizeof(T));
      put_block(p, v.data(), v.size() * sizeof(T));
    } else {
      put_head(p, 4, v.size());
      for (std::size_t i = 0; i < v.size(); ++i) wire<T>::write(p, v[i]);
    }
  }
};

template <typename T>
struct wire<std::span<const T>> : wire_of_list<T, std::span<const T>> {};

template <typename T>
struct wire<std::vector<T>> : wire_of_list<T, std::vector<T>> {
  static bool read(reader& in, std::vector<T>& v) {
    std::uint64_t n;
    if constexpr (Number<T>) {
      const std::uint8_t* data;
      if (!in.head(6, n) || n != block_tag<T> || !in.head(2, n) || n % sizeof(T) != 0 ||
          !in.take(n, data))
        return false;
      v.resize(n / sizeof(T));
      if (n) std::memcpy(v.data(), data, n);
      return true;
    } else {
      if (!in.head(4, n) || n > in.left() / wire<T>::least) return false;
      v.reserve(n);
      for (; n > 0; --n) {
        T one{};
        if (!wire<T>::read(in, one)) return false;
        v.push_back(std::move(one));
      }
      return true;
    }
  }
};

template <typename T>
struct wire<std::optional<T>> {
  static constexpr std::size_t least = 1;
  static std::size_t size(const std::optional<T>& v) {
    return v ? is_optional<T> + wire<T>::size(*v) : 1;
  }
  static void write(std::uint8_t*& p, const std::optional<T>& v) {
    if (!v) {
      *p++ = 0xf6;
      return;
    }
    if (is_optional<T>) put_head(p, 4, 1);
    wire<T>::write(p, *v);
  }
  static bool read(reader& in, std::optional<T>& v) {
    v.reset();
    if (in.peek() == 0xf6) {
      in.skip();
      return true;
    }
    if (is_optional<T> && !in.array(1)) return false;
    return wire<T>::read(in, v.emplace());
  }
};

// The fields of a record or tuple.
template <typename... T>
struct wire_of_fields {
  static constexpr std::size_t least = 1 + (wire<T>::least + ... + 0);
  static std::size_t size(const T&... v) {
    return head_size(sizeof...(T)) + (wire<T>::size(v) + ... + 0);
  }
  static void write(std::uint8_t*& p, const T&... v) {
    put_head(p, 4, sizeof...(T));
    (wire<T>::write(p, v), ...);
  }
  static bool read(reader& in, T&... v) {
    return in.array(sizeof...(T)) && (wire<T>::read(in, v) && ...);
  }
};

template <typename... T>
struct wire<std::tuple<T...>> {
  using Fields = wire_of_fields<T...>;
  static constexpr std::size_t least = Fields::least;
  static std::size_t size(const std::tuple<T...>& v) { return std::apply(Fields::size, v); }
  static void write(std::uint8_t*& p, const std::tuple<T...>& v) {
    std::apply([&](const T&... field) { Fields::write(p, field...); }, v);
  }
  static bool read(reader& in, std::tuple<T...>& v) {
    return std::apply([&](T&... field) { return Fields::read(in, field...); }, v);
  }
};

template <typename Members>
struct fields_of;
template <typename Class, typename... T>
struct fields_of<std::tuple<T Class::*...>> {
  using type = wire_of_fields<T...>;
};

template <Record R>
struct wire<R> {
  using Fields = typename fields_of<std::remove_cvref_t<decltype(record<R>::fields)>>::type;
  static constexpr std::size_t least = Fields::least;
  static std::size_t size(const R& v) {
    return with_fields<R>(v, [](const auto&... field) { return Fields::size(field...); });
  }
  static void write(std::uint8_t*& p, const R& v) {
    with_fields<R>(v, [&](const auto&... field) { Fields::write(p, field...); });
  }
  static bool read(reader& in, R& v) {
    return with_fields<R>(v, [&](auto&... field) { return Fields::read(in, field...); });
  }
};

template <Enum E>
struct wire<E> {
  static constexpr std::size_t least = 1;
  static std::size_t size(E) { return 5; }
  static void write(std::uint8_t*& p, E v) { put_head(p, 0, static_cast<std::uint32_t>(v)); }
  static bool read(reader& in, E& v) {
    std::uint64_t index;
    if (!in.head(0, index) || index >= enum_cases<E>) return false;
    v = static_cast<E>(index);
    return true;
  }
};

template <Flags F>
struct wire<F> {
  static constexpr std::size_t least = 1;
  static std::size_t size(F) { return 5; }
  static void write(std::uint8_t*& p, F v) { put_head(p, 0, v.bits & known_flags<F>); }
  static bool read(reader& in, F& v) {
    std::uint64_t bits;
    if (!in.head(0, bits) || bits > known_flags<F>) return false;
    v.bits = static_cast<decltype(v.bits)>(bits);
    return true;
  }
};

// One case of a variant or result: its index alone, or with its payload.
template <typename Payload>
struct wire_of_case {
  static std::size_t size(const Payload& v) { return 1 + 5 + wire<Payload>::size(v); }
  static void write(std::uint8_t*& p, std::size_t index, const Payload& v) {
    put_head(p, 4, 2);
    put_head(p, 0, index);
    wire<Payload>::write(p, v);
  }
};

inline void put_bare_case(std::uint8_t*& p, std::size_t index) {
  put_head(p, 0, index);
}

// The index of a case and whether a payload follows.
inline bool read_case(reader& in, std::uint64_t& index, bool& payload) {
  payload = in.peek() >> 5 == 4;
  return (!payload || in.array(2)) && in.head(0, index);
}

template <Variant V>
struct wire<V> {
  using Cases = decltype(V::value);
  static constexpr std::size_t count = std::variant_size_v<Cases>;
  template <std::size_t I>
  using Case = std::variant_alternative_t<I, Cases>;
  template <std::size_t I>
  using Payload = typename payload_of<Case<I>>::type;

  static constexpr std::size_t least = 1;
  static std::size_t size(const V& v) { return size_at(v, std::make_index_sequence<count>()); }
  static void write(std::uint8_t*& p, const V& v) {
    write_at(p, v, std::make_index_sequence<count>());
  }
  static bool read(reader& in, V& v) {
    std::uint64_t index;
    bool payload;
    return read_case(in, index, payload) &&
           read_at(in, v, index, payload, std::make_index_sequence<count>());
  }

 private:
  template <std::size_t... I>
  static std::size_t size_at(const V& v, std::index_sequence<I...>) {
    std::size_t out = 5;
    auto one = [&]<std::size_t J>(std::integral_constant<std::size_t, J>) {
      if constexpr (!std::is_void_v<Payload<J>>)
        if (auto* c = std::get_if<J>(&v.value)) out = wire_of_case<Payload<J>>::size(c->value);
    };
    (one(std::integral_constant<std::size_t, I>()), ...);
    return out;
  }
  template <std::size_t... I>
  static void write_at(std::uint8_t*& p, const V& v, std::index_sequence<I...>) {
    auto one = [&]<std::size_t J>(std::integral_constant<std::size_t, J>) {
      auto* c = std::get_if<J>(&v.value);
      if (!c) return;
      if constexpr (std::is_void_v<Payload<J>>)
        put_bare_case(p, J);
      else
        wire_of_case<Payload<J>>::write(p, J, c->value);
    };
    (one(std::integral_constant<std::size_t, I>()), ...);
  }
  template <std::size_t... I>
  static bool read_at(reader& in, V& v, std::uint64_t index, bool payload,
                      std::index_sequence<I...>) {
    auto one = [&]<std::size_t J>(std::integral_constant<std::size_t, J>) {
      if (index != J || payload == std::is_void_v<Payload<J>>) return false;
      auto& c = v.value.template emplace<J>();
      if constexpr (!std::is_void_v<Payload<J>>) return wire<Payload<J>>::read(in, c.value);
      return true;
    };
    return (one(std::integral_constant<std::size_t, I>()) || ...);
  }
};

template <typename T, typename E>
struct wire<result<T, E>> {
  using R = result<T, E>;
  static constexpr std::size_t least = 1;
  static std::size_t size(const R& v) {
    if constexpr (!std::is_void_v<T>)
      if (v) return wire_of_case<T>::size(*v);
    if constexpr (!std::is_void_v<E>)
      if (!v) return wire_of_case<E>::size(v.error());
    return 1;
  }
  static void write(std::uint8_t*& p, const R& v) {
    if constexpr (!std::is_void_v<T>)
      if (v) return wire_of_case<T>::write(p, 0, *v);
    if constexpr (!std::is_void_v<E>)
      if (!v) return wire_of_case<E>::write(p, 1, v.error());
    put_bare_case(p, v ? 0 : 1);
  }
  static bool read(reader& in, R& v) {
    std::uint64_t index;
    bool payload;
    if (!read_case(in, index, payload) || index > 1) return false;
    return index == 0 ? read_ok(in, v, payload) : read_err(in, v, payload);
  }

 private:
  static bool read_ok(reader& in, R& v, bool payload) {
    if (payload == std::is_void_v<T>) return false;
    typename R::ok_type value{};
    if constexpr (!std::is_void_v<T>)
      if (!wire<T>::read(in, value)) return false;
    v = R(std::move(value));
    return true;
  }
  static bool read_err(reader& in, R& v, bool payload) {
    if (payload == std::is_void_v<E>) return false;
    typename R::err_type value{};
    if constexpr (!std::is_void_v<E>)
      if (!wire<E>::read(in, value)) return false;
    v = R(failure<typename R::err_type>{std::move(value)});
    return true;
  }
};

/// The objects of a resource that consumers hold over the wire.
template <Resource R>
class handles {
 public:
  static std::uint32_t add(std::unique_ptr<R> object) {
    if (!object) __builtin_trap();  // the cap gave no object
    if (free_ == 0) {
      slots_.push_back({std::move(object), 0, 0});
      return static_cast<std::uint32_t>(slots_.size());
    }
    std::uint32_t handle = free_;
    slot& place = slots_[handle - 1];
    free_ = place.next;
    place = {std::move(object), 0, 0};
    return handle;
  }
  /// The object, lent until `in` goes away; nullptr if there is none.
  static R* lend(reader& in, std::uint32_t handle) {
    slot* place = find(handle);
    if (!place) return nullptr;
    ++place->lent;
    in.lend([](std::uint32_t h) { --slots_[h - 1].lent; }, handle);
    return place->object.get();
  }
  /// The object, no longer held here; nullptr if there is none or if it is lent.
  static std::unique_ptr<R> take(std::uint32_t handle) {
    slot* place = find(handle);
    if (!place || place->lent) return nullptr;
    place->next = free_;
    free_ = handle;
    return std::move(place->object);
  }

 private:
  struct slot {
    std::unique_ptr<R> object;
    std::uint32_t lent, next;
  };
  static slot* find(std::uint32_t handle) {
    if (handle == 0 || handle > slots_.size() || !slots_[handle - 1].object) return nullptr;
    return &slots_[handle - 1];
  }

  static inline std::vector<slot> slots_;
  static inline std::uint32_t free_ = 0;
};

template <Resource R>
struct wire<std::unique_ptr<R>> {
  static constexpr std::size_t least = 1;
  static std::size_t size(const std::unique_ptr<R>&) { return 5; }
  // Writing hands the object out: the value that is written is a result that nobody else looks at.
  static void write(std::uint8_t*& p, const std::unique_ptr<R>& v) {
    put_head(p, 0, handles<R>::add(std::move(const_cast<std::unique_ptr<R>&>(v))));
  }
  static bool read(reader& in, std::unique_ptr<R>& v) {
    std::uint32_t handle;
    if (!wire<std::uint32_t>::read(in, handle)) return false;
    v = handles<R>::take(handle);
    return v != nullptr;
  }
};

template <Resource R>
struct wire<R*> {
  static constexpr std::size_t least = 1;
  static bool read(reader& in, R*& v) {
    std::uint32_t handle;
    if (!wire<std::uint32_t>::read(in, handle)) return false;
    v = handles<R>::lend(in, handle);
    return v != nullptr;
  }
};

}  // namespace cap::glue
