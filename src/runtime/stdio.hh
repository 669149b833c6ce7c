// The guest's standard streams over this process's descriptors: streamed, interruptible, never
// captured.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "engine/engine.hh"
#include "runtime/interrupt.hh"

namespace pylon::runtime {

/// The text after the last line end that was written to the terminal: what a line editor has to
/// repeat as its prompt.
class Prompt {
 public:
  /// Called before anything is written.
  void note(std::string_view written);
  /// `prepare` is called once, before the first unfinished line is written: someone may soon be
  /// typing.
  void before_first(std::function<void()> prepare) { prepare_ = std::move(prepare); }
  const std::string& text() const { return text_; }
  void clear() { text_.clear(); }

 private:
  static constexpr std::size_t kLongest = 4096;
  std::string text_;
  std::function<void()> prepare_;
};

/// A descriptor as a stream. Reading waits for input or an interrupt; writing goes on until all is
/// written.
class DescriptorStream : public engine::StandardStream {
 public:
  /// `prompt` (may be null) follows what is written to a terminal.
  DescriptorStream(int descriptor, std::shared_ptr<Interrupt> interrupt,
                   std::shared_ptr<Prompt> prompt);

  bool is_terminal() const override { return terminal_; }
  int descriptor() const override { return descriptor_; }
  std::int64_t read(std::span<std::uint8_t> buffer) override;
  int write(std::span<const std::uint8_t> data) override;

  /// Why the first write that failed did so, as an errno; 0 if none has, or the reader has only
  /// gone away.
  int failure() const { return failure_; }

 private:
  int fail(int error);

  int descriptor_;
  std::atomic<int> failure_ = 0;
  bool terminal_;
  bool ready_always_;  // a regular file never blocks
  std::shared_ptr<Interrupt> interrupt_;
  std::shared_ptr<Prompt> prompt_;
};

/// The three streams of a run.
struct StandardStreams {
  std::shared_ptr<engine::StandardStream> input;
  std::shared_ptr<DescriptorStream> output;
  std::shared_ptr<DescriptorStream> error;

  /// This process's own; with line editing if input and output are terminals.
  static StandardStreams of_process(const std::shared_ptr<Interrupt>& interrupt);

  /// What the program could not write to standard output, and why: the guest's errno cannot say it.
  std::optional<Error> failure() const;
};

/// Puts /dev/null in the place of standard descriptors that are closed, so that no other file gets
/// their numbers. Called before anything is opened.
void fill_closed_descriptors();

/// Waits until `descriptor` can be read; false if an interrupt came first.
bool wait_for_input(int descriptor, Interrupt& interrupt);

}  // namespace pylon::runtime
