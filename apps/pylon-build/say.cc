#include <cstdio>

#include "commands.hh"

namespace pylon::build {

void say(std::string_view what) {
  std::fprintf(stderr, "pylon-build: %.*s\n", static_cast<int>(what.size()), what.data());
}

}  // namespace pylon::build
