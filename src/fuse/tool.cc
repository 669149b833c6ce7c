#include "fuse/tool.hh"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>

extern char** environ;

namespace pylon::fuse {
namespace {

// How much of a program's output an error quotes: the cause may stand at either end.
constexpr std::size_t kKeptBeginning = 1500, kKeptEnd = 1500;

// Reads to the end of file; keeps the beginning and the end.
std::string read_output(int fd) {
  std::string head, tail;
  std::array<char, 4096> buffer;
  for (;;) {
    ssize_t n = ::read(fd, buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    std::string_view text(buffer.data(), static_cast<std::size_t>(n));
    std::string_view first = text.substr(0, kKeptBeginning - head.size());
    head += first;
    tail += text.substr(first.size());
    if (tail.size() > 2 * kKeptEnd) tail.replace(0, tail.size() - kKeptEnd, "...\n");
  }
  std::string out = head + tail;
  while (!out.empty() && out.back() == '\n') out.pop_back();
  return out;
}

int spawn(const std::filesystem::path& program, const std::vector<std::string>& arguments,
          int output, pid_t& child) {
  std::string name = program.string();
  std::vector<char*> argv = {name.data()};
  std::vector<std::string> copies = arguments;
  for (std::string& argument : copies) argv.push_back(argument.data());
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, output, 1);
  posix_spawn_file_actions_adddup2(&actions, output, 2);
  int error = ::posix_spawnp(&child, name.c_str(), &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  return error;
}

std::string describe_status(int status) {
  if (WIFSIGNALED(status)) return std::string("was ended by signal ") + strsignal(WTERMSIG(status));
  return "failed with exit code " + std::to_string(WEXITSTATUS(status));
}

}  // namespace

Result<void> run_tool(const std::filesystem::path& program,
                      const std::vector<std::string>& arguments) {
  std::array<int, 2> pipe{};
  if (::pipe2(pipe.data(), O_CLOEXEC) != 0)
    return fail(ErrorKind::kIo, std::string("cannot make a pipe: ") + std::strerror(errno));
  pid_t child = -1;
  int error = spawn(program, arguments, pipe[1], child);
  ::close(pipe[1]);
  if (error != 0) {
    ::close(pipe[0]);
    return fail(ErrorKind::kInput, "cannot run " + program.string() + ": " + std::strerror(error),
                "install the toolchain, or say where the program is");
  }
  std::string output = read_output(pipe[0]);
  ::close(pipe[0]);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
  std::string message = program.string() + " " + describe_status(status);
  if (!output.empty()) message += ":\n" + output;
  return fail(ErrorKind::kInternal, message);
}

}  // namespace pylon::fuse
