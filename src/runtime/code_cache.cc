#include "runtime/code_cache.hh"

#include <fcntl.h>
#include <spawn.h>
#include <sys/auxv.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#if defined(__x86_64__)
#include <cpuid.h>
#endif

#include "base/file.hh"
#include "engine/engine.hh"
#include "runtime/directories.hh"

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

// Runs a program with nothing on its standard input and output; what it says goes to standard
// error.
Result<void> run_program_to_its_end(const std::vector<std::string>& words) {
  std::vector<char*> arguments;
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t files;
  ::posix_spawn_file_actions_init(&files);
  ::posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_adddup2(&files, 2, 1);
  posix_spawnattr_t attributes;
  ::posix_spawnattr_init(&attributes);
  sigset_t none;
  sigemptyset(&none);
  ::posix_spawnattr_setsigmask(&attributes, &none);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
  pid_t child = 0;
  const int problem =
      ::posix_spawn(&child, arguments[0], &files, &attributes, arguments.data(), environ);
  ::posix_spawnattr_destroy(&attributes);
  ::posix_spawn_file_actions_destroy(&files);
  if (problem != 0) return fail(io_error("cannot run", words[0], problem));
  int status = 0;
  while (::waitpid(child, &status, 0) < 0)
    if (errno != EINTR) return fail(io_error("cannot wait for", words[0], errno));
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
  return fail(ErrorKind::kInternal, words[0] + " failed", "its own message says why");
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

CodeCache::CodeCache(fs::path install, std::optional<fs::path> person, uid_t owner,
                     const Stamps& stamps)
    : directories_{std::move(install)}, person_(std::move(person)), owner_(owner), stamps_(stamps) {
  if (person_) directories_.push_back(*person_);
}

Result<void> CodeCache::check(const fs::path& code, const std::string& id) const {
  PYLON_CHECK(check_private(code.parent_path(), owner_));
  const std::string what = "the compiled code of '" + id + "'";
  Result<compose::Digest> recorded = read_record(code);
  if (!recorded)
    return fail(Error(ErrorKind::kCorrupt,
                      what + " has no record of its digest: " + recorded.error().text(),
                      advice(code)));
  return stamps_.check(code, *recorded, what, advice(code));
}

Result<fs::path> CodeCache::get(const compose::Digest& component, const std::string& id,
                                const fs::path& blob, const fs::path& compiler) const {
  const std::string name = code_name(component);
  for (const fs::path& directory : directories_) {
    const fs::path code = directory / name;
    if (::access(code.c_str(), F_OK) != 0) continue;
    PYLON_CHECK(check(code, id));
    return code;
  }
  const std::string by_hand = "`pylon-build component " + blob.string() + " --output DIRECTORY`";
  if (!person_ || ::access(compiler.c_str(), X_OK) != 0)
    return fail(ErrorKind::kInternal,
                "'" + id + "' is not compiled for this processor and engine, and " +
                    (person_ ? compiler.string() + " is not there"
                             : std::string("there is no directory to keep its code in")),
                person_ ? by_hand + " into " + person_->string() : "set HOME or XDG_DATA_HOME");
  PYLON_CHECK(run_program_to_its_end({compiler.string(), "component", blob.string(), "--digest",
                                      component.text(), "--output", person_->string()}));
  const fs::path code = *person_ / name;
  PYLON_CHECK(check(code, id));
  return code;
}

}  // namespace pylon::runtime
