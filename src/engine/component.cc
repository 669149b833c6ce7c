#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "base/file.hh"
#include "engine/component_impl.hh"
#include "engine/convert.hh"
#include "engine/engine.hh"
#include "engine/engine_impl.hh"

namespace pylon::engine {
namespace {

constexpr const char* kRebuild =
    "compile it again with the build tool of this version on this machine";

// Refuses, with the right words, what the engine would only call malformed.
Result<void> check_kind_of_file(const std::filesystem::path& path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0)
    return fail(ErrorKind::kInput, "cannot open " + path.string() + ": " + std::strerror(errno));
  if (!S_ISREG(status.st_mode))
    return fail(ErrorKind::kInput, path.string() + " is not a regular file");
  int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0)
    return fail(ErrorKind::kInput, "cannot open " + path.string() + ": " + std::strerror(errno));
  std::array<char, 4> magic{};
  ssize_t count = ::read(file, magic.data(), magic.size());
  ::close(file);
  if (count == 4 && std::memcmp(magic.data(), "\0asm", 4) == 0)
    return fail(ErrorKind::kCorrupt, path.string() + " is WebAssembly, not code compiled from it",
                kRebuild);
  return {};
}

}  // namespace

Result<Component> Component::open(const Engine& engine, const std::filesystem::path& cwasm) {
  pylon_component* component = nullptr;
  if (auto* failure =
          pylon_component_open(engine.impl()->engine, to_text(cwasm.native()), &component)) {
    Error malformed = take_failure(failure);
    PYLON_CHECK(check_kind_of_file(cwasm));
    return fail(std::move(malformed)
                    .within("cannot use the compiled code in " + cwasm.string())
                    .with_hint(kRebuild));
  }
  return Component(std::make_shared<Impl>(component));
}

}  // namespace pylon::engine
