#include "snapshot/cold_image.hh"

#include <system_error>

#include "base/file.hh"
#include "snapshot/image_patch.hh"
#include "snapshot/template.hh"

namespace pylon::snapshot {
namespace {

// A file that goes away.
class TemporaryFile {
 public:
  explicit TemporaryFile(std::filesystem::path path) : path_(std::move(path)) {}
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile() {
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
  }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

Result<Bytes> compile(const engine::Engine& engine, const Bytes& component,
                      const std::filesystem::path& cwasm) {
  const std::string stem = (cwasm.parent_path() / ("." + cwasm.stem().string())).string();
  TemporaryFile wasm(stem + ".template.wasm");
  TemporaryFile compiled(stem + ".template.cwasm");
  PYLON_CHECK(write_file_atomically(wasm.path(), component));
  PYLON_CHECK(engine::compile_component(engine, wasm.path(), compiled.path()));
  return read_file(compiled.path());
}

}  // namespace

Result<void> make_cold_image(const engine::Engine& engine, const std::filesystem::path& wasm,
                             const std::filesystem::path& cwasm) {
  PYLON_TRY(component, read_file(wasm));
  PYLON_TRY(exchangeable, make_template(std::move(component), wasm.string()));
  PYLON_TRY(compiled, compile(engine, exchangeable.component, cwasm));
  PYLON_TRY(patch, ImagePatch::find(std::move(compiled), exchangeable.marked.bytes,
                                    exchangeable.marked.start));
  PYLON_CHECK(patch.replace(cold_image(std::move(exchangeable.marked)).bytes));
  PYLON_CHECK(patch.write(cwasm));
  return patch.write_record(cwasm);
}

}  // namespace pylon::snapshot
