#include "runtime/terminal.hh"

#include <histedit.h>
#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <clocale>
#include <cstdio>
#include <cstring>
#include <cwchar>
#include <utility>

namespace pylon::runtime {
namespace {

termios original_modes;
std::atomic<bool> modes_known = false;

// Lines that editing cannot shorten: libedit wants the parts that take no room between two marker
// bytes.
constexpr char kMarker = '\1';

// The end of an escape sequence that begins at `at`, or `at` if there is none.
std::size_t skip_escape(const std::string& text, std::size_t at) {
  if (text[at] != '\033' || at + 1 >= text.size()) return at;
  if (text[at + 1] == '[') {
    std::size_t end = at + 2;
    while (end < text.size() && (text[end] < '@' || text[end] > '~')) ++end;
    return std::min(end + 1, text.size());
  }
  return at + 2;
}

std::string marked_prompt(const std::string& text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = skip_escape(text, at);
    if (end == at) {
      if (text[at] != kMarker) out += text[at];
      ++at;
    } else {
      out += kMarker + text.substr(at, end - at) + kMarker;
      at = end;
    }
  }
  return out;
}

void use_utf8_locale() {
  if (!std::setlocale(LC_CTYPE, "") || MB_CUR_MAX == 1) (void)std::setlocale(LC_CTYPE, "C.UTF-8");
}

}  // namespace

struct TerminalInput::Editor {
  Editor(Interrupt& interrupt_in, Prompt& prompt_in) : interrupt(interrupt_in), prompt(prompt_in) {
    use_utf8_locale();
    if (::tcgetattr(0, &original_modes) == 0) modes_known = true;
    output = ::fopencookie(
        this, "w", {.read = nullptr, .write = &Editor::show, .seek = nullptr, .close = nullptr});
    editline = ::el_init_fd("pylon", stdin, output, output, 0, 1, 2);
    history = ::history_init();
    HistEvent event;
    ::history(history, &event, H_SETSIZE, 1000);
    ::history(history, &event, H_SETUNIQUE, 1);
    ::el_set(editline, EL_CLIENTDATA, this);
    ::el_set(editline, EL_EDITOR, "emacs");
    ::el_set(editline, EL_SIGNAL, 0);
    ::el_set(editline, EL_HIST, ::history, history);
    ::el_set(editline, EL_PROMPT_ESC, &Editor::prompt_text, kMarker);
    ::el_set(editline, EL_GETCFN, &Editor::get_character);
    ::el_set(editline, EL_BIND, "^R", "em-inc-search-prev", nullptr);
    ::el_set(editline, EL_BIND, "\\e[3~", "ed-delete-next-char", nullptr);
    take_typed_lines();
    ::el_set(editline, EL_PREP_TERM, 1);
  }
  ~Editor() {
    ::history_end(history);
    ::el_end(editline);
    std::fclose(output);
  }

  static Editor& of(EditLine* editline) {
    void* self = nullptr;
    ::el_get(editline, EL_CLIENTDATA, &self);
    return *static_cast<Editor*>(self);
  }

  // Writes what the editor draws. It begins with the prompt, which stands on the line already: that
  // is left out.
  static ssize_t show(void* cookie, const char* data, std::size_t size) {
    Editor& self = *static_cast<Editor*>(cookie);
    std::string text(data, size);
    if (const std::string standing = std::exchange(self.standing_prompt, {}); !standing.empty()) {
      if (text.starts_with(standing))
        text.erase(0, standing.size());
      else
        text.insert(0, "\r");
    }
    for (std::size_t done = 0; done < text.size();) {
      const ssize_t n = ::write(1, text.data() + done, text.size() - done);
      if (n < 0 && errno != EINTR) return 0;
      if (n > 0) done += static_cast<std::size_t>(n);
    }
    return static_cast<ssize_t>(size);
  }

  static char* prompt_text(EditLine* editline) { return of(editline).shown_prompt.data(); }

