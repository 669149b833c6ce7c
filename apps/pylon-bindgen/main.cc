// pylon-bindgen: writes the two sides of a cap's boundary from its WIT (docs/bindings.md).
#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <string>

#include "pylon-bindgen/outputs.hh"

namespace {

using pylon::Error;
using pylon::ErrorKind;
using pylon::bindgen::Request;

constexpr const char* kFooter =
    "Exit codes:\n"
    "  0    done\n"
    "  1    the WIT cannot be used; the message names the item\n"
    "  2    the command line is wrong\n"
    "  125  the disk refused";

int report(const Error& error) {
  std::fprintf(stderr, "pylon-bindgen: %s\n", error.text().c_str());
  if (!error.hint().empty()) std::fprintf(stderr, "  %s\n", error.hint().c_str());
  return error.kind() == ErrorKind::kIo ? 125 : 1;
}

void add_options(CLI::App* command, const pylon::bindgen::Output& output, Request& request) {
  command
      ->add_option(
          "--wit", request.wit,
          "The WIT: a folder, a file, or .json that `wasm-tools component wit --json` printed")
      ->required();
  command->add_option("--wasm-tools", request.wasm_tools, "wasm-tools")->capture_default_str();
  command->add_option("--world", request.world, "The world, where the package has several");
  auto* name = command->add_option("--name", request.name, "The cap's name");
  if (output.needs_name) name->required();
  command->add_option("-o,--output", request.output, output.output_help)->required();
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Writes the two sides of a cap's boundary from its WIT.", "pylon-bindgen");
  app.set_version_flag("--version", std::string("pylon-bindgen ") + PYLON_VERSION);
  app.require_subcommand(1);
  app.footer(kFooter);
  Request request;
  const pylon::bindgen::Output* chosen = nullptr;
  for (const pylon::bindgen::Output& output : pylon::bindgen::outputs()) {
    CLI::App* command = app.add_subcommand(output.name, output.help);
    add_options(command, output, request);
    command->callback([&chosen, &output] { chosen = &output; });
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  auto result = pylon::bindgen::write_output(*chosen, request);
  return result ? 0 : report(result.error());
}
