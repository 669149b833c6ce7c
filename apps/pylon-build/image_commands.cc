#include <memory>

#include "commands.hh"
#include "runtime/facades.hh"
#include "runtime/install.hh"
#include "runtime/manifest.hh"
#include "runtime/plan_gate.hh"
#include "snapshot/cold_image.hh"
#include "snapshot/snapshot.hh"

namespace pylon::build {
namespace {

namespace fs = std::filesystem;

struct ImageArguments {
  fs::path wasm;
  fs::path directory;
  std::string python;
};

fs::path cold_path(const fs::path& directory) {
  return directory / runtime::image_name(runtime::Image::kCold);
}

fs::path snapshot_path(const fs::path& directory) {
  return directory / runtime::image_name(runtime::Image::kSnapshot);
}

fs::path library_path(const ImageArguments& arguments) {
  return arguments.directory / runtime::library_name(arguments.python);
}

Result<void> make_images(const ImageArguments& arguments) {
  PYLON_TRY(engine, engine::Engine::create());
  say("compiling " + arguments.wasm.string() + " to machine code (half a minute)");
  return snapshot::make_cold_image(engine, arguments.wasm, cold_path(arguments.directory));
}

Result<void> take_snapshot(const ImageArguments& arguments) {
  PYLON_TRY(engine, engine::Engine::create());
  const fs::path& directory = arguments.directory;
  say("taking the snapshot");
  const fs::path facades = runtime::installed_facades(directory);
  PYLON_TRY(modules, runtime::builtin_modules(facades));
  return snapshot::make_snapshot(engine, cold_path(directory), {library_path(arguments), facades},
                                 snapshot_path(directory), runtime::plan_environment(modules));
}

Result<void> write_manifest(const ImageArguments& arguments) {
  PYLON_TRY(manifest, runtime::take_inventory(arguments.directory, arguments.python,
                                              engine::Engine::version()));
  return manifest.write(arguments.directory);
}

void add_python_option(CLI::App* command, ImageArguments& arguments) {
  command->add_option("--python", arguments.python, "CPython's version, like 3.14.0")->required();
}

template <typename Run>
void choose(CLI::App* command, const std::shared_ptr<ImageArguments>& arguments, Action& chosen,
            Run run) {
  command->callback(
      [arguments, &chosen, run] { chosen = [arguments, run] { return run(*arguments); }; });
}

}  // namespace

void add_image_commands(CLI::App& app, Action& chosen) {
  auto arguments = std::make_shared<ImageArguments>();
  CLI::App* images = app.add_subcommand(
      "images", "Compile python.wasm ahead of time: python.cold.cwasm and its image record");
  images->add_option("--wasm", arguments->wasm, "The component")->required();
  images->add_option("-o,--output", arguments->directory, "The directory to write to (lib/pylon)")
      ->required();
  choose(images, arguments, chosen, make_images);

  CLI::App* snapshot = app.add_subcommand(
      "snapshot", "Start the interpreter once and keep its memory: python.snapshot.cwasm");
  snapshot
      ->add_option("--lib", arguments->directory,
                   "lib/pylon, with python.cold.cwasm and python<version>/")
      ->required();
  add_python_option(snapshot, *arguments);
  choose(snapshot, arguments, chosen, take_snapshot);

  CLI::App* manifest =
      app.add_subcommand("manifest", "Describe what is in lib/pylon: manifest.json");
  manifest->add_option("--lib", arguments->directory, "lib/pylon")->required();
  add_python_option(manifest, *arguments);
  choose(manifest, arguments, chosen, write_manifest);
}

}  // namespace pylon::build
