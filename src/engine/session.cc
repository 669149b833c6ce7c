#include <cerrno>
#include <exception>

#include "engine/component_impl.hh"
#include "engine/convert.hh"
#include "engine/engine.hh"
#include "engine/engine_impl.hh"
#include "engine/guest_thread.hh"

namespace pylon::engine {
namespace {

// No exception crosses into the engine: a callback that throws gives `otherwise`.
template <typename Body, typename Value>
Value guarded(Value otherwise, Body&& body) noexcept {
  try {
    return body();
  } catch (...) {
    return otherwise;
  }
}

pylon_stream stream_of(StandardStream& stream) {
  return {
      .user = &stream,
      .is_terminal =
          [](void* user) {
            return guarded(false,
                           [&] { return static_cast<StandardStream*>(user)->is_terminal(); });
          },
      .descriptor =
          [](void* user) {
            return guarded(-1, [&] { return static_cast<StandardStream*>(user)->descriptor(); });
          },
      .read =
          [](void* user, std::uint8_t* buffer, std::size_t size) {
            return guarded(std::int64_t{-EIO}, [&] {
              return static_cast<StandardStream*>(user)->read({buffer, size});
            });
          },
      .write =
          [](void* user, const std::uint8_t* data, std::size_t size) {
            return guarded(EIO,
                           [&] { return static_cast<StandardStream*>(user)->write({data, size}); });
          },
  };
}

pylon_network network_of(NetworkPolicy& policy) {
  pylon_network network{&policy, nullptr, nullptr, policy.grants_any};
  if (policy.allow_address)
    network.allow_address = [](void* user, pylon_text address, std::uint16_t port, bool bind) {
      return guarded(false, [&] {
        return static_cast<NetworkPolicy*>(user)->allow_address(
            {std::string(to_view(address)), port, bind});
      });
    };
  if (policy.allow_lookup)
    network.allow_lookup = [](void* user, pylon_text host) {
      return guarded(
          false, [&] { return static_cast<NetworkPolicy*>(user)->allow_lookup(to_view(host)); });
    };
  return network;
}

// The options in the shim's form; borrows from `options`.
class BorrowedOptions {
 public:
  explicit BorrowedOptions(SessionOptions& options) {
    for (const auto& argument : options.arguments) arguments_.push_back(to_text(argument));
    for (const auto& [name, value] : options.environment)
      environment_.push_back({to_text(name), to_text(value)});
    add_preopens(options.preopens);
    add_streams(options);
    view_ = {
        .arguments = arguments_.data(),
        .argument_count = arguments_.size(),
        .environment = environment_.data(),
        .environment_count = environment_.size(),
        .directory = to_text(options.directory),
        .preopens = preopens_.data(),
        .preopen_count = preopens_.size(),
        .network = network_of(options.network),
        .max_memory = options.max_memory,
        .standard = {standard_[0], standard_[1], standard_[2]},
    };
  }
  BorrowedOptions(const BorrowedOptions&) = delete;
  BorrowedOptions& operator=(const BorrowedOptions&) = delete;

  const pylon_options* get() const { return &view_; }

 private:
  void add_preopens(const std::vector<Preopen>& preopens) {
    files_.reserve(preopens.size());
    for (const auto& preopen : preopens) {
      auto& files = files_.emplace_back();
      for (const auto& file : preopen.files) files.push_back({to_text(file.name), file.write});
      preopens_.push_back({to_text(preopen.guest), to_text(preopen.host.native()), preopen.read,
                           preopen.write, files.data(), files.size()});
    }
  }

  void add_streams(SessionOptions& options) {
    StandardStream* streams[] = {options.standard_input.get(), options.standard_output.get(),
                                 options.standard_error.get()};
    for (int i = 0; i < 3; ++i) {
      if (!streams[i]) continue;
      streams_[i] = stream_of(*streams[i]);
      standard_[i] = &streams_[i];
    }
  }

  std::vector<pylon_text> arguments_;
  std::vector<pylon_variable> environment_;
  std::vector<std::vector<pylon_file_grant>> files_;
  std::vector<pylon_preopen> preopens_;
  pylon_stream streams_[3] = {};
  const pylon_stream* standard_[3] = {};
  pylon_options view_{};
};

}  // namespace

struct Session::Impl {
  Impl(Engine engine_, Component component_, SessionOptions options_)
      : engine(std::move(engine_)),
        component(std::move(component_)),
        options(std::move(options_)),
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
  BorrowedOptions borrowed(impl->options);
  if (auto* failure =
          pylon_session_new(impl->engine.impl()->engine, impl->component.impl()->component,
                            borrowed.get(), impl->shared, &impl->session))
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

std::vector<Refusal> Session::refusals() const {
  std::vector<Refusal> refusals;
  auto add = [](void* user, std::uint8_t kind, pylon_text target) {
    static_cast<std::vector<Refusal>*>(user)->push_back(
        {static_cast<Refusal::Kind>(kind), std::string(to_view(target))});
  };
  pylon_shared_refusals(impl_->shared, &refusals, add);
  return refusals;
}

}  // namespace pylon::engine
