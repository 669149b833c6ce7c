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

namespace pylon::runtime {
namespace {

termios original_modes;
std::atomic<bool> modes_known = false;

// Lines that editing cannot shorten: libedit wants the parts that take no room between two marker bytes.
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
    editline = ::el_init("pylon", stdin, stdout, stderr);
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
  }
  ~Editor() {
    ::history_end(history);
    ::el_end(editline);
  }

  static Editor& of(EditLine* editline) {
    void* self = nullptr;
    ::el_get(editline, EL_CLIENTDATA, &self);
    return *static_cast<Editor*>(self);
  }

  static char* prompt_text(EditLine* editline) { return of(editline).shown_prompt.data(); }

  // Fills `ahead` with what was typed; 0 at the end of the input, -1 if an interrupt came.
  ssize_t read_ahead() {
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

  // A line, or the end of the input, that was typed before the editor was asked: the terminal has shown it already.
  bool typed_before() const {
    pollfd input = {0, POLLIN, 0};
    return ahead.empty() && ::poll(&input, 1, 0) == 1;
  }

  // A line as the terminal itself collects it: empty at the end of the input.
  std::string take_typed() {
    char buffer[4096];
    const ssize_t n = ::read(0, buffer, sizeof buffer);
    prompt.clear();
    return std::string(buffer, n > 0 ? static_cast<std::size_t>(n) : 0);
  }

  std::string edit() {
    shown_prompt = marked_prompt(prompt.text());
    std::fputs("\r", stdout);
    std::fflush(stdout);
    int length = 0;
    const char* line = ::el_gets(editline, &length);
    prompt.clear();
    if (!interrupted) return line && length > 0 ? std::string(line, static_cast<std::size_t>(length)) : "";
    ahead.clear();
    std::fputs("^C\n", stdout);
    std::fflush(stdout);
    return {};
  }

  // Reads a line into `line`, empty at the end of the input; false if interrupted.
  bool read_line(std::string& line) {
    interrupted = false;
    line = typed_before() ? take_typed() : edit();
    HistEvent event;
    if (line.size() > 1) ::history(history, &event, H_ENTER, line.c_str());
    return !interrupted;
  }

  Interrupt& interrupt;
  Prompt& prompt;
  EditLine* editline = nullptr;
  History* history = nullptr;
  std::string shown_prompt;
  std::string ahead;  // typed, and not yet taken by the editor
  bool interrupted = false;
};

TerminalInput::TerminalInput(std::shared_ptr<Interrupt> interrupt, std::shared_ptr<Prompt> prompt)
    : interrupt_(std::move(interrupt)), prompt_(std::move(prompt)) {}

TerminalInput::~TerminalInput() = default;

std::int64_t TerminalInput::read(std::span<std::uint8_t> buffer) {
  if (line_.empty()) {
    if (!editor_) editor_ = std::make_unique<Editor>(*interrupt_, *prompt_);
    if (!editor_->read_line(line_)) return -EINTR;
  }
  const std::size_t n = std::min(buffer.size(), line_.size());
  std::memcpy(buffer.data(), line_.data(), n);
  line_.erase(0, n);
  return static_cast<std::int64_t>(n);
}

int TerminalInput::write(std::span<const std::uint8_t>) { return EBADF; }

void restore_terminal() {
  if (modes_known) (void)::tcsetattr(0, TCSANOW, &original_modes);
}

}  // namespace pylon::runtime
