// Reading lines from a terminal with editing and history.
#pragma once

#include <memory>
#include <string>

#include "runtime/stdio.hh"

namespace pylon::runtime {

/// Standard input when input and output are terminals. The editor is set up by the first prompt or
/// read, and keeps the terminal in its own modes until the end of the run, so that what is typed
/// between two reads is shown once, when it is read. Its prompt is what stands on the line already.
/// Ctrl-C ends a read with -EINTR, Ctrl-D on an empty line is the end of the input.
class TerminalInput : public engine::StandardStream {
 public:
  TerminalInput(std::shared_ptr<Interrupt> interrupt, std::shared_ptr<Prompt> prompt);
  ~TerminalInput() override;

  bool is_terminal() const override { return true; }
  /// Asked before waiting: sets the editor up, and is -1 while something typed is at hand.
  int descriptor() const override;
  std::int64_t read(std::span<std::uint8_t> buffer) override;
  int write(std::span<const std::uint8_t>) override;

 private:
  struct Editor;
  Editor& editor() const;

  std::shared_ptr<Interrupt> interrupt_;
  std::shared_ptr<Prompt> prompt_;
  mutable std::unique_ptr<Editor> editor_;
  std::string line_;  // the rest of a line that was longer than the reader's buffer
};

/// Gives the terminal the modes back that it had before the first read with editing. Safe at any
/// time, in any thread.
void restore_terminal();

}  // namespace pylon::runtime
