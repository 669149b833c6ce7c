// pylon-build: makes what `pylon` runs. Each subcommand is one step of the build.
#include <cstdio>
#include <string>

#include "commands.hh"

namespace {

using pylon::Error;
using pylon::ErrorKind;

constexpr pylon::build::AddCommand kCommands[] = {
    pylon::build::add_fuse_command, pylon::build::add_native_command,
    pylon::build::add_image_commands, pylon::build::add_library_command,
    pylon::build::add_plan_commands};

constexpr const char* kExitCodes =
    "Exit codes:\n"
    "  0    done\n"
    "  1    an input cannot be used: missing, malformed, or the libraries do not fit together\n"
    "  2    the command line is wrong\n"
    "  125  a tool failed, the disk refused, or Pylon itself is broken";

int exit_code(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kUsage:
      return 2;
    case ErrorKind::kInput:
    case ErrorKind::kCorrupt:
      return 1;
    default:
      return 125;
  }
}

int report(const Error& error) {
  std::fprintf(stderr, "pylon-build: %s\n", error.text().c_str());
  if (!error.hint().empty()) std::fprintf(stderr, "  %s\n", error.hint().c_str());
  return exit_code(error.kind());
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Builds what pylon runs.", "pylon-build");
  app.set_version_flag("--version", std::string("pylon-build ") + PYLON_VERSION);
  app.require_subcommand(1);
  app.footer(kExitCodes);
  pylon::build::Action chosen;
  for (auto add : kCommands) add(app, chosen);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  auto result = chosen();
  return result ? 0 : report(result.error());
}
