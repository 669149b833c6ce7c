#include "runtime/code_cache.hh"

#include <sys/auxv.h>
#include <unistd.h>

#if defined(__x86_64__)
#include <cpuid.h>
#endif

#include "base/file.hh"
#include "engine/engine.hh"
#include "runtime/directories.hh"
#include "runtime/tool.hh"

namespace pylon::runtime {
namespace {

namespace fs = std::filesystem;

// What the processor says it can do.
std::string processor() {
  std::string out =
      std::to_string(::getauxval(AT_HWCAP)) + " " + std::to_string(::getauxval(AT_HWCAP2));
#if defined(__x86_64__)
  for (unsigned leaf : {1u, 7u, 0x80000001u}) {
    unsigned a = 0, b = 0, c = 0, d = 0;
    if (!__get_cpuid_count(leaf, 0, &a, &b, &c, &d)) continue;
    if (leaf == 1) a = b = 0;  // stepping, and which core this happens to be
    for (unsigned word : {a, b, c, d}) out += " " + std::to_string(word);
  }
#endif
  return out;
}

fs::path record_path(const fs::path& code) {
  return code.string() + ".sha256";
}

Result<compose::Digest> read_record(const fs::path& code) {
  PYLON_TRY(bytes, read_file(record_path(code), 65));
  std::string text(bytes.begin(), bytes.end());
  if (!text.empty() && text.back() == '\n') text.pop_back();
  return compose::Digest::parse_hex(text);
}

std::string advice(const fs::path& code) {
  return "`rm " + code.string() + "`: it is compiled again when it is needed";
}

}  // namespace

std::string code_name(const compose::Digest& component) {
  static const std::string target =
      compose::Digest::of(engine::Engine::version() + " " + processor()).hex().substr(0, 16);
  return component.hex() + "-" + target + ".cwasm";
}

Result<void> keep_code(const fs::path& directory, const compose::Digest& component,
                       const fs::path& code) {
  PYLON_CHECK(make_private(directory));
  PYLON_TRY(bytes, read_file(code));
  const std::string record = compose::Digest::of(bytes).hex() + "\n";
  const fs::path target = directory / code_name(component);
  PYLON_CHECK(write_file_atomically(target, bytes));
  return write_file_atomically(
      record_path(target), {reinterpret_cast<const std::uint8_t*>(record.data()), record.size()});
}

// Whether there is such code; what may not be used is an error.
Result<bool> CodeCache::has(const fs::path& code, const std::string& id) const {
  if (::access(code.c_str(), F_OK) != 0) return false;
  PYLON_CHECK(check_private(code.parent_path(), owner_));
  const std::string what = "the compiled code of '" + id + "'";
  Result<compose::Digest> recorded = read_record(code);
  if (!recorded)
    return fail(Error(ErrorKind::kCorrupt,
                      what + " has no record of its digest: " + recorded.error().text(),
                      advice(code)));
  PYLON_CHECK(stamps_.check(code, *recorded, what, advice(code)));
  return true;
}

Result<fs::path> CodeCache::get(const compose::Digest& component, const std::string& id,
                                const fs::path& blob, const fs::path& compiler) const {
  const std::string name = code_name(component);
  const fs::path installed = install_ / name;
  PYLON_TRY(is_installed, has(installed, id));
  if (is_installed) return installed;
  Result<fs::path> cache = cache_directory();
  if (!cache)
    return fail(std::move(cache).error().within("there is no place for the code of '" + id + "'"));
  const fs::path own = *cache / "code", code = own / name;
  PYLON_TRY(is_there, has(code, id));
  if (is_there) return code;
  if (::access(compiler.c_str(), X_OK) != 0)
    return fail(
        ErrorKind::kInternal,
        "'" + id + "' is not compiled for this processor and engine, and " + compiler.string() +
            " is not there",
        "`pylon-build component " + blob.string() + " --output DIRECTORY` into " + own.string());
  PYLON_CHECK(run_tool({compiler.string(), "component", blob.string(), "--digest", component.text(),
                        "--output", own.string()}));
  PYLON_TRY(made, has(code, id));
  if (!made)
    return fail(ErrorKind::kInternal, compiler.string() + " left no " + code.string(),
                "install Pylon again, or build it again");
  return code;
}

}  // namespace pylon::runtime
