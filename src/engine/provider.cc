#include "engine/provider.hh"

#include <iterator>

#include "engine/borrowed_options.hh"
#include "engine/convert.hh"
#include "engine/engine_impl.hh"
#include "engine/guest_thread.hh"

namespace pylon::engine {

std::string_view failure_kind_name(FailureKind kind) {
  static constexpr std::string_view kNames[] = {"not-found",       "denied",      "corrupt",
                                                "schema-mismatch", "bad-payload", "limit",
                                                "trapped",         "raised",      "internal"};
  const auto index = static_cast<std::size_t>(kind);
  return index < std::size(kNames) ? kNames[index] : "internal";
}

struct Caller::Impl {
  Impl(Engine engine_, std::shared_ptr<ProviderSource> providers, std::uint64_t max_memory)
      : engine(std::move(engine_)), shared(pylon_shared_new()) {
    options.providers = std::move(providers);
    options.max_memory = max_memory;
    borrowed.emplace(options);
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() {
    if (caller) pylon_caller_delete(caller);
    pylon_shared_delete(shared);
  }

  Engine engine;
  SessionOptions options;
  std::optional<BorrowedOptions> borrowed;
  const pylon_shared* shared;
  pylon_caller* caller = nullptr;
};

Caller::Caller(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Caller::Caller(Caller&&) noexcept = default;
Caller& Caller::operator=(Caller&&) noexcept = default;
Caller::~Caller() = default;

Result<Caller> Caller::create(const Engine& engine, std::shared_ptr<ProviderSource> providers,
                              std::uint64_t max_memory) {
  PYLON_CHECK(check_guest_stack());
  auto impl = std::make_unique<Impl>(engine, std::move(providers), max_memory);
  if (auto* failure = pylon_caller_new(engine.impl()->engine, impl->borrowed->get(), impl->shared,
                                       &impl->caller))
    return fail(take_failure(failure));
  return Caller(std::move(impl));
}

Result<Answer> Caller::invoke(std::string_view id, std::string_view method,
                              std::span<const std::uint8_t> payload) {
  PYLON_CHECK(check_guest_stack());
  Answer answer;
  auto give = [](void* user, bool good, const std::uint8_t* kind, pylon_text bytes) {
    auto& out = *static_cast<Answer*>(user);
    out.good = good;
    if (kind)
      out.failure = Failure{static_cast<FailureKind>(*kind), std::string(to_view(bytes))};
    else
      out.returned.assign(bytes.data, bytes.data + bytes.size);
  };
  const pylon_text data{reinterpret_cast<const char*>(payload.data()), payload.size()};
  if (auto* failure =
          pylon_caller_invoke(impl_->caller, to_text(id), to_text(method), data, &answer, give))
    return fail(take_failure(failure));
  return answer;
}

}  // namespace pylon::engine
