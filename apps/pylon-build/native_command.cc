#include <filesystem>
#include <memory>

#include "base/file.hh"
#include "commands.hh"
#include "fuse/fuse.hh"
#include "fuse/tool.hh"
#include "native/gate.hh"
#include "native/translate.hh"

namespace pylon::build {
namespace {

namespace fs = std::filesystem;

struct NativeArguments {
  fs::path module;
  fs::path directory;
  unsigned parts = 16;
  fs::path wasm_merge = "wasm-merge";
  fs::path wasm_opt = "wasm-opt";
};

// Merges the two halves of the gate, and gives the result the component types of the original.
Result<void> write_gate(const wasm::Module& module, const NativeArguments& arguments) {
  PYLON_TRY(gate, native::make_gate(module));
  auto file = [&](const char* name) { return (arguments.directory / name).string(); };
  PYLON_CHECK(write_file_atomically(file("inner.wasm"), gate.inner));
  PYLON_CHECK(write_file_atomically(file("outer.wasm"), gate.outer));
  std::vector<std::string> merge = fuse::base_feature_flags(), optimise = merge;
  // While it merges, wasm-merge counts every import of the one memory as a memory.
  merge.insert(merge.end(), {"--enable-multimemory", file("inner.wasm"), native::kInnerName,
                             file("outer.wasm"), "outer", "-o", file("merged.wasm")});
  optimise.insert(optimise.end(), {file("merged.wasm"), "-o", file("optimised.wasm"), "-O2"});
  PYLON_CHECK(fuse::run_tool(arguments.wasm_merge, merge));
  PYLON_CHECK(fuse::run_tool(arguments.wasm_opt, optimise));
  PYLON_TRY(bytes, read_file(file("optimised.wasm")));
  PYLON_TRY(optimised, wasm::Module::parse(bytes, "the gate"));
  if (!optimised.tables.empty())
    return fail(
        ErrorKind::kInput,
        module.name + ": cabi_realloc calls through the function table, which a gate has not",
        "let it call malloc and nothing else");
  const Bytes types = fuse::component_type_sections(module);
  bytes.insert(bytes.end(), types.begin(), types.end());
  return write_file_atomically(file("gate.wasm"), bytes);
}

Result<void> run(const NativeArguments& arguments) {
  PYLON_TRY(bytes, read_file(arguments.module));
  PYLON_TRY(module, wasm::Module::parse(std::move(bytes), arguments.module.string()));
  std::error_code error;
  fs::create_directories(arguments.directory, error);
  say("translating " + std::to_string(module.code.size()) + " functions to C");
  PYLON_TRY(files, native::translate(module, arguments.directory, arguments.parts));
  PYLON_CHECK(write_gate(module, arguments));
  say("wrote the gate and " + std::to_string(files.size()) + " files for a compiler of the host");
  return {};
}

}  // namespace

void add_native_command(CLI::App& app, Action& chosen) {
  auto arguments = std::make_shared<NativeArguments>();
  CLI::App* command = app.add_subcommand(
      "native", "Translate a fused module to C, and make the gate that stays WebAssembly");
  command->add_option("module", arguments->module, "The core module")->required();
  command
      ->add_option("-o,--output", arguments->directory,
                   "The directory to write to: part-<n>.c, glue.c, module.h, table.s, gate.wasm")
      ->required();
  command->add_option("--parts", arguments->parts, "Number of part-<n>.c")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  command->add_option("--wasm-merge", arguments->wasm_merge, "Binaryen's wasm-merge")
      ->capture_default_str();
  command->add_option("--wasm-opt", arguments->wasm_opt, "Binaryen's wasm-opt")
      ->capture_default_str();
  command->callback([arguments, &chosen] { chosen = [arguments] { return run(*arguments); }; });
}

}  // namespace pylon::build
