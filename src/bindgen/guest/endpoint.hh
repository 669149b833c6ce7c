// compose:dynlink seen from a provider: serving calls that come as bytes, and calling the consumer
// back.
#pragma once

#if __cpp_exceptions
#include <exception>
#endif

#include "wire.hh"

namespace cap::glue {

/// compose:dynlink/types.failure-kind
enum class failure_kind : std::uint8_t {
  not_found,
  denied,
  corrupt,
  schema_mismatch,
  bad_payload,
  limit,
  trapped,
  raised,
  internal,
};

/// What a call came to. The memory of `data` belongs to who gets the answer; of failed it is the
/// message.
struct answer {
  enum status_type : std::uint8_t { ok, returned, failed };
  status_type status = ok;
  failure_kind kind = failure_kind::internal;
  bytes data;
};

answer failed(failure_kind kind, std::string_view message);
answer bad_payload(std::string_view method, const reader& in);

/// A callback's failure that the function under way has not forgotten; it becomes the function's
/// own.
bool failure_pending();
answer take_pending_failure();
void set_pending_failure(answer failure);

/// Calls the consumer.
answer call_consumer(std::string_view method, std::span<const std::uint8_t> payload);

template <typename T>
bytes encode(const T& value) {
  bytes out(wire<T>::size(value));
  std::uint8_t* end = out.data();
  wire<T>::write(end, value);
  out.resize(static_cast<std::size_t>(end - out.data()));
  return out;
}

template <typename Tuple>
inline constexpr bool one_byte_string = false;
template <>
inline constexpr bool one_byte_string<std::tuple<std::span<const std::uint8_t>>> = true;

/// Reads a whole payload: raw if the parameters are one byte string.
template <typename Parameters>
bool read_parameters(reader& in, Parameters& parameters) {
  if constexpr (one_byte_string<Parameters>) {
    std::get<0>(parameters) = in.whole();
    return true;
  } else {
    return wire<Parameters>::read(in, parameters) && in.at_end();
  }
}

/// A result as an answer; byte strings are handed on.
template <typename T>
answer answer_of(T&& value) {
  answer out;
  if constexpr (std::is_same_v<T, bytes>) {
    out.data = std::move(value);
  } else if constexpr (is_result<T>) {
    if (value) return answer_of(std::move(*value));
    out.status = answer::returned;
    if constexpr (!std::is_same_v<typename T::err_type, std::monostate>)
      out.data = encode(value.error());
  } else if constexpr (!std::is_same_v<T, std::monostate>) {
    out.data = encode(value);
  }
  return out;
}

template <typename Function>
answer run(typename Function::parameters& parameters) {
  if constexpr (std::is_void_v<decltype(Function::call(parameters))>) {
    Function::call(parameters);
    return {};
  } else {
    return answer_of(Function::call(parameters));
  }
}

/// Decodes, calls, encodes.
template <typename Function>
answer serve(std::string_view method, std::span<const std::uint8_t> payload) {
  reader in(payload);
  typename Function::parameters parameters{};
  if (!read_parameters(in, parameters)) return bad_payload(method, in);
#if __cpp_exceptions
  answer out;
  try {
    out = run<Function>(parameters);
  } catch (const std::exception& e) {
    return failed(failure_kind::internal, e.what());
  }
#else
  answer out = run<Function>(parameters);
#endif
  if (failure_pending()) return take_pending_failure();
  return out;
}

/// Drops a handle.
template <Resource R>
answer serve_drop(std::string_view method, std::span<const std::uint8_t> payload) {
  reader in(payload);
  std::tuple<std::unique_ptr<R>> object;
  if (!read_parameters(in, object)) return bad_payload(method, in);
  return {};
}

template <typename T>
bool read_answer(bytes& data, T& value) {
  if constexpr (std::is_same_v<T, bytes>) {
    value = std::move(data);
    return true;
  } else if constexpr (std::is_same_v<T, std::monostate>) {
    return data.empty();
  } else {
    reader in(data);
    return wire<T>::read(in, value) && in.at_end();
  }
}

template <typename T>
outcome<T> bad_answer(std::string_view method) {
  std::string message(method);
  set_pending_failure(failed(failure_kind::bad_payload,
                             message + ": the callback's answer is not what the contract says"));
  return {};
}

template <typename T>
outcome<T> outcome_of(std::string_view method, answer got) {
  using Value = typename outcome<T>::value_type;
  if (got.status == answer::failed) {
    set_pending_failure(std::move(got));
    return {};
  }
  if constexpr (is_result<Value>) {
    typename Value::ok_type ok{};
    typename Value::err_type error{};
    if (got.status == answer::ok && read_answer(got.data, ok)) return Value(std::move(ok));
    // Unlike an ok value, an error that is a byte string is not raw.
    if (got.status == answer::returned) {
      if constexpr (std::is_same_v<decltype(error), std::monostate>) {
        if (got.data.empty()) return Value(err());
      } else {
        reader in(got.data);
        if (wire<decltype(error)>::read(in, error) && in.at_end())
          return Value(err(std::move(error)));
      }
    }
  } else {
    Value value{};
    if (got.status == answer::ok && read_answer(got.data, value)) return value;
  }
  return bad_answer<T>(method);
}

/// Calls back and decodes. Nothing is called while a failure is pending.
template <typename T, typename... P>
outcome<T> call_back(std::string_view method, const P&... parameters) {
  if (failure_pending()) return {};
  if constexpr (one_byte_string<std::tuple<P...>>)
    return outcome_of<T>(method, call_consumer(method, parameters...));
  else
    return outcome_of<T>(method, call_consumer(method, encode(std::tuple<P...>(parameters...))));
}

/// FNV-1a, by which generated code tells methods apart.
constexpr std::uint32_t method_hash(std::string_view method) {
  std::uint32_t hash = 2166136261u;
  for (char c : method) hash = (hash ^ static_cast<std::uint8_t>(c)) * 16777619u;
  return hash;
}

/// Generated: the function of that name.
answer dispatch(std::string_view method, std::span<const std::uint8_t> payload);
/// Generated: the digest of the schema, 32 bytes.
extern const std::uint8_t schema_digest[32];

}  // namespace cap::glue
