// Typed imports seen from a consumer whose calls come as bytes: decode, call by the canonical ABI,
// encode.
#pragma once

#include "canonical.hh"

namespace cap::glue {

/// A handle that is only passed on.
struct handle {
  std::uint32_t number = 0;
};

template <>
struct wire<handle> {
  static constexpr std::size_t least = 1;
  static std::size_t size(handle) { return 5; }
  static void write(std::uint8_t*& p, handle v) { put_head(p, 0, v.number); }
  static bool read(reader& in, handle& v) { return wire<std::uint32_t>::read(in, v.number); }
};

template <>
struct abi<handle> {
  static constexpr std::size_t size = 4, align = 4, flat = 1;
  static handle load(const std::uint8_t* p) { return {raw_load<std::uint32_t>(p)}; }
  static void store(std::uint8_t* p, handle v) { raw_store(p, v.number); }
  static handle lift(const slot*& in) { return {static_cast<std::uint32_t>(*in++)}; }
  static void lower(slot*& out, handle v) { *out++ = v.number; }
};

constexpr std::size_t most_flat_parameters = 16;

template <typename Function, typename Result>
Result import_called(const slot* in) {
  if constexpr (std::is_void_v<Result>) {
    Function::import(in, nullptr);
  } else if constexpr (abi<Result>::flat == 1) {
    slot area = 0;
    Function::import(in, &area);
    const slot* at = &area;
    return abi<Result>::lift(at);
  } else {
    alignas(8) std::uint8_t area[abi<Result>::size];
    Function::import(in, area);
    return abi<Result>::load(area);
  }
}

/// Calls with slots, or with memory where there are too many, and gives the result.
/// Function::import(in, area) does the call: a flat result is left in area as a slot, another one
/// as it lies in memory.
template <typename Function>
typename Function::result import_result(typename Function::parameters& parameters) {
  using Parameters = typename Function::parameters;
  using Result = typename Function::result;
  slot in[most_flat_parameters + 1];
  slot* out = in;
  if constexpr (abi<Parameters>::flat > most_flat_parameters) {
    alignas(8) std::uint8_t spilled[abi<Parameters>::size];
    abi<Parameters>::store(spilled, parameters);
    *out++ = reinterpret_cast<std::uintptr_t>(spilled);
    return import_called<Function, Result>(in);
  } else {
    abi<Parameters>::lower(out, parameters);
    return import_called<Function, Result>(in);
  }
}

/// A call by bytes of a typed import.
template <typename Function>
answer serve_import(std::span<const std::uint8_t> payload) {
  reader in(payload);
  typename Function::parameters parameters{};
  if (!read_parameters(in, parameters)) return bad_payload(Function::method, in);
  arguments results;
  struct sent {
    ~sent() { free_returned(); }
  } sent;
  if constexpr (std::is_void_v<typename Function::result>) {
    import_result<Function>(parameters);
    return {};
  } else {
    return answer_of(import_result<Function>(parameters));
  }
}

}  // namespace cap::glue
