// The component model's canonical ABI: how values lie in memory and in flat parameters, and the
// typed exports over it.
#pragma once

#include <algorithm>
#include <bit>

#include "endpoint.hh"

namespace cap::glue {

/// A flat parameter of any core type, as its bits: so the types that variants join need no care.
using slot = std::uint64_t;
inline slot slot_of(std::int32_t v) {
  return static_cast<std::uint32_t>(v);
}
inline slot slot_of(std::int64_t v) {
  return static_cast<std::uint64_t>(v);
}
inline slot slot_of(float v) {
  return std::bit_cast<std::uint32_t>(v);
}
inline slot slot_of(double v) {
  return std::bit_cast<std::uint64_t>(v);
}

/// Frees what the caller passed in memory when the call is over.
class arguments {
 public:
  arguments() : outer_(current_) { current_ = this; }
  arguments(const arguments&) = delete;
  arguments& operator=(const arguments&) = delete;
  ~arguments() {
    for (void* memory : memory_) std::free(memory);
    current_ = outer_;
  }
  static void adopt(const void* memory, std::size_t size) {
    if (size) current_->memory_.push_back(const_cast<void*>(memory));
  }

 private:
  static inline arguments* current_ = nullptr;
  arguments* outer_;
  std::vector<void*> memory_;
};

/// What was handed out in memory, until the caller says that it has read it.
inline std::vector<void*> returned_memory;
inline std::uint8_t* return_copy(const void* data, std::size_t size) {
  if (size == 0) return nullptr;
  void* memory = std::malloc(size);
  if (!memory) __builtin_trap();
  returned_memory.push_back(memory);
  return static_cast<std::uint8_t*>(data ? std::memcpy(memory, data, size) : memory);
}
inline void free_returned() {
  for (void* memory : returned_memory) std::free(memory);
  returned_memory.clear();
}

constexpr std::size_t align_up(std::size_t offset, std::size_t align) {
  return (offset + align - 1) / align * align;
}

template <typename T>
T raw_load(const std::uint8_t* p) {
  T v;
  std::memcpy(&v, p, sizeof(T));
  return v;
}
template <typename T>
void raw_store(std::uint8_t* p, T v) {
  std::memcpy(p, &v, sizeof(T));
}

/// How a T lies in memory (size, align, load, store) and in flat parameters (flat slots, lift).
template <typename T>
struct abi;

template <typename T>
  requires Number<T> || std::is_same_v<T, char32_t> || std::is_same_v<T, bool>
struct abi<T> {
  static constexpr std::size_t size = sizeof(T), align = sizeof(T), flat = 1;
  static T load(const std::uint8_t* p) {
    if constexpr (std::is_same_v<T, bool>)
      return *p != 0;
    else
      return raw_load<T>(p);
  }
  static void store(std::uint8_t* p, T v) { raw_store(p, v); }
  static T lift(const slot*& in) {
    slot bits = *in++;
    if constexpr (std::is_same_v<T, bool>)
      return static_cast<std::uint32_t>(bits) != 0;
    else if constexpr (std::is_same_v<T, float>)
      return std::bit_cast<float>(static_cast<std::uint32_t>(bits));
    else if constexpr (std::is_same_v<T, double>)
      return std::bit_cast<double>(bits);
    else
      return static_cast<T>(bits);
  }
  static void lower(slot*& out, T v) {
    if constexpr (std::is_floating_point_v<T>)
      *out++ = slot_of(v);
    else if constexpr (sizeof(T) == 8)
      *out++ = static_cast<slot>(v);
    else
      *out++ = slot_of(static_cast<std::int32_t>(v));
  }
};

// What is one integer of a width: enums, flags.
template <typename T, typename Int>
struct abi_of_integer {
  static constexpr std::size_t size = sizeof(Int), align = sizeof(Int), flat = 1;
  static T load(const std::uint8_t* p) { return static_cast<T>(raw_load<Int>(p)); }
  static void store(std::uint8_t* p, T v) { raw_store(p, static_cast<Int>(v)); }
  static T lift(const slot*& in) { return static_cast<T>(static_cast<Int>(*in++)); }
  static void lower(slot*& out, T v) { *out++ = static_cast<Int>(v); }
};

/// The integer that tells `count` cases apart.
template <std::size_t count>
using discriminant =
    std::conditional_t<count <= 256, std::uint8_t,
                       std::conditional_t<count <= 65536, std::uint16_t, std::uint32_t>>;

template <Enum E>
struct abi<E> : abi_of_integer<E, discriminant<enum_cases<E>>> {};

template <Flags F>
struct abi<F> {
  using Bits = decltype(F::bits);
  static constexpr std::size_t size = sizeof(Bits), align = sizeof(Bits), flat = 1;
  static F load(const std::uint8_t* p) { return {raw_load<Bits>(p)}; }
  static void store(std::uint8_t* p, F v) {
    raw_store(p, static_cast<Bits>(v.bits & known_flags<F>));
  }
  static F lift(const slot*& in) { return {static_cast<Bits>(*in++)}; }
  static void lower(slot*& out, F v) { *out++ = v.bits & known_flags<F>; }
};

// Pointer and length.
struct abi_of_block {
  static constexpr std::size_t size = 8, align = 4, flat = 2;
  struct block {
    const std::uint8_t* data;
    std::size_t size;
  };
  static block load_block(const std::uint8_t* p) {
    return {raw_load<const std::uint8_t*>(p), raw_load<std::size_t>(p + 4)};
  }
  static block lift_block(const slot*& in) {
    auto* data = reinterpret_cast<const std::uint8_t*>(static_cast<std::uintptr_t>(*in++));
    return {data, static_cast<std::size_t>(*in++)};
  }
  static void store_block(std::uint8_t* p, block b) {
    raw_store(p, b.data);
    raw_store(p + 4, b.size);
  }
  static void lower_block(slot*& out, block b) {
    *out++ = reinterpret_cast<std::uintptr_t>(b.data);
    *out++ = b.size;
  }
};

// Of blocks, `to` says where in memory a value's elements lie.
template <typename T, typename Self>
struct abi_by_block : abi_of_block {
  static T load(const std::uint8_t* p) { return Self::from(load_block(p)); }
  static T lift(const slot*& in) { return Self::from(lift_block(in)); }
  static void store(std::uint8_t* p, T& v) { store_block(p, Self::to(v)); }
  static void lower(slot*& out, T& v) { lower_block(out, Self::to(v)); }
};

// Views stay where the caller put them.
template <>
struct abi<std::string_view> : abi_by_block<std::string_view, abi<std::string_view>> {
  static std::string_view from(block b) {
    arguments::adopt(b.data, b.size);
    return {reinterpret_cast<const char*>(b.data), b.size};
  }
  static block to(std::string_view v) {
    return {reinterpret_cast<const std::uint8_t*>(v.data()), v.size()};
  }
};

template <>
struct abi<std::span<const std::uint8_t>>
    : abi_by_block<std::span<const std::uint8_t>, abi<std::span<const std::uint8_t>>> {
  static std::span<const std::uint8_t> from(block b) {
    arguments::adopt(b.data, b.size);
    return {b.data, b.size};
  }
  static block to(std::span<const std::uint8_t> v) { return {v.data(), v.size()}; }
};

template <>
struct abi<std::string> : abi_by_block<std::string, abi<std::string>> {
  static std::string from(block b) { return std::string(abi<std::string_view>::from(b)); }
  static block to(const std::string& v) { return {return_copy(v.data(), v.size()), v.size()}; }
};

// The caller's memory becomes the byte string's, and the other way.
template <>
struct abi<bytes> : abi_by_block<bytes, abi<bytes>> {
  static bytes from(block b) {
    return b.size ? bytes::adopt(const_cast<std::uint8_t*>(b.data), b.size) : bytes();
  }
  static block to(bytes& v) {
    std::size_t size = v.size();
    std::uint8_t* data = v.release();
    if (data) returned_memory.push_back(data);
    return {data, size};
  }
};

template <typename T>
struct abi<std::vector<T>> : abi_by_block<std::vector<T>, abi<std::vector<T>>> {
  using block = abi_of_block::block;
  static std::vector<T> from(block b) {
    arguments::adopt(b.data, b.size * abi<T>::size);
    std::vector<T> out;
    if constexpr (Number<T>) {
      out.resize(b.size);
      if (b.size) std::memcpy(out.data(), b.data, b.size * sizeof(T));
    } else {
      out.reserve(b.size);
      for (std::size_t i = 0; i < b.size; ++i)
        out.push_back(abi<T>::load(b.data + i * abi<T>::size));
    }
    return out;
  }
  static block to(std::vector<T>& v) {
    if constexpr (Number<T>) {
      return {return_copy(v.data(), v.size() * sizeof(T)), v.size()};
    } else {
      std::uint8_t* items = return_copy(nullptr, v.size() * abi<T>::size);
      for (std::size_t i = 0; i < v.size(); ++i) {
        auto&& item = v[i];
        abi<T>::store(items + i * abi<T>::size, item);
      }
      return {items, v.size()};
    }
  }
};

// The fields of a record or tuple, each at its place.
template <typename... T>
struct abi_of_fields {
  static constexpr std::size_t align = std::max({abi<T>::align...});
  static constexpr std::size_t flat = (abi<T>::flat + ...);
  static constexpr std::size_t end() {
    std::size_t at = 0;
    ((at = align_up(at, abi<T>::align) + abi<T>::size), ...);
    return at;
  }
  static constexpr std::size_t size = align_up(end(), align);

