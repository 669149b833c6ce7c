#include "runtime/bytecode.hh"

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.hh"
#include "runtime/directories.hh"
#include "runtime/tool.hh"

namespace pylon::runtime {
namespace {

namespace fs = std::filesystem;

constexpr const char* kGuestDirectory = "/pylon/caps";
constexpr std::size_t kMaxBytecode = std::size_t{16} << 20;
constexpr std::string_view kProgram = R"(import compileall, py_compile, sys
compileall.compile_dir(sys.argv[1], quiet=2, stripdir=sys.argv[1], prependdir=sys.argv[2],
                       invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH)
)";

std::span<const std::uint8_t> as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

// What may not be read, or leads out of the copy, is as if it was not there.
bool lies_in(const fs::path& file, const fs::path& directory) {
  std::error_code problem;
  return fs::is_regular_file(fs::symlink_status(file, problem)) &&
         fs::canonical(file, problem) ==
             fs::canonical(directory, problem) / file.lexically_relative(directory);
}

// The files below `directory` with that ending, relative to it.
std::vector<fs::path> files_below(const fs::path& directory, const char* extension) {
  std::vector<fs::path> out;
  std::error_code problem;
  for (auto at = fs::recursive_directory_iterator(directory, problem);
       !problem && at != fs::recursive_directory_iterator(); at.increment(problem))
    if (at->path().extension() == extension)
      out.push_back(at->path().lexically_relative(directory));
  return out;
}

// The module that "site/__pycache__/a.cpython-314.pyc" would be the bytecode of: "site/a.py".
fs::path module_of(const fs::path& bytecode) {
  const std::string name = bytecode.filename().string();
  return bytecode.parent_path().parent_path() / (name.substr(0, name.find('.')) + ".py");
}

Result<void> take_bytecode(const fs::path& copy, const fs::path& directory) {
  for (const fs::path& file : files_below(copy, ".pyc")) {
    std::error_code problem;
    if (file.parent_path().filename() != "__pycache__" || !lies_in(copy / file, copy) ||
        !fs::is_regular_file(directory / module_of(file), problem))
      continue;
    PYLON_TRY(bytes, read_file(copy / file, kMaxBytecode));
    PYLON_CHECK(make_private((directory / file).parent_path()));
    PYLON_CHECK(write_file_atomically(directory / file, bytes));
  }
  return {};
}

}  // namespace

Result<void> compile_modules(const fs::path& launcher, const fs::path& directory) {
  const fs::path copy = directory.string() + ".compiled";
  std::error_code problem;
  fs::remove_all(copy, problem);
  fs::copy(directory, copy, fs::copy_options::recursive, problem);
  if (problem) return fail(io_error("cannot copy to", copy, problem.value()));
  const fs::path program = copy / "compile.py";
  Result<void> done = write_file_atomically(program, as_bytes(kProgram));
  if (done)
    done = run_tool({launcher.string(), "--allow-write=" + copy.string(), "--timeout=60s", "-I",
                     "-S", program.string(), copy.string(), kGuestDirectory});
  if (done) done = take_bytecode(copy, directory);
  fs::remove_all(copy, problem);
  if (!done) return fail(std::move(done).error().within("cannot compile " + directory.string()));
  return {};
}

}  // namespace pylon::runtime
