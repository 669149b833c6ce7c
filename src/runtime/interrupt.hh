// Ctrl-C on its way into Python: from the supervising thread to the guest's memory and to blocking
// reads.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "base/error.hh"

namespace pylon::runtime {

/// CPython's signal cells in guest memory, found through the component's `control` export:
/// little-endian words {magic, version, self, memory_size, image_start, state, sigint_tripped,
/// signals_tripped, eval_breaker, eval_breaker_bit}, where the three words from sigint_tripped on
/// are guest addresses, zero until the interpreter is initialised.
class ControlBlock {
 public:
  /// Takes the block that `control()` returned, which lies in guest memory, before the guest runs.
  /// Another layout is kCorrupt.
  static Result<ControlBlock> at(std::span<const std::uint8_t> block);

  /// Marks SIGINT as arrived; false if the interpreter is not yet up. From any thread while the
  /// guest runs.
  bool trip() const;

  /// True while Python has not yet handled the last one.
  bool tripped() const;

 private:
  std::atomic<std::uint32_t>* cell(std::size_t word) const;

  const std::uint8_t* block_ = nullptr;
  std::uint8_t* memory_ = nullptr;
  std::uint32_t memory_size_ = 0;
};

/// Shared by the supervisor, which raises it, and the streams, whose blocking reads it ends.
class Interrupt {
 public:
  Interrupt();
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  /// From now on interrupts reach the guest through `block`.
  void connect(ControlBlock block);
  /// The guest's memory is about to go away.
  void disconnect();

  /// False if the guest cannot be told: it does not run yet, or has not handled the last interrupt.
  bool raise();

  /// True while Python has not yet handled the last one.
  bool pending() const;

  /// Prepares for blocking: true if an interrupt is pending already, and blocking would miss it.
  bool begin_wait();

  /// A descriptor that becomes readable when an interrupt arrives after begin_wait().
  int descriptor() const { return event_; }

 private:
  int event_;
  std::atomic<const ControlBlock*> block_ = nullptr;
  std::unique_ptr<const ControlBlock> owned_;
};

}  // namespace pylon::runtime
