#include <map>
#include <memory>

#include "commands.hh"
#include "fuse/fuse.hh"

namespace pylon::build {
namespace {

struct FuseArguments {
  fuse::FuseOptions options;
  std::vector<std::string> wraps;
};

Result<void> parse_wraps(FuseArguments& arguments) {
  for (const std::string& text : arguments.wraps) {
    std::size_t colon = text.find(':');
    if (colon == 0 || colon == std::string::npos || colon + 1 == text.size())
      return fail(ErrorKind::kUsage, "--wrap " + text + " is not LIBRARY:FUNCTION");
    arguments.options.wraps.push_back({text.substr(0, colon), text.substr(colon + 1)});
  }
  return {};
}

Result<void> run(FuseArguments& arguments) {
  PYLON_CHECK(parse_wraps(arguments));
  arguments.options.progress = say;
  PYLON_TRY(report, fuse::fuse(arguments.options));
  say("fused " + std::to_string(arguments.options.libraries.size()) +
      " libraries: " + std::to_string(report.relocations) + " relocations, " +
      std::to_string(report.table_size) + " table slots, data end at " +
      std::to_string(report.data_end) + " of " + std::to_string(report.memory_size));
  return {};
}

}  // namespace

void add_fuse_command(CLI::App& app, Action& chosen) {
  using fuse::Optimize;
  static const std::map<std::string, Optimize> kLevels = {
      {"none", Optimize::kNone}, {"fold", Optimize::kFold}, {"full", Optimize::kFull}};
  auto arguments = std::make_shared<FuseArguments>();
  fuse::FuseOptions& options = arguments->options;
  CLI::App* command =
      app.add_subcommand("fuse", "Fuse position-independent libraries into one core module");
  command
      ->add_option("libraries", options.libraries,
                   "Libraries; the first to export a name provides it")
      ->required();
  command->add_option("-o,--output", options.output, "The core module to write")->required();
  command->add_option("--map", options.map, "Write what was linked where, as JSON");
  command
      ->add_option("--export", options.exports,
                   "Export this function (a trailing * matches any ending)")
      ->allow_extra_args(false);
  command
      ->add_option("--wrap", arguments->wraps,
                   "LIBRARY:FUNCTION: send its calls to __wrap_FUNCTION")
      ->allow_extra_args(false);
  command->add_option("--optimize", options.optimize, "none, fold (seconds) or full (minutes)")
      ->transform(CLI::CheckedTransformer(kLevels).description("LEVEL"));
  command->add_flag("-g,--keep-names", options.keep_names, "Keep function names, for backtraces");
  command
      ->add_option("--feature", options.features,
                   "Allow one more WebAssembly feature, as wasm-opt names it")
      ->allow_extra_args(false);
  command->add_option("--stack-size", options.stack_size, "Bytes of stack, below the data")
      ->capture_default_str();
  command->add_option("--memory-pages", options.memory_pages, "Initial memory in pages of 64 KiB")
      ->capture_default_str();
  command->add_option("--wasm-merge", options.wasm_merge, "Binaryen's wasm-merge")
      ->capture_default_str();
  command->add_option("--wasm-opt", options.wasm_opt, "Binaryen's wasm-opt")->capture_default_str();
  command->add_option("--keep-parts", options.work_directory,
                      "Keep the intermediate modules in this directory");
  command->callback([arguments, &chosen] { chosen = [arguments] { return run(*arguments); }; });
}

}  // namespace pylon::build
