#include "runtime/stdio.hh"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "base/file.hh"
#include "runtime/terminal.hh"

namespace pylon::runtime {

void Prompt::note(std::string_view written) {
  std::size_t end = written.find_last_of("\n\r");
  if (end != std::string_view::npos) {
    text_.clear();
    written.remove_prefix(end + 1);
  }
  if (text_.size() + written.size() <= kLongest)
    text_.append(written);
  else
    text_.clear();
  if (!text_.empty() && prepare_) std::exchange(prepare_, nullptr)();
}

bool wait_for_input(int descriptor, Interrupt& interrupt) {
  if (interrupt.begin_wait()) return false;
  pollfd wanted[2] = {{descriptor, POLLIN, 0}, {interrupt.descriptor(), POLLIN, 0}};
  while (true) {
    if (::poll(wanted, 2, -1) < 0) {
      if (errno == EINTR) continue;
      return true;  // reading will say what is wrong
    }
    if (wanted[1].revents) return false;
    if (wanted[0].revents) return true;
  }
}

DescriptorStream::DescriptorStream(int descriptor, std::shared_ptr<Interrupt> interrupt,
                                   std::shared_ptr<Prompt> prompt)
    : descriptor_(descriptor), interrupt_(std::move(interrupt)), prompt_(std::move(prompt)) {
  struct stat status{};
  const bool known = ::fstat(descriptor, &status) == 0;
  ready_always_ = known && S_ISREG(status.st_mode);
  terminal_ = known && S_ISCHR(status.st_mode) && ::isatty(descriptor) == 1;
}

std::int64_t DescriptorStream::read(std::span<std::uint8_t> buffer) {
  while (true) {
    if (!ready_always_ && !wait_for_input(descriptor_, *interrupt_)) return -EINTR;
    const ssize_t n = ::read(descriptor_, buffer.data(), buffer.size());
    if (n >= 0) return n;
    if (errno != EINTR && errno != EAGAIN) return -errno;
  }
}

int DescriptorStream::write(std::span<const std::uint8_t> data) {
  if (terminal_ && prompt_)
    prompt_->note({reinterpret_cast<const char*>(data.data()), data.size()});
  while (!data.empty()) {
    const ssize_t n = ::write(descriptor_, data.data(), data.size());
    if (n >= 0) {
      data = data.subspan(static_cast<std::size_t>(n));
    } else if (errno == EAGAIN) {
      pollfd wanted = {descriptor_, POLLOUT, 0};
      (void)::poll(&wanted, 1, -1);
    } else if (errno != EINTR) {
      return fail(errno);
    }
  }
  return 0;
}

int DescriptorStream::fail(int error) {
  if (error != EPIPE && failure_ == 0) failure_ = error;
  return error;
}

StandardStreams StandardStreams::of_process(const std::shared_ptr<Interrupt>& interrupt) {
  auto prompt = std::make_shared<Prompt>();
  auto stream = [&](int descriptor) {
    return std::make_shared<DescriptorStream>(descriptor, interrupt, prompt);
  };
  StandardStreams streams{stream(0), stream(1), stream(2)};
  if (streams.input->is_terminal() && streams.output->is_terminal())
    streams.input = std::make_shared<TerminalInput>(interrupt, prompt);
  return streams;
}

std::optional<Error> StandardStreams::failure() const {
  const int problem = output ? output->failure() : 0;
  if (problem == 0) return std::nullopt;
  return io_error("cannot write", "standard output", problem);
}

void fill_closed_descriptors() {
  for (int descriptor : {0, 1, 2})
    if (::fcntl(descriptor, F_GETFD) < 0)
      (void)!::open("/dev/null", O_RDWR);  // takes the lowest free number
}

}  // namespace pylon::runtime
