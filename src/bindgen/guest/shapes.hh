// What generated code tells about the types of a contract, and what the two codecs (wire.hh,
// canonical.hh) ask.
#pragma once

#include "cap.hh"

namespace cap::glue {

/// Of a record: `static constexpr auto fields`, a tuple of pointers to the members.
template <typename T>
struct record;
/// Of an enum: the number of its cases.
template <typename T>
inline constexpr std::uint32_t enum_cases = 0;
/// Of flags: their number.
template <typename T>
inline constexpr unsigned flag_count = 0;
/// Whether T is a variant: `value` is a std::variant of a struct a case.
template <typename T>
inline constexpr bool is_variant = false;
/// Whether T is a resource.
template <typename T>
inline constexpr bool is_resource = false;

template <typename T>
concept Record = requires { record<T>::fields; };
template <typename T>
concept Enum = enum_cases<T> != 0;
template <typename T>
concept Flags = flag_count<T> != 0;
template <typename T>
concept Variant = is_variant<T>;
template <typename T>
concept Resource = is_resource<T>;

template <Flags T>
inline constexpr std::uint32_t known_flags =
    flag_count<T> == 32 ? UINT32_MAX : (std::uint32_t{1} << (flag_count<T> % 32)) - 1;

template <typename T>
concept Integer = std::is_integral_v<T> && !std::is_same_v<T, bool> && !std::is_same_v<T, char32_t>;
/// A number of a fixed width: lists of them are one block of memory.
template <typename T>
concept Number = Integer<T> || std::is_floating_point_v<T>;

/// Calls f(field...) with the fields of a record.
template <Record T, typename V, typename F>
auto with_fields(V& value, F f) {
  return std::apply([&](auto... field) { return f(value.*field...); }, record<T>::fields);
}

template <typename T>
inline constexpr bool is_optional = false;
template <typename T>
inline constexpr bool is_optional<std::optional<T>> = true;
template <typename T>
inline constexpr bool is_result = false;
template <typename T, typename E>
inline constexpr bool is_result<result<T, E>> = true;

/// The payload of a variant's case: the type of its `value`, or void.
template <typename Case>
struct payload_of {
  using type = void;
};
template <typename Case>
  requires requires(Case c) { c.value; }
struct payload_of<Case> {
  using type = decltype(Case::value);
};

}  // namespace cap::glue
