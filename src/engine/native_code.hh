// Machine code of a module's functions, made ahead of time by a compiler of the host (src/native),
// and its stack.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>

#include "base/error.hh"

namespace pylon::engine {

/// Native code mapped from its file, with a stack of its own on which it runs in turns with the
/// component around it, the gate. One instance serves one memory and one thread at a time.
class NativeCode {
 public:
  /// Maps the file. It must come from a compiler this program trusts: the code runs unchecked, and
  /// stays inside the memory by how it was made. Anything else than such a file is kCorrupt.
  static Result<std::shared_ptr<NativeCode>> open(const std::filesystem::path& file);

  /// The code that belongs to an image: the file beside it that is named as it is up to the first
  /// dot, with the ending
  /// ".native"; null if there is none.
  static Result<std::shared_ptr<NativeCode>> beside(const std::filesystem::path& image);
  static std::filesystem::path path_beside(const std::filesystem::path& image);

  NativeCode(const NativeCode&) = delete;
  NativeCode& operator=(const NativeCode&) = delete;
  ~NativeCode();

  /// What it answers if it can never go on.
  static constexpr std::uint32_t kTrapped = UINT32_MAX;

  /// Lets the code run until it wants something, in the memory at `memory`: `message` is 0 to go
  /// on, or one more than the number of the export to call (which may happen while it waits).
  /// Returns what it wants (native/protocol.hh), or kTrapped.
  std::uint32_t change(std::uint8_t* memory, std::uint32_t message);

  /// Why it trapped, in words.
  const char* trap_reason() const;

  struct Impl;

 private:
  explicit NativeCode(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace pylon::engine
