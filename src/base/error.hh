// The one error type of Pylon: what went wrong, where, why, and what to do next.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>

namespace pylon {

/// What kind of failure an Error is; it decides the launcher's exit code.
enum class ErrorKind {
  kUsage,     ///< the command line or a setting is wrong
  kInput,     ///< a file or other input given by the user cannot be used
  kRefused,   ///< permissions, trust or policy forbid it
  kCorrupt,   ///< data fails its check (digest, magic, structure)
  kIo,        ///< the operating system refused an operation
  kTrap,      ///< the guest trapped
  kLimit,     ///< a limit ended the run
  kInternal,  ///< Pylon itself is broken or not completely installed
};

/// The kind's name as it appears in `--json` output.
constexpr std::string_view error_kind_name(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kUsage:
      return "usage";
    case ErrorKind::kInput:
      return "input";
    case ErrorKind::kRefused:
      return "refused";
    case ErrorKind::kCorrupt:
      return "corrupt";
    case ErrorKind::kIo:
      return "io";
    case ErrorKind::kTrap:
      return "trap";
    case ErrorKind::kLimit:
      return "limit";
    case ErrorKind::kInternal:
      return "internal";
  }
  return "internal";
}

/// A failure: its kind, one sentence, an optional hint (the next step for the user) and an optional
/// cause.
class Error {
 public:
  Error(ErrorKind kind, std::string message, std::string hint = {})
      : kind_(kind), message_(std::move(message)), hint_(std::move(hint)) {}

  ErrorKind kind() const { return kind_; }
  const std::string& message() const { return message_; }
  const std::string& hint() const { return hint_; }
  const Error* cause() const { return cause_.get(); }

  /// This error as the cause of a new one that says what was being done; keeps the kind and the
  /// hint.
  Error within(std::string doing) && {
    Error outer(kind_, std::move(doing), std::move(hint_));
    hint_.clear();
    outer.cause_ = std::make_shared<const Error>(std::move(*this));
    return outer;
  }

  /// The same error with another hint.
  Error with_hint(std::string hint) && {
    hint_ = std::move(hint);
    return std::move(*this);
  }

  /// Message and causes in one line, `a: b: c`, without the hint.
  std::string text() const {
    std::string out = message_;
    for (const Error* e = cause(); e; e = e->cause()) out += ": " + e->message_;
    return out;
  }

 private:
  ErrorKind kind_;
  std::string message_;
  std::string hint_;
  std::shared_ptr<const Error> cause_;
};

/// A value or an Error.
template <typename T>
using Result = tl::expected<T, Error>;

/// An Error on its way into any Result<T>: `return fail(ErrorKind::kInput, "...");`
inline tl::unexpected<Error> fail(ErrorKind kind, std::string message, std::string hint = {}) {
  return tl::unexpected<Error>(Error(kind, std::move(message), std::move(hint)));
}

/// Passes on the error of a failed result.
inline tl::unexpected<Error> fail(Error error) {
  return tl::unexpected<Error>(std::move(error));
}

}  // namespace pylon

/// Evaluates a Result; on failure returns its error from the enclosing function, else defines
/// `name` as its value.
#define PYLON_TRY(name, expression)                                           \
  auto name##_result = (expression);                                          \
  if (!name##_result) return ::pylon::fail(std::move(name##_result).error()); \
  auto& name = *name##_result

/// The same for a Result<void>.
#define PYLON_CHECK(expression)                              \
  do {                                                       \
    if (auto check_result = (expression); !check_result)     \
      return ::pylon::fail(std::move(check_result).error()); \
  } while (false)
