#include <unistd.h>

#include <memory>

#include "base/file.hh"
#include "commands.hh"
#include "compose/plan_file.hh"
#include "compose/resolver.hh"
#include "engine/engine.hh"
#include "runtime/code_cache.hh"
#include "runtime/directories.hh"
#include "runtime/facades.hh"
#include "runtime/plan_gate.hh"

namespace pylon::build {
namespace {

namespace fs = std::filesystem;

struct ComponentArguments {
  fs::path wasm;
  std::string digest;
  fs::path directory;
};

struct FacadeArguments {
  fs::path library;
};

// The digest of the component, which has to be the one that was asked for.
Result<compose::Digest> digest_of(const ComponentArguments& arguments) {
  PYLON_TRY(actual, compose::Digest::of_file(arguments.wasm));
  if (arguments.digest.empty()) return actual;
  PYLON_TRY(wanted, compose::Digest::parse(arguments.digest));
  if (actual == wanted) return actual;
  return fail(ErrorKind::kCorrupt,
              arguments.wasm.string() + " is " + actual.text() + ", not " + wanted.text());
}

// Compiles a copy of its own, so that what was hashed is what is compiled.
Result<void> compile(const ComponentArguments& arguments) {
  PYLON_CHECK(runtime::make_private(arguments.directory));
  const std::string aside =
      (arguments.directory / (".compiling." + std::to_string(::getpid()))).string();
  ComponentArguments copied = arguments;
  copied.wasm = aside + ".wasm";
  const fs::path code = aside + ".cwasm";
  auto work = [&]() -> Result<void> {
    PYLON_TRY(bytes, read_file(arguments.wasm));
    PYLON_CHECK(write_file_atomically(copied.wasm, bytes));
    PYLON_TRY(digest, digest_of(copied));
    PYLON_TRY(engine, engine::Engine::create());
    PYLON_CHECK(engine::compile_component(engine, copied.wasm, code));
    return runtime::keep_code(arguments.directory, digest, code);
  };
  Result<void> done = work();
  std::error_code ignored;
  fs::remove(copied.wasm, ignored);
  fs::remove(code, ignored);
  if (!done) return fail(std::move(done).error().within(arguments.wasm.string()));
  return {};
}

Result<void> unpack(const FacadeArguments& arguments) {
  PYLON_TRY(file, compose::PlanFile::read(arguments.library / "plan.json"));
  const compose::Resolver resolver(file.plan, {compose::BlobStore(arguments.library / "blobs")});
  return runtime::unpack_facades(file.plan, resolver,
                                 runtime::facades_directory(arguments.library, file.digest));
}

}  // namespace

void add_plan_commands(CLI::App& app, Action& chosen) {
  auto component = std::make_shared<ComponentArguments>();
  CLI::App* compile_command = app.add_subcommand(
      "component", "Compile a plan's component ahead of time, for this processor");
  compile_command->add_option("wasm", component->wasm, "The component")->required();
  compile_command->add_option("--digest", component->digest,
                              "Refuse any other component: sha256:HEX");
  compile_command->add_option("-o,--output", component->directory, "The directory for code")
      ->required();
  compile_command->callback(
      [component, &chosen] { chosen = [component] { return compile(*component); }; });

  auto facades = std::make_shared<FacadeArguments>();
  CLI::App* unpack_command =
      app.add_subcommand("facades", "Unpack the Python modules of an install's plan");
  unpack_command->add_option("--lib", facades->library, "lib/pylon, with plan.json and blobs/")
      ->required();
  unpack_command->callback([facades, &chosen] { chosen = [facades] { return unpack(*facades); }; });
}

}  // namespace pylon::build
