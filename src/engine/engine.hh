// The C++ face of the wasm engine. No type of the engine behind it leaves this directory.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.hh"
#include "engine/guest_thread.hh"
#include "engine/native_code.hh"

namespace pylon::engine {

/// Compiled-code settings and the process-wide machinery. Cheap to copy: copies share one engine.
class Engine {
 public:
  /// An engine with the one configuration that compiling and loading share.
  static Result<Engine> create();

  /// The engine's name and version, e.g. "wasmtime 48.0.8".
  static std::string version();

  struct Impl;
  const std::shared_ptr<Impl>& impl() const { return impl_; }

 private:
  explicit Engine(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
  std::shared_ptr<Impl> impl_;
};

/// Compiles the component at `wasm` ahead of time into `cwasm` (written aside, then renamed).
/// Only programs linked with the compiler variant of the engine have it.
Result<void> compile_component(const Engine& engine, const std::filesystem::path& wasm,
                               const std::filesystem::path& cwasm);

/// A component compiled ahead of time, mapped from its file.
class Component {
 public:
  /// Maps precompiled code. The file must come from a compiler this program trusts: code in it runs
  /// unchecked. Code made by another engine version or for other CPU features is kCorrupt, with a
  /// hint to rebuild.
  static Result<Component> open(const Engine& engine, const std::filesystem::path& cwasm);

  struct Impl;
  const std::shared_ptr<Impl>& impl() const { return impl_; }

 private:
  explicit Component(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
  std::shared_ptr<Impl> impl_;
};

/// One entry of a preopened directory, granted beyond the directory's own rights. Always readable.
struct FileGrant {
  std::string name;    ///< a file name, one component
  bool write = false;  ///< may also be created, changed and removed
};

/// A host directory that the guest sees under a guest path.
struct Preopen {
  std::string guest;                  ///< absolute guest path
  std::filesystem::path host;         ///< host directory
  bool read = true;                   ///< list, stat, open for reading
  bool write = false;                 ///< create, change, remove
  std::vector<FileGrant> files = {};  ///< single entries with rights of their own
};

/// One of the guest's standard streams, implemented by the host program.
class StandardStream {
 public:
  virtual ~StandardStream() = default;
  /// The truth of isatty() for the guest.
  virtual bool is_terminal() const = 0;
  /// The descriptor to wait on for readiness, or -1 if the stream is always ready.
  virtual int descriptor() const = 0;
  /// Reads up to `buffer.size()` bytes: >0 bytes read, 0 end of stream, negative errno (-EINTR:
  /// interrupted). May block.
  virtual std::int64_t read(std::span<std::uint8_t> buffer) = 0;
  /// Writes everything: 0, or an errno (EPIPE: the reader is gone). May block.
  virtual int write(std::span<const std::uint8_t> data) = 0;
};

/// An address the guest wants to use. `address` is numeric ("192.0.2.1", "::1").
struct SocketUse {
  std::string address;
  std::uint16_t port;
  bool bind;  ///< bind or listen here, instead of connecting or sending
};

/// What the network policy answers; all run on the guest's thread. A guest that may make sockets
/// may always talk to itself, over loopback addresses whose port the system chose, without being
/// asked about.
struct NetworkPolicy {
  std::function<bool(const SocketUse&)>
      allow_address;  ///< empty: the guest cannot even make a socket
  std::function<bool(std::string_view host)> allow_lookup;  ///< empty: no name is looked up
  std::function<void(std::string_view host, std::string_view address)>
      found;  ///< told each address that an allowed name was found to have
};

/// An operation that the host refused the guest, or a use of the network that it granted.
struct Refusal {
  enum class Kind { kStat, kRead, kWrite, kConnect, kLookup, kListen } kind;
  std::string target;  ///< guest path, "address:port" or host name
};

class ProviderSource;  // engine/provider.hh

/// Everything one run of a component may have. Nothing is inherited.
struct SessionOptions {
  std::vector<std::string> arguments;
  std::vector<std::pair<std::string, std::string>> environment;
  std::string
      directory;  ///< the guest's initial working directory (wasi:cli/environment.initial-cwd)
  std::vector<Preopen> preopens;
  NetworkPolicy network;
  std::uint64_t max_memory = 0;  ///< bytes of linear memory, summed over the session and its
                                 ///< providers; 0: only the architecture's limit
  std::shared_ptr<StandardStream> standard_input;   ///< null: empty
  std::shared_ptr<StandardStream> standard_output;  ///< null: discarded
  std::shared_ptr<StandardStream> standard_error;   ///< null: discarded
  std::shared_ptr<ProviderSource>
      providers;  ///< what compose:dynlink/linker resolves; null: nothing
  std::shared_ptr<NativeCode>
      native;  ///< for a component that is a gate (src/native): the code behind it
};

/// One instance of a component in a store of its own, and the providers that it calls, each in
/// another. It is made and called on one thread at a
/// time, which needs kGuestStackBytes of stack: a GuestThread, or any other that large.
/// interrupt(), memory_limit_hit() and refusals() may be called from any thread at any time.
class Session {
 public:
  /// Links WASI as granted and instantiates. An import that nothing provides is kInput and names
  /// the interface.
  static Result<Session> create(const Engine& engine, const Component& component,
                                SessionOptions options);
  Session(Session&&) noexcept;
  Session& operator=(Session&&) noexcept;
  ~Session();

  /// Calls wasi:cli/run and returns the exit status. A trap is kTrap with the reason in its message
  /// and the guest's backtrace, if any, as its cause.
  Result<int> run();

  /// Calls an exported `func() -> u32` of the world.
  Result<std::uint32_t> call(std::string_view name);

  /// Calls an exported `func() -> list<u8>` whose bytes lie in static guest memory, and returns
  /// where they lie in this process. Valid while the session lives and the guest does not grow
  /// memory; single aligned words may be written from another thread at any time.
  Result<std::span<const std::uint8_t>> view(std::string_view name);

  /// Ends the host call that blocks now (poll, sleep, a wait for input) early; thread-safe. A poll
  /// returns nothing ready, a sleep is over, a read fails with EINTR. A call that begins later is
  /// not touched: repeat until the guest has noticed. StandardStream::read is the host program's to
  /// wake.
  void interrupt();

  /// True if a growth of memory was refused because of max_memory.
  bool memory_limit_hit() const;

  /// Refused operations so far: at most `kMaxRefusals`, the most recent kept, repeated ones once.
  std::vector<Refusal> refusals() const;
  static constexpr std::size_t kMaxRefusals = 32;

  /// Uses of the network that were granted, kept in the same way; not the guest's talk with itself.
  std::vector<Refusal> network_uses() const;

  struct Impl;

 private:
  explicit Session(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace pylon::engine
