#include <zstd.h>

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <sstream>

#include "commands.hh"
#include "link/library_archive.hh"

namespace pylon::build {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kSmall = "small:", kReady = "ready:";

struct LibraryArguments {
  fs::path sources, bytecode, output, list;
  std::string guest;
  std::size_t block_size = 1 << 20;
  bool small = false, ready = false;
};

// What the list says: the names of modules that stay out, and of those that are ready in a small
// library.
struct Names {
  std::set<std::string> left_out, ready;
};

Result<Names> read_names(const LibraryArguments& arguments) {
  PYLON_TRY(bytes, read_file(arguments.list));
  std::istringstream text(std::string(bytes.begin(), bytes.end()));
  Names names;
  for (std::string line; std::getline(text, line);) {
    if (line.empty() || line[0] == '#') continue;
    if (line.starts_with(kReady))
      names.ready.insert(line.substr(kReady.size()));
    else if (!line.starts_with(kSmall))
      names.left_out.insert(line);
    else if (arguments.small)
      names.left_out.insert(line.substr(kSmall.size()));
  }
  return names;
}

// json/__pycache__/decoder.cpython-314.pyc is what json/decoder.py gives; empty if it is not such a
// name.
std::string source_of(const fs::path& bytecode) {
  const std::string name = bytecode.filename().string();
  const std::size_t dot = name.find('.');
  if (bytecode.parent_path().filename() != "__pycache__" || dot == std::string::npos) return {};
  return (bytecode.parent_path().parent_path() / (name.substr(0, dot) + ".py")).string();
}

bool is_among(const std::string& path, const std::set<std::string>& names) {
  return std::ranges::any_of(names, [&](const std::string& name) {
    return path == name || (path.starts_with(name) && path[name.size()] == '/');
  });
}

// The files below `root` with this ending: the path of the module's source there -> the file.
std::map<std::string, fs::path> modules(const fs::path& root, std::string_view ending,
                                        const LibraryArguments& arguments, const Names& names) {
  std::map<std::string, fs::path> found;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(root)) {
    if (!entry.is_regular_file() || entry.path().extension() != ending) continue;
    const fs::path inner = entry.path().lexically_relative(root);
    const std::string source = ending == ".pyc" ? source_of(inner) : inner.string();
    const bool wanted =
        arguments.ready ? is_among(source, names.ready) : !is_among(source, names.left_out);
    if (!source.empty() && wanted) found[source] = entry.path();
  }
  return found;
}

// One frame that says its content's size, without a checksum: whoever carries it has its own.
Result<Bytes> by_zstd(const Bytes& content) {
  Bytes packed(ZSTD_compressBound(content.size()));
  const std::size_t size =
      ZSTD_compress(packed.data(), packed.size(), content.data(), content.size(), ZSTD_maxCLevel());
  if (ZSTD_isError(size))
    return fail(ErrorKind::kInternal,
                std::string("zstd cannot pack the library: ") + ZSTD_getErrorName(size));
  packed.resize(size);
  return packed;
}

Result<void> run(const LibraryArguments& arguments) {
  PYLON_TRY(names, read_names(arguments));
  const bool bytecode = !arguments.bytecode.empty();
  link::LibraryArchive archive;
  say("packing the library");
  for (const auto& [source, file] : modules(bytecode ? arguments.bytecode : arguments.sources,
                                            bytecode ? ".pyc" : ".py", arguments, names)) {
    PYLON_TRY(content, read_file(file));
    if (archive.pending() > 0 && archive.pending() + content.size() > arguments.block_size)
      PYLON_CHECK(archive.end_block(by_zstd));
    const std::string guest = arguments.guest + "/" + source;
    PYLON_CHECK(bytecode ? archive.add_bytecode(guest, std::move(content))
                         : archive.add(guest, content));
  }
  PYLON_CHECK(archive.end_block(by_zstd));
  return write_file_atomically(arguments.output, archive.encode());
}

}  // namespace

void add_library_command(CLI::App& app, Action& chosen) {
  auto arguments = std::make_shared<LibraryArguments>();
  CLI::App* command = app.add_subcommand(
      "library", "Pack Python's standard library for the inside of a composed file");
  CLI::Option* sources =
      command->add_option("--sources", arguments->sources, "Pack the .py files below this folder");
  command->add_option("--bytecode", arguments->bytecode, "Pack the .pyc files below this folder")
      ->excludes(sources);
  command
      ->add_option("--guest", arguments->guest,
                   "The library's path in the guest: /pylon/lib/python3.14")
      ->required();
  command
      ->add_option("--list", arguments->list,
                   "Names of modules that stay out; small: of a small library only, ready: that it "
                   "has bytecode of")
      ->required();
  command->add_flag("--small", arguments->small, "Make a small library");
  command->add_flag("--ready", arguments->ready,
                    "Pack nothing but what the list marks with ready:");
  command->add_option("--block-size", arguments->block_size, "Bytes that are compressed together")
      ->capture_default_str();
  command->add_option("-o,--output", arguments->output, "The archive to write")->required();
  command->callback([arguments, &chosen] { chosen = [arguments] { return run(*arguments); }; });
}

}  // namespace pylon::build
