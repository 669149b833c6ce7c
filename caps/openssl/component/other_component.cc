#include "other_component.hh"

#include <openssl/crypto.h>

#include "stored_answer.hh"

namespace cap {
namespace {

// result<instance, failure> by the canonical ABI.
struct Resolved {
  std::uint8_t is_error, pad1[3];
  union {
    std::uint32_t instance;
    struct {
      std::uint8_t kind, pad2[3];
      std::uint8_t* message;
      std::size_t size;
    } failure;
  };
};

extern "C" {
[[clang::import_module("compose:dynlink/linker@0.1.0"), clang::import_name("resolve-by-id")]] void
cap_linker_resolve(const char* id, std::size_t size, Resolved* out);
[[clang::import_module("compose:dynlink/linker@0.1.0"),
  clang::import_name("[method]instance.invoke")]] void
cap_linker_invoke(std::uint32_t instance, const char* method, std::size_t method_size,
                  const std::uint8_t* payload, std::size_t payload_size, glue::stored_answer* out);
[[clang::import_module("compose:dynlink/linker@0.1.0"),
  clang::import_name("[resource-drop]instance")]] void
cap_linker_drop(std::uint32_t instance);
}

// What lies at an address without bytes is no memory.
bytes adopt(std::uint8_t* data, std::size_t size) {
  return size ? bytes::adopt(data, size) : bytes();
}

}  // namespace

result<std::shared_ptr<OtherComponent>, Refusal> OtherComponent::resolve(std::string_view id) {
  Resolved out{};
  cap_linker_resolve(id.data(), id.size(), &out);
  if (!out.is_error) return std::shared_ptr<OtherComponent>(new OtherComponent(out.instance));
  return err(Refusal{0, text_of(adopt(out.failure.message, out.failure.size))});
}

OtherComponent::~OtherComponent() {
  cap_linker_drop(instance_);
}

glue::answer OtherComponent::invoke(std::string_view method,
                                    std::span<const std::uint8_t> payload) const {
  glue::stored_answer out{};
  cap_linker_invoke(instance_, method.data(), method.size(), payload.data(), payload.size(), &out);
  if (!out.is_error) return {glue::answer::ok, {}, adopt(out.ok.data, out.ok.size)};
  if (!out.error.is_failed)
    return {glue::answer::returned, {}, adopt(out.error.returned.data, out.error.returned.size)};
  const auto& failure = out.error.failed;
  return {glue::answer::failed, static_cast<glue::failure_kind>(failure.kind),
          adopt(failure.message, failure.size)};
}

void OtherComponent::wipe(bytes& payload) {
  OPENSSL_cleanse(payload.data(), payload.size());
}

}  // namespace cap
