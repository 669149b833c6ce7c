// Another component of the plan, called through compose:dynlink/linker.
#pragma once

#include <memory>
#include <string>

#include "endpoint.hh"

namespace cap {

/// Why a call came to no result: what the method said, or the host.
struct Refusal {
  std::uint32_t code = 0;  ///< the method's own
  std::string text;
};

/// A component that the plan lets this one load.
class OtherComponent {
 public:
  static result<std::shared_ptr<OtherComponent>, Refusal> resolve(std::string_view id);
  OtherComponent(const OtherComponent&) = delete;
  ~OtherComponent();

  /// Calls a method ("function", or "resource.function") that returns result<T, E>; E can be made
  /// a Refusal.
  template <typename T, typename E, typename... P>
  result<T, Refusal> call(std::string_view method, const P&... parameters) const {
    bytes payload = glue::encode(std::tuple<P...>(parameters...));
    glue::answer got = invoke(method, payload);
    wipe(payload);
    if (got.status == glue::answer::ok) {
      typename result<T, Refusal>::ok_type value{};
      if (glue::read_answer(got.data, value)) return value;
    } else if (got.status == glue::answer::failed) {
      return err(Refusal{0, text_of(got.data)});
    } else if (E error{}; glue::read_answer(got.data, error)) {
      return err(Refusal(error));
    }
    return err(Refusal{0, std::string(method) + ": the answer is not what the contract says"});
  }

  static std::string text_of(const bytes& data) {
    return {reinterpret_cast<const char*>(data.data()), data.size()};
  }

 private:
  explicit OtherComponent(std::uint32_t instance) : instance_(instance) {}
  glue::answer invoke(std::string_view method, std::span<const std::uint8_t> payload) const;
  static void wipe(bytes& payload);

  std::uint32_t instance_;
};

}  // namespace cap
