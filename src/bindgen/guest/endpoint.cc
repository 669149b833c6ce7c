// The exports of compose:dynlink/endpoint and the import of compose:dynlink/callback, as the
// canonical ABI has them.
#include "stored_answer.hh"

namespace cap {
namespace glue {
namespace {

answer pending;
bool has_pending = false;

stored_answer stored;
std::uint8_t* handed_out = nullptr;

stored_answer* store(answer&& from) {
  stored = {};
  std::size_t size = from.data.size();
  handed_out = from.data.release();
  switch (from.status) {
    case answer::ok:
      stored.ok = {handed_out, size};
      break;
    case answer::returned:
      stored.is_error = 1;
      stored.error.is_failed = 0;
      stored.error.returned = {handed_out, size};
      break;
    case answer::failed:
      stored.is_error = 1;
      stored.error.is_failed = 1;
      stored.error.failed = {static_cast<std::uint8_t>(from.kind), {}, handed_out, size};
      break;
  }
  return &stored;
}

// What lies at an address without bytes is no memory.
bytes adopt(std::uint8_t* data, std::size_t size) {
  return size ? bytes::adopt(data, size) : bytes();
}

answer loaded(const stored_answer& from) {
  if (!from.is_error) return {answer::ok, {}, adopt(from.ok.data, from.ok.size)};
  if (!from.error.is_failed)
    return {answer::returned, {}, adopt(from.error.returned.data, from.error.returned.size)};
  const auto& failure = from.error.failed;
  return {answer::failed, static_cast<failure_kind>(failure.kind),
          adopt(failure.message, failure.size)};
}

}  // namespace

bool failure_pending() {
  return has_pending;
}

answer take_pending_failure() {
  has_pending = false;
  return std::move(pending);
}

void set_pending_failure(answer failure) {
  pending = std::move(failure);
  has_pending = true;
}

}  // namespace glue

void forget_failure() {
  if (glue::failure_pending()) glue::take_pending_failure();
}

}  // namespace cap

using namespace cap::glue;

extern "C" {

/// Memory for what callers pass in. There is no way to say that there is none.
[[clang::export_name("cabi_realloc")]] void* cabi_realloc(void* old, std::size_t old_size,
                                                          std::size_t align, std::size_t size) {
  if (size == 0) return reinterpret_cast<void*>(align);
  void* memory = std::realloc(old_size ? old : nullptr, size);
  if (!memory) __builtin_trap();
  return memory;
}

[[clang::export_name("compose:dynlink/endpoint@0.1.0#schema-digest")]] const void*
cap_endpoint_schema_digest() {
  static const struct {
    const std::uint8_t* data;
    std::size_t size;
  } digest = {schema_digest, sizeof(schema_digest)};
  return &digest;
}

[[clang::export_name("compose:dynlink/endpoint@0.1.0#handle")]] void* cap_endpoint_handle(
    char* method, std::size_t method_size, std::uint8_t* payload, std::size_t payload_size) {
  answer out = dispatch({method, method_size}, {payload, payload_size});
  if (method_size) std::free(method);
  if (payload_size) std::free(payload);
  return store(std::move(out));
}

[[clang::export_name("cabi_post_compose:dynlink/endpoint@0.1.0#handle")]] void
cap_endpoint_handle_done(void*) {
  std::free(std::exchange(handed_out, nullptr));
}

// Stays only in components that call back: the linker drops what nobody refers to.
[[clang::import_module("compose:dynlink/callback@0.1.0"), clang::import_name("call")]] void
cap_callback_call(const char* method, std::size_t method_size, const std::uint8_t* payload,
                  std::size_t payload_size, void* out);
}

answer cap::glue::call_consumer(std::string_view method, std::span<const std::uint8_t> payload) {
  stored_answer out;
  cap_callback_call(method.data(), method.size(), payload.data(), payload.size(), &out);
  return loaded(out);
}