  static void load(const std::uint8_t* p, T&... v) {
    std::size_t at = 0;
    ((at = align_up(at, abi<T>::align), v = abi<T>::load(p + at), at += abi<T>::size), ...);
  }
  static void store(std::uint8_t* p, T&... v) {
    std::size_t at = 0;
    ((at = align_up(at, abi<T>::align), abi<T>::store(p + at, v), at += abi<T>::size), ...);
  }
  static void lift(const slot*& in, T&... v) { ((v = abi<T>::lift(in)), ...); }
  static void lower(slot*& out, T&... v) { (abi<T>::lower(out, v), ...); }
};

template <typename... T>
struct abi<std::tuple<T...>> : abi_of_fields<T...> {
  using Fields = abi_of_fields<T...>;
  using Tuple = std::tuple<T...>;
  static Tuple load(const std::uint8_t* p) {
    Tuple out{};
    std::apply([&](T&... field) { Fields::load(p, field...); }, out);
    return out;
  }
  static Tuple lift(const slot*& in) {
    Tuple out{};
    std::apply([&](T&... field) { Fields::lift(in, field...); }, out);
    return out;
  }
  static void store(std::uint8_t* p, Tuple& v) {
    std::apply([&](T&... field) { Fields::store(p, field...); }, v);
  }
  static void lower(slot*& out, Tuple& v) {
    std::apply([&](T&... field) { Fields::lower(out, field...); }, v);
  }
};
template <>
struct abi<std::tuple<>> {
  static constexpr std::size_t size = 0, align = 1, flat = 0;
  static std::tuple<> lift(const slot*&) { return {}; }
  static void lower(slot*&, std::tuple<>&) {}
};

template <typename Members>
struct abi_fields_of;
template <typename Class, typename... T>
struct abi_fields_of<std::tuple<T Class::*...>> {
  using type = abi_of_fields<T...>;
};

template <Record R>
struct abi<R> {
  using Fields = typename abi_fields_of<std::remove_cvref_t<decltype(record<R>::fields)>>::type;
  static constexpr std::size_t size = Fields::size, align = Fields::align, flat = Fields::flat;
  static R load(const std::uint8_t* p) {
    R out{};
    with_fields<R>(out, [&](auto&... field) { Fields::load(p, field...); });
    return out;
  }
  static R lift(const slot*& in) {
    R out{};
    with_fields<R>(out, [&](auto&... field) { Fields::lift(in, field...); });
    return out;
  }
  static void store(std::uint8_t* p, R& v) {
    with_fields<R>(v, [&](auto&... field) { Fields::store(p, field...); });
  }
  static void lower(slot*& out, R& v) {
    with_fields<R>(v, [&](auto&... field) { Fields::lower(out, field...); });
  }
};

template <typename T>
struct abi_of_payload : abi<T> {};
template <>
struct abi_of_payload<void> {
  static constexpr std::size_t size = 0, align = 1, flat = 0;
};
template <>
struct abi_of_payload<std::monostate> : abi_of_payload<void> {};

// Where the payload of a variant of these cases lies, and how much room it has.
template <typename... Payload>
struct abi_of_cases {
  using Discriminant = discriminant<sizeof...(Payload)>;
  static constexpr std::size_t align =
      std::max({sizeof(Discriminant), abi_of_payload<Payload>::align...});
  static constexpr std::size_t offset =
      align_up(sizeof(Discriminant), std::max({abi_of_payload<Payload>::align...}));
  static constexpr std::size_t size =
      align_up(offset + std::max({abi_of_payload<Payload>::size...}), align);
  static constexpr std::size_t flat = 1 + std::max({abi_of_payload<Payload>::flat...});

