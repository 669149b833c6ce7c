// Sessions of the interpreter that the build or an operator starts to get at its memory.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "engine/engine.hh"
#include "snapshot/image_record.hh"

namespace pylon::snapshot {

using Environment = std::vector<std::pair<std::string, std::string>>;

/// Keeps the beginning of what the guest prints.
class Capture : public engine::StandardStream {
 public:
  static constexpr std::size_t kLimit = 16384;

  bool is_terminal() const override { return false; }
  int descriptor() const override { return -1; }
  std::int64_t read(std::span<std::uint8_t>) override { return 0; }
  int write(std::span<const std::uint8_t> data) override;
  std::string text() const;

 private:
  mutable std::mutex mutex_;
  std::string text_;
};

/// The directories of Python modules that such a session sees, for reading.
struct GuestModules {
  std::filesystem::path library;  ///< the standard library; named as in the guest: python3.14
  std::filesystem::path facades;  ///< of a plan's caps, seen as /pylon/caps; empty: none
};

/// A session that sees `modules` and nothing else.
engine::SessionOptions session_options(const GuestModules& modules,
                                       const std::shared_ptr<Capture>& output,
                                       Environment environment);

/// A session of a compiled file with the native code beside it.
Result<engine::Session> open_session(const engine::Engine& engine,
                                     const std::filesystem::path& cwasm,
                                     engine::SessionOptions options);

/// Lets the interpreter initialise itself. What it printed is part of the error if it cannot.
Result<void> initialise(engine::Session& session, const Capture& output);

/// The guest's memory from the image's start on, in this process. `block` is its control block.
/// Memory that grew beyond the image is kInternal.
Result<std::span<const std::uint8_t>> image_of(std::span<const std::uint8_t> block,
                                               const ImageRecord& record);

/// Runs `work` on a thread of its own, which has the stack that guests need.
Result<void> on_guest_thread(const std::function<Result<void>()>& work);

}  // namespace pylon::snapshot
