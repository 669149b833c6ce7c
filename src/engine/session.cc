#include "engine/borrowed_options.hh"
#include "engine/component_impl.hh"
#include "engine/convert.hh"
#include "engine/engine.hh"
#include "engine/engine_impl.hh"
#include "engine/guest_thread.hh"

namespace pylon::engine {

struct Session::Impl {
  Impl(Engine engine_, Component component_, SessionOptions options_)
      : engine(std::move(engine_)),
        component(std::move(component_)),
        options(std::move(options_)),
        borrowed(options),
        shared(pylon_shared_new()) {}
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() {
    if (session) pylon_session_delete(session);
    pylon_shared_delete(shared);
  }

  Engine engine;
  Component component;
  SessionOptions options;
  BorrowedOptions borrowed;
  const pylon_shared* shared;
  pylon_session* session = nullptr;
};

Session::Session(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Session::Session(Session&&) noexcept = default;
Session& Session::operator=(Session&&) noexcept = default;
Session::~Session() = default;

Result<Session> Session::create(const Engine& engine, const Component& component,
                                SessionOptions options) {
  PYLON_CHECK(check_guest_stack());
  auto impl = std::make_unique<Impl>(engine, component, std::move(options));
  if (auto* failure =
          pylon_session_new(impl->engine.impl()->engine, impl->component.impl()->component,
                            impl->borrowed.get(), impl->shared, &impl->session))
    return fail(take_failure(failure));
  return Session(std::move(impl));
}

Result<int> Session::run() {
  PYLON_CHECK(check_guest_stack());
  std::int32_t status = 0;
  if (auto* failure = pylon_session_run(impl_->session, &status))
    return fail(take_failure(failure));
  return status;
}

Result<std::uint32_t> Session::call(std::string_view name) {
  PYLON_CHECK(check_guest_stack());
  std::uint32_t value = 0;
  if (auto* failure = pylon_session_call(impl_->session, to_text(name), &value))
    return fail(take_failure(failure));
  return value;
}

Result<std::span<const std::uint8_t>> Session::view(std::string_view name) {
  PYLON_CHECK(check_guest_stack());
  const std::uint8_t* data = nullptr;
  std::size_t size = 0;
  if (auto* failure = pylon_session_view(impl_->session, to_text(name), &data, &size))
    return fail(take_failure(failure));
  return std::span<const std::uint8_t>(data, size);
}

void Session::interrupt() {
  pylon_shared_interrupt(impl_->shared);
}

bool Session::memory_limit_hit() const {
  return pylon_shared_limit_hit(impl_->shared);
}

namespace {

// One of the shim's functions that list operations, as a list.
std::vector<Refusal> listed(decltype(pylon_shared_refusals)* each, const pylon_shared* shared) {
  std::vector<Refusal> out;
  each(shared, &out, [](void* user, std::uint8_t kind, pylon_text target) {
    static_cast<std::vector<Refusal>*>(user)->push_back(
        {static_cast<Refusal::Kind>(kind), std::string(to_view(target))});
  });
  return out;
}

}  // namespace

std::vector<Refusal> Session::refusals() const {
  return listed(pylon_shared_refusals, impl_->shared);
}

std::vector<Refusal> Session::network_uses() const {
  return listed(pylon_shared_uses, impl_->shared);
}

}  // namespace pylon::engine
