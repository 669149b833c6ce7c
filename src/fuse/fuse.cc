#include "fuse/fuse.hh"

#include <stdlib.h>

#include <algorithm>
#include <cerrno>

#include "base/file.hh"
#include "fuse/emit.hh"
#include "fuse/image.hh"
#include "fuse/linkage.hh"
#include "fuse/map.hh"
#include "fuse/tool.hh"
#include "wasm/writer.hh"

namespace pylon::fuse {
namespace {

namespace fs = std::filesystem;
using wasm::ExternKind;
using wasm::SectionId;
using wasm::Writer;

// A directory for intermediate modules: the given one, or a temporary one that goes away.
class WorkDirectory {
 public:
  static Result<WorkDirectory> open(const FuseOptions& options) {
    std::error_code error;
    if (!options.work_directory.empty()) {
      fs::create_directories(options.work_directory, error);
      if (error) return fail(io_error("cannot create", options.work_directory, error.value()));
      return WorkDirectory(options.work_directory, false);
    }
    std::string path = options.output.string() + ".parts.XXXXXX";
    if (!::mkdtemp(path.data())) return fail(io_error("cannot create", path, errno));
    return WorkDirectory(path, true);
  }
  WorkDirectory(WorkDirectory&& other) noexcept
      : path_(std::exchange(other.path_, {})), temporary_(other.temporary_) {}
  WorkDirectory& operator=(WorkDirectory&&) = delete;
  ~WorkDirectory() {
    std::error_code ignored;
    if (temporary_ && !path_.empty()) fs::remove_all(path_, ignored);
  }
  fs::path operator/(const std::string& name) const { return path_ / name; }

 private:
  WorkDirectory(fs::path path, bool temporary) : path_(std::move(path)), temporary_(temporary) {}
  fs::path path_;
  bool temporary_;
};

bool uses_tags(const Linkage& linkage) {
  return std::any_of(linkage.libraries.begin(), linkage.libraries.end(),
                     [](const Library& l) { return l.module.total(ExternKind::kTag) > 0; });
}

class Fuser {
 public:
  Fuser(const FuseOptions& options, Linkage& linkage, const WorkDirectory& work)
      : options_(options), linkage_(linkage), work_(work) {}

  Result<FuseReport> run();

 private:
  Result<void> emit();
  Result<void> write_part(const std::string& name, const Bytes& bytes);
  Result<void> merge();
  Result<void> tidy();
  Result<void> optimise();
  Result<void> finish();
  std::vector<std::string> feature_flags() const;
  Bytes component_types() const;
  void progress(std::string_view step) const {
    if (options_.progress) options_.progress(step);
  }

