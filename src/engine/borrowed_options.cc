#include "engine/borrowed_options.hh"

#include <cerrno>

#include "engine/borrowed_providers.hh"
#include "engine/convert.hh"
#include "engine/guarded.hh"

namespace pylon::engine {
namespace {

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
  pylon_network network{&policy, nullptr, nullptr, nullptr};
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
  if (policy.found)
    network.found = [](void* user, pylon_text host, pylon_text address) {
      guarded(0, [&] {
        static_cast<NetworkPolicy*>(user)->found(to_view(host), to_view(address));
        return 0;
      });
    };
  return network;
}

pylon_native native_of(NativeCode& code) {
  static_assert(NativeCode::kTrapped == PYLON_NATIVE_TRAPPED);
  return {
      .user = &code,
      .change =
          [](void* user, std::uint8_t* memory, std::uint32_t message) {
            return static_cast<NativeCode*>(user)->change(memory, message);
          },
      .reason = [](void* user) { return to_text(static_cast<NativeCode*>(user)->trap_reason()); },
  };
}

}  // namespace

BorrowedOptions::BorrowedOptions(SessionOptions& options) {
  for (const auto& argument : options.arguments) arguments_.push_back(to_text(argument));
  for (const auto& [name, value] : options.environment)
    environment_.push_back({to_text(name), to_text(value)});
  add_preopens(options.preopens);
  add_streams(options);
  if (options.providers) providers_ = std::make_unique<BorrowedProviders>(*options.providers);
  if (options.native) native_ = native_of(*options.native);
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
      .providers = providers_ ? providers_->get() : nullptr,
      .native = options.native ? &native_ : nullptr,
  };
}

BorrowedOptions::~BorrowedOptions() = default;

void BorrowedOptions::add_preopens(const std::vector<Preopen>& preopens) {
  files_.reserve(preopens.size());
  for (const auto& preopen : preopens) {
    auto& files = files_.emplace_back();
    for (const auto& file : preopen.files) files.push_back({to_text(file.name), file.write});
    preopens_.push_back({to_text(preopen.guest), to_text(preopen.host.native()), preopen.read,
                         preopen.write, files.data(), files.size()});
  }
}

void BorrowedOptions::add_streams(SessionOptions& options) {
  StandardStream* streams[] = {options.standard_input.get(), options.standard_output.get(),
                               options.standard_error.get()};
  for (int i = 0; i < 3; ++i) {
    if (!streams[i]) continue;
    streams_[i] = stream_of(*streams[i]);
    standard_[i] = &streams_[i];
  }
}

}  // namespace pylon::engine
