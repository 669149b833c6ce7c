// Standard streams, waiting and interrupts.
#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <stdexcept>
#include <thread>
#include <utility>

#include "fixture.hh"

namespace pylon::engine::testing {
namespace {

using namespace std::chrono_literals;

// WASI's error codes.
constexpr std::uint32_t kInterrupted = 11, kIo = 13, kNoSpace = 23;
constexpr std::uint32_t kEnd = 1000, kFailed = 2000;

// A stream over descriptors, or over nothing but what a test sets.
class TestStream : public StandardStream {
 public:
  bool is_terminal() const override { return terminal; }
  int descriptor() const override { return input; }
  std::int64_t read(std::span<std::uint8_t> buffer) override {
    if (read_error) return -read_error;
    ssize_t count = ::read(input, buffer.data(), buffer.size());
    return count < 0 ? -errno : count;
  }
  int write(std::span<const std::uint8_t> data) override {
    if (throws) throw std::runtime_error("broken");
    written.append(reinterpret_cast<const char*>(data.data()), data.size());
    return write_error;
  }

  bool terminal = false;
  bool throws = false;
  int input = -1;
  int read_error = 0;
  int write_error = 0;
  std::string written;
};

class Pipe {
 public:
  Pipe() { EXPECT_EQ(::pipe2(ends_, O_CLOEXEC), 0); }
  ~Pipe() {
    ::close(ends_[0]);
    finish();
  }
  int reader() const { return ends_[0]; }
  void write(const std::string& text) {
    EXPECT_EQ(::write(ends_[1], text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }
  void finish() {
    if (ends_[1] >= 0) ::close(std::exchange(ends_[1], -1));
  }

 private:
  int ends_[2];
};

struct Streams {
  std::shared_ptr<TestStream> input = std::make_shared<TestStream>();
  std::shared_ptr<TestStream> output = std::make_shared<TestStream>();
  SessionOptions options() const {
    SessionOptions options;
    options.standard_input = input;
    options.standard_output = output;
    return options;
  }
};

TEST(Streams, CopiesInputAsItComes) {
  Pipe pipe;
  Streams streams;
  streams.input->input = pipe.reader();
  std::thread writer([&] {
    for (int i = 0; i < 5; ++i) {
      pipe.write("line " + std::to_string(i) + "\n");
      std::this_thread::sleep_for(10ms);
    }
    pipe.finish();
  });
  with_session("streams", streams.options(), [&](Session& session) {
    EXPECT_EQ(session.call("echo").value(), 35u);
    EXPECT_EQ(streams.output->written, "line 0\nline 1\nline 2\nline 3\nline 4\n");
  });
  writer.join();
}

TEST(Streams, AbsentStreamsAreEmptyAndDiscard) {
  with_session("streams", {}, [](Session& session) {
    EXPECT_EQ(session.call("echo").value(), 0u);
    EXPECT_EQ(session.call("input").value(), kEnd);
    EXPECT_EQ(session.call("fail").value(), 0u);
    EXPECT_EQ(session.call("terminals").value(), 0u);
  });
}

TEST(Streams, ReadsNoMoreThanIsAskedFor) {
  Pipe pipe;
  pipe.write(std::string(150, 'x'));
  Streams streams;
  streams.input->input = pipe.reader();
  with_session("streams", streams.options(), [&](Session& session) {
    EXPECT_EQ(session.call("input").value(), 100u);
    char rest[100];
    EXPECT_EQ(::read(pipe.reader(), rest, sizeof rest), 50) << "nothing may be read ahead";
  });
}

TEST(Streams, TellTheTruthAboutTerminals) {
  Streams streams;
  streams.output->terminal = true;
  with_session("streams", streams.options(),
               [](Session& session) { EXPECT_EQ(session.call("terminals").value(), 2u); });
}

TEST(Streams, ErrorsReachTheGuest) {
  Streams streams;
  with_session("streams", streams.options(), [&](Session& session) {
    streams.output->write_error = EPIPE;
    EXPECT_EQ(session.call("fail").value(), kEnd) << "a closed stream, which a libc makes EPIPE";
    streams.output->write_error = ENOSPC;
    EXPECT_EQ(session.call("fail").value(), 1 + kNoSpace);
    streams.output->throws = true;
    EXPECT_EQ(session.call("fail").value(), 1 + kIo);
    streams.input->read_error = EINTR;
    EXPECT_EQ(session.call("input").value(), kFailed + kInterrupted);
  });
}

TEST(Poll, EndsWithInputOrWithTime) {
  Pipe pipe;
  Streams streams;
  streams.input->input = pipe.reader();
  with_session("streams", streams.options(), [&](Session& session) {
    EXPECT_EQ(session.call("pick").value(), 2u) << "time";
    pipe.write("x");
    EXPECT_EQ(session.call("pick").value(), 1u) << "input";
  });
}

TEST(Poll, RegularFilesAreAlwaysReady) {
  Scratch scratch;
  std::string path = scratch.path("file");
  int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  ASSERT_GE(file, 0);
  Streams streams;
  streams.input->input = file;
  with_session("streams", streams.options(), [&](Session& session) {
    EXPECT_EQ(session.call("pick").value() & 1, 1u);
    EXPECT_EQ(session.call("input").value(), kEnd);
  });
  ::close(file);
}

// Calls `function` and interrupts it until it returns.
void expect_interrupted(const char* function, std::uint32_t value) {
  Pipe pipe;
  Streams streams;
  streams.input->input = pipe.reader();
  with_session("streams", streams.options(), [&](Session& session) {
    std::atomic<bool> done = false;
    std::thread supervisor([&] {
      do {
        std::this_thread::sleep_for(20ms);
        session.interrupt();
      } while (!done);
    });
    auto begin = std::chrono::steady_clock::now();
    EXPECT_EQ(session.call(function).value(), value) << function;
    done = true;
    supervisor.join();
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 30s);
  });
}

TEST(Interrupt, EndsASleep) {
  expect_interrupted("sleep", 1);
}

TEST(Interrupt, EndsAWaitForInputWithEintr) {
  expect_interrupted("input", kFailed + kInterrupted);
}

TEST(Interrupt, DoesNotTouchALaterCall) {
  Pipe pipe;
  Streams streams;
  streams.input->input = pipe.reader();
  with_session("streams", streams.options(), [&](Session& session) {
    session.interrupt();
    EXPECT_EQ(session.call("pick").value(), 2u);
  });
}

}  // namespace
}  // namespace pylon::engine::testing