  const FuseOptions& options_;
  Linkage& linkage_;
  const WorkDirectory& work_;
  std::vector<std::pair<std::string, std::string>> parts_;  // module name, file name
  FuseReport report_;
};

std::vector<std::string> Fuser::feature_flags() const {
  std::vector<std::string> flags = base_feature_flags();
  if (uses_tags(linkage_)) flags.push_back("--enable-exception-handling");
  for (const std::string& feature : options_.features) flags.push_back("--enable-" + feature);
  return flags;
}

Result<void> Fuser::write_part(const std::string& name, const Bytes& bytes) {
  std::string file = std::to_string(parts_.size()) + ".wasm";
  parts_.emplace_back(name, file);
  return write_file_atomically(work_ / file, bytes);
}

Result<void> Fuser::emit() {
  progress("applying relocations");
  std::vector<LibraryImage> images;
  for (const Library& library : linkage_.libraries) {
    PYLON_TRY(image, make_image(linkage_, library));
    report_.relocations += image.relocations;
    images.push_back(std::move(image));
  }
  PYLON_CHECK(write_part(std::string(kFrame), emit_frame(linkage_, images)));
  for (std::size_t index : linkage_.order) {
    PYLON_TRY(bytes, emit_library(linkage_, index, images[index], options_.keep_names));
    PYLON_CHECK(write_part(linkage_.libraries[index].name, bytes));
  }
  return {};
}

Result<void> Fuser::merge() {
  progress("merging " + std::to_string(parts_.size()) + " modules");
  std::vector<std::string> arguments;
  for (const auto& [name, file] : parts_) {
    arguments.push_back((work_ / file).string());
    arguments.push_back(name);
  }
  arguments.insert(arguments.end(), {"-o", (work_ / "merged.wasm").string()});
  if (options_.keep_names) arguments.emplace_back("-g");
  for (std::string& flag : feature_flags()) arguments.push_back(std::move(flag));
  // While it merges, wasm-merge counts every import of the one memory as a memory.
  arguments.emplace_back("--enable-multimemory");
  return run_tool(options_.wasm_merge, arguments);
}

// Gives the kept exports their public names and drops the others; checks that every import that is
// left is one for the host.
Result<void> Fuser::tidy() {
  PYLON_TRY(bytes, read_file(work_ / "merged.wasm"));
  PYLON_TRY(module, wasm::Module::parse(std::move(bytes), "merged module"));
  for (const wasm::Import& import : module.imports)
    for (const auto& [name, file] : parts_)
      if (import.module == name || import.type.kind != ExternKind::kFunction)
        return fail(ErrorKind::kInternal,
                    "wasm-merge left the import " + import.module + "." + import.field + " open");
  if (module.memories.size() != 1 || module.tables.size() != 1)
    return fail(ErrorKind::kInternal, "wasm-merge did not unite the memories and tables");
  Writer exports;
  exports.u32(static_cast<std::uint32_t>(linkage_.public_exports.size() + 1));
  auto keep = [&](const std::string& merged, const std::string& name) -> Result<void> {
    const wasm::Export* symbol = module.find_export(merged);
    if (!symbol) return fail(ErrorKind::kInternal, "wasm-merge lost the export " + merged);
    exports.name(name).u8(static_cast<std::uint8_t>(symbol->kind)).u32(symbol->index);
    return {};
  };
  PYLON_CHECK(keep("memory", "memory"));
  for (const auto& [name, library] : linkage_.public_exports)
    PYLON_CHECK(keep(merge_name(linkage_.libraries[library], name), name));
  Writer out;
  out.module_header();
  for (const wasm::Section& section : module.sections) {
    bool is_export = section.id == static_cast<std::uint8_t>(SectionId::kExport);
    if (section.id == 0) {
      out.custom_section(section.name, section.body);
    } else {
      out.section(section.id, is_export ? wasm::ByteView(exports.data()) : section.body);
    }
  }
  return write_file_atomically(work_ / "linked.wasm", out.data());
}

Result<void> Fuser::optimise() {
  if (options_.optimize == Optimize::kNone) {
    std::error_code error;
    fs::copy_file(work_ / "linked.wasm", work_ / "optimised.wasm",
                  fs::copy_options::overwrite_existing, error);
    if (error) return fail(io_error("cannot copy to", work_ / "optimised.wasm", error.value()));
    return {};
  }
  std::vector<std::string> arguments = {(work_ / "linked.wasm").string(), "-o",
                                        (work_ / "optimised.wasm").string()};
  if (options_.keep_names) arguments.emplace_back("-g");
  for (std::string& flag : feature_flags()) arguments.push_back(std::move(flag));
  if (options_.optimize == Optimize::kFold) {
    progress("folding addresses");
    arguments.insert(arguments.end(),
                     {"--simplify-globals", "--directize", "--duplicate-import-elimination",
                      "--remove-unused-module-elements"});
  } else {
    progress("optimising (a minute or two)");
    arguments.insert(arguments.end(), {"-O3", "-lmu", "--zero-filled-memory"});
  }
  return run_tool(options_.wasm_opt, arguments);
}

// The component types that the libraries carry, as sections of the result.
Bytes Fuser::component_types() const {
  Writer out;
  for (std::size_t index : linkage_.order)
    out.bytes(component_type_sections(linkage_.libraries[index].module));
  return out.take();
}

Result<void> Fuser::finish() {
  PYLON_TRY(bytes, read_file(work_ / "optimised.wasm"));
  PYLON_TRY(module, wasm::Module::parse(bytes, "optimised module"));
  std::size_t mutable_globals =
      std::count_if(module.globals.begin(), module.globals.end(),
                    [](const wasm::Global& g) { return g.type.is_mutable; });
  if (mutable_globals > 1 || module.start)
    return fail(
        ErrorKind::kInternal,
        "the optimised module has a start function or mutable globals beside the stack pointer");
  Bytes types = component_types();
  bytes.insert(bytes.end(), types.begin(), types.end());
  PYLON_CHECK(write_file_atomically(options_.output, bytes));
  if (options_.map.empty()) return {};
  std::string map = write_map(linkage_);
  return write_file_atomically(options_.map,
                               {reinterpret_cast<const std::uint8_t*>(map.data()), map.size()});
}

Result<FuseReport> Fuser::run() {
  PYLON_CHECK(emit());
  PYLON_CHECK(merge());
  PYLON_CHECK(tidy());
  PYLON_CHECK(optimise());
  PYLON_CHECK(finish());
  report_.data_end = linkage_.data_end;
  report_.memory_size = linkage_.memory_size;
  report_.table_size = linkage_.table_size;
  for (const Duplicate& duplicate : linkage_.duplicates)
    report_.duplicates.push_back(duplicate.name);
  report_.weak_undefined.assign(linkage_.weak_undefined.begin(), linkage_.weak_undefined.end());
  return std::move(report_);
}

}  // namespace

Bytes component_type_sections(const wasm::Module& module) {
  Writer out;
  for (const wasm::Section& section : module.sections)
    if (section.id == 0 && section.name.starts_with("component-type"))
      out.custom_section(section.name, section.body);
  return out.take();
}

std::vector<std::string> base_feature_flags() {
  // What the libraries' compilers use. Nothing newer: the result has to run in every engine of
  // today.
  return {"--mvp-features",
          "--enable-bulk-memory",
          "--enable-sign-ext",
          "--enable-mutable-globals",
          "--enable-nontrapping-float-to-int",
          "--enable-multivalue",
          "--enable-extended-const",
          "--enable-reference-types"};
}

Result<FuseReport> fuse(const FuseOptions& options) {
  std::vector<Library> libraries;
  for (const fs::path& path : options.libraries) {
    PYLON_TRY(library, load_library(path));
    libraries.push_back(std::move(library));
  }
  PYLON_TRY(linkage, link(std::move(libraries), options));
  PYLON_TRY(work, WorkDirectory::open(options));
  return Fuser(options, linkage, work).run();
}

}  // namespace pylon::fuse