  // Takes what was typed while the terminal still collected lines itself, an end of the input
  // included.
  void take_typed_lines() {
    pollfd input = {0, POLLIN, 0};
    char buffer[4096];
    while (!ended && ::poll(&input, 1, 0) == 1) {
      const ssize_t n = ::read(0, buffer, sizeof buffer);
      if (n > 0) ahead.append(buffer, static_cast<std::size_t>(n));
      ended = n == 0;
      if (n < 0) return;
    }
  }

  // Fills `ahead` with what is typed; 0 at the end of the input, -1 if an interrupt came.
  ssize_t read_ahead() {
    if (std::exchange(ended, false)) return 0;
    while (true) {
      if (!wait_for_input(0, interrupt)) {
        interrupted = true;
        return -1;
      }
      char buffer[4096];
      const ssize_t n = ::read(0, buffer, sizeof buffer);
      if (n < 0 && (errno == EINTR || errno == EAGAIN)) continue;
      if (n > 0) ahead.append(buffer, static_cast<std::size_t>(n));
      return n;
    }
  }

  // One character for the editor. Bytes that are no character are left out.
  static int get_character(EditLine* editline, wchar_t* character) {
    Editor& self = of(editline);
    std::mbstate_t state{};
    while (true) {
      if (self.ahead.empty())
        if (const ssize_t n = self.read_ahead(); n <= 0) return static_cast<int>(n);
      const char byte = self.ahead.front();
      self.ahead.erase(0, 1);
      const std::size_t used = std::mbrtowc(character, &byte, 1, &state);
      if (used <= 1) return 1;
      if (used == static_cast<std::size_t>(-1)) state = {};
    }
  }

  // Reads a line into `line`, empty at the end of the input; false if interrupted.
  bool read_line(std::string& line) {
    interrupted = false;
    standing_prompt = prompt.text();
    shown_prompt = marked_prompt(standing_prompt);
    int length = 0;
    const char* text = ::el_gets(editline, &length);
    ::el_set(editline, EL_PREP_TERM, 1);
    prompt.clear();
    if (interrupted) {
      ahead.clear();
      std::fputs("^C", output);
    }
    std::fflush(output);
    if (interrupted) return false;
    line.assign(text ? text : "", text && length > 0 ? static_cast<std::size_t>(length) : 0);
    HistEvent event;
    if (line.size() > 1) ::history(history, &event, H_ENTER, line.c_str());
    return true;
  }

  Interrupt& interrupt;
  Prompt& prompt;
  std::FILE* output = nullptr;
  EditLine* editline = nullptr;
  History* history = nullptr;
  std::string shown_prompt;     // as the editor wants it
  std::string standing_prompt;  // as it stands on the line, until the editor has drawn its own
  std::string ahead;            // typed, and not yet taken by the editor
  bool interrupted = false;
  bool ended = false;  // the input ended after `ahead`
};

TerminalInput::TerminalInput(std::shared_ptr<Interrupt> interrupt, std::shared_ptr<Prompt> prompt)
    : interrupt_(std::move(interrupt)), prompt_(std::move(prompt)) {
  prompt_->before_first([this] { editor(); });
}

TerminalInput::~TerminalInput() {
  prompt_->before_first(nullptr);
}

TerminalInput::Editor& TerminalInput::editor() const {
  if (!editor_) editor_ = std::make_unique<Editor>(*interrupt_, *prompt_);
  return *editor_;
}

int TerminalInput::descriptor() const {
  const Editor& waiting = editor();
  return line_.empty() && waiting.ahead.empty() && !waiting.ended ? 0 : -1;
}

std::int64_t TerminalInput::read(std::span<std::uint8_t> buffer) {
  if (line_.empty()) {
    if (!editor().read_line(line_)) return -EINTR;
  }
  const std::size_t n = std::min(buffer.size(), line_.size());
  std::memcpy(buffer.data(), line_.data(), n);
  line_.erase(0, n);
  return static_cast<std::int64_t>(n);
}

int TerminalInput::write(std::span<const std::uint8_t>) {
  return EBADF;
}

void restore_terminal() {
  if (modes_known) (void)::tcsetattr(0, TCSANOW, &original_modes);
}

}  // namespace pylon::runtime