  // What the payload leaves of its slots is zero.
  template <typename T, typename V>
  static void lower_case(slot*& out, std::size_t index, V&& payload) {
    slot* at = out;
    *at++ = index;
    if constexpr (!std::is_void_v<T>) abi<T>::lower(at, payload);
    std::fill(at, out + flat, 0);
    out += flat;
  }
};

template <typename T>
struct abi<std::optional<T>> : abi_of_cases<void, T> {
  using Cases = abi_of_cases<void, T>;
  static std::optional<T> load(const std::uint8_t* p) {
    if (!*p) return {};
    return abi<T>::load(p + Cases::offset);
  }
  static std::optional<T> lift(const slot*& in) {
    const slot* payload = in + 1;
    bool some = *in != 0;
    in += Cases::flat;
    if (!some) return {};
    return abi<T>::lift(payload);
  }
  static void store(std::uint8_t* p, std::optional<T>& v) {
    *p = v.has_value();
    if (v) abi<T>::store(p + Cases::offset, *v);
  }
  static void lower(slot*& out, std::optional<T>& v) {
    if (v)
      Cases::template lower_case<T>(out, 1, *v);
    else
      Cases::template lower_case<void>(out, 0, v);
  }
};

template <typename T, typename E>
struct abi<result<T, E>> : abi_of_cases<T, E> {
  using Cases = abi_of_cases<T, E>;
  using R = result<T, E>;
  static R load(const std::uint8_t* p) {
    if (*p == 0) {
      if constexpr (std::is_void_v<T>)
        return R();
      else
        return abi<T>::load(p + Cases::offset);
    }
    if constexpr (std::is_void_v<E>)
      return err();
    else
      return err(abi<E>::load(p + Cases::offset));
  }
  static R lift(const slot*& in) {
    const slot* payload = in + 1;
    bool ok = *in == 0;
    in += Cases::flat;
    if (ok) {
      if constexpr (std::is_void_v<T>)
        return R();
      else
        return abi<T>::lift(payload);
    }
    if constexpr (std::is_void_v<E>)
      return err();
    else
      return err(abi<E>::lift(payload));
  }
  static void store(std::uint8_t* p, R& v) {
    *p = !v;
    if constexpr (!std::is_void_v<T>)
      if (v) abi<T>::store(p + Cases::offset, *v);
    if constexpr (!std::is_void_v<E>)
      if (!v) abi<E>::store(p + Cases::offset, v.error());
  }
  static void lower(slot*& out, R& v) {
    if (v)
      Cases::template lower_case<T>(out, 0, *v);
    else
      Cases::template lower_case<E>(out, 1, v.error());
  }
};

template <typename Variant>
struct abi_cases_of;
template <typename... Case>
struct abi_cases_of<std::variant<Case...>> {
  using type = abi_of_cases<typename payload_of<Case>::type...>;
};

template <Variant V>
struct abi<V> : abi_cases_of<decltype(V::value)>::type {
  using Cases = typename abi_cases_of<decltype(V::value)>::type;
  using Discriminant = typename Cases::Discriminant;
  static constexpr std::size_t count = std::variant_size_v<decltype(V::value)>;
  template <std::size_t I>
  using Payload = typename payload_of<std::variant_alternative_t<I, decltype(V::value)>>::type;

  static V load(const std::uint8_t* p) {
    return make(raw_load<Discriminant>(p),
                [p]<typename T>(std::type_identity<T>) { return abi<T>::load(p + Cases::offset); });
  }
  static V lift(const slot*& in) {
    const slot* payload = in + 1;
    std::uint32_t index = static_cast<std::uint32_t>(*in);
    in += Cases::flat;
    return make(index, [payload]<typename T>(std::type_identity<T>) {
      const slot* at = payload;
      return abi<T>::lift(at);
    });
  }
  static void store(std::uint8_t* p, V& v) {
    raw_store(p, static_cast<Discriminant>(v.value.index()));
    each([&]<std::size_t I>(std::integral_constant<std::size_t, I>) {
      if constexpr (!std::is_void_v<Payload<I>>)
        if (auto* c = std::get_if<I>(&v.value)) abi<Payload<I>>::store(p + Cases::offset, c->value);
    });
  }
  static void lower(slot*& out, V& v) {
    slot* at = out;
    out += Cases::flat;
    each([&]<std::size_t I>(std::integral_constant<std::size_t, I>) {
      auto* c = std::get_if<I>(&v.value);
      if (!c) return;
      if constexpr (std::is_void_v<Payload<I>>)
        Cases::template lower_case<void>(at, I, v);
      else
        Cases::template lower_case<Payload<I>>(at, I, c->value);
    });
  }

 private:
  template <typename F>
  static void each(F f) {
    [&]<std::size_t... I>(std::index_sequence<I...>) {
      (f(std::integral_constant<std::size_t, I>()), ...);
    }(std::make_index_sequence<count>());
  }
  template <typename Load>
  static V make(std::uint32_t index, Load load) {
    V out{};
    each([&]<std::size_t I>(std::integral_constant<std::size_t, I>) {
      if (index != I) return;
      auto& c = out.value.template emplace<I>();
      if constexpr (!std::is_void_v<Payload<I>>) c.value = load(std::type_identity<Payload<I>>());
    });
    return out;
  }
};

/// Generated for a resource: the component model's functions for its handles.
template <Resource R>
struct resource_functions;

/// What a handle of the component model stands for; the handle's destructor deletes it.
template <Resource R>
struct cell {
  std::unique_ptr<R> object;
};

template <Resource R>
struct abi<std::unique_ptr<R>> {
  static constexpr std::size_t size = 4, align = 4, flat = 1;
  static std::unique_ptr<R> from(std::int32_t handle) {
    auto* place = reinterpret_cast<cell<R>*>(resource_functions<R>::rep(handle));
    std::unique_ptr<R> object = std::move(place->object);
    resource_functions<R>::drop(handle);
    return object;
  }
  static std::unique_ptr<R> load(const std::uint8_t* p) { return from(raw_load<std::int32_t>(p)); }
  static std::unique_ptr<R> lift(const slot*& in) { return from(static_cast<std::int32_t>(*in++)); }
  static void store(std::uint8_t* p, std::unique_ptr<R>& v) {
    if (!v) __builtin_trap();  // the cap gave no object
    raw_store(p, resource_functions<R>::make(new cell<R>{std::move(v)}));
  }
};

template <Resource R>
struct abi<R*> {
  static constexpr std::size_t size = 4, align = 4, flat = 1;
  static R* load(const std::uint8_t* p) { return raw_load<cell<R>*>(p)->object.get(); }
  static R* lift(const slot*& in) {
    return reinterpret_cast<cell<R>*>(static_cast<std::uintptr_t>(*in++))->object.get();
  }
};

/// Calls a function of the author; its callbacks' failures cannot be told to a typed caller.
template <typename Function>
auto call_typed(typename Function::parameters& parameters) {
  if constexpr (std::is_void_v<decltype(Function::call(parameters))>) {
    Function::call(parameters);
    if (failure_pending()) __builtin_trap();
  } else {
    auto out = Function::call(parameters);
    if (failure_pending()) __builtin_trap();
    return out;
  }
}

template <typename Function>
void* store_result(typename Function::parameters& parameters) {
  using Result = decltype(Function::call(parameters));
  if constexpr (std::is_void_v<Result>) {
    call_typed<Function>(parameters);
    return nullptr;
  } else {
    alignas(
        abi<Result>::align) static std::uint8_t area[abi<Result>::size < 8 ? 8 : abi<Result>::size];
    Result out = call_typed<Function>(parameters);
    abi<Result>::store(area, out);
    return area;
  }
}

/// A typed call with flat parameters; gives the memory where the result lies.
template <typename Function>
void* serve_flat(const slot* in) {
  arguments memory;
  auto parameters = abi<typename Function::parameters>::lift(in);
  return store_result<Function>(parameters);
}

/// A typed call whose parameters lie in memory.
template <typename Function>
void* serve_memory(const std::uint8_t* in) {
  arguments memory;
  arguments::adopt(in, 1);
  auto parameters = abi<typename Function::parameters>::load(in);
  return store_result<Function>(parameters);
}

}  // namespace cap::glue
